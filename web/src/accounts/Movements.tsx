// Paying in, taking out, transferring, closing. What the rules refuse for other reasons comes back as refused.
import { Button, SegmentedControl, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";

import { Choice } from "../shell/Choice";
import { Confirm } from "../shell/Confirm";
import { readMoney } from "../shell/money";
import styles from "./Account.module.css";
import { closeAccount, deposit, transfer, withdraw } from "./intents";
import type { AccountDto } from "./model";
import { myAccounts } from "./reads";

type Way = "deposit" | "withdraw" | "transfer";
const WAYS: { value: Way; label: string; action: string }[] = [
  { value: "deposit", label: "Pay in", action: "Pay in" },
  { value: "withdraw", label: "Take out", action: "Take out" },
  { value: "transfer", label: "Transfer", action: "Transfer" },
];
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function Movements({ account }: { account: AccountDto }) {
  const [way, setWay] = useState<Way>("deposit");
  const [typed, setTyped] = useState("");
  const [reference, setReference] = useState("");
  const [to, setTo] = useState("");
  const others = useQuery(myAccounts).data?.accounts.filter((each) => each.id !== account.id) ?? [];
  const amount = readMoney(typed, account.currency);
  const fits = amount !== null && (way !== "transfer" || (ID.test(to.trim()) && to.trim() !== account.id));

  function submit(event: SyntheticEvent): void {
    event.preventDefault();
    if (!fits) return;
    const words = reference.trim() === "" ? null : reference.trim();
    if (way === "deposit") deposit(account.id, amount, words);
    else if (way === "withdraw") withdraw(account.id, amount, words);
    else transfer(account.id, to.trim().toLowerCase(), amount, words);
    setTyped("");
    setReference("");
  }
  return (
    <section className={styles["panel"]} aria-label="Move money">
      <div className={styles["heads"]}>
        <SegmentedControl aria-label="What to do" data={WAYS} value={way} onChange={setWay} />
        <Closing account={account} others={others} />
      </div>
      <form className={styles["row"]} onSubmit={submit}>
        <TextInput
          label={`Amount in ${account.currency}`}
          inputMode="decimal"
          autoComplete="off"
          placeholder="0.00"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          error={typed.trim() !== "" && amount === null ? "An amount above zero, like 12.50" : null}
        />
        {way === "transfer" && (
          <TextInput
            label="To the account"
            list="my-accounts"
            autoComplete="off"
            placeholder="Its id"
            value={to}
            onChange={(event) => setTo(event.currentTarget.value)}
            error={to.trim() !== "" && !ID.test(to.trim()) ? "The id of an account" : null}
          />
        )}
        <datalist id="my-accounts">
          {others.map((each) => (
            <option key={each.id} value={each.id}>
              {each.currency}
            </option>
          ))}
        </datalist>
        <TextInput
          label="Reference, if any"
          maxLength={140}
          value={reference}
          onChange={(event) => setReference(event.currentTarget.value)}
        />
        <Button type="submit" disabled={!fits}>
          {WAYS.find((each) => each.value === way)?.action}
        </Button>
      </form>
    </section>
  );
}

/** An empty account is closed as it is; what is left in another goes to one of the same currency first, in one commit. */
function Closing({ account, others }: { account: AccountDto; others: readonly AccountDto[] }) {
  const payees = others.filter((each) => each.currency === account.currency && each.status === "open");
  const [chosen, setChosen] = useState<string | null>(null);
  const payee = payees.find((each) => each.id === chosen) ?? payees[0];
  const isEmpty = account.balance === 0;
  if (!isEmpty && payee === undefined) return null;
  return (
    <div className={styles["closing"]}>
      {!isEmpty && payee !== undefined && (
        <Choice
          hidden
          label="The rest goes to"
          value={payee.id}
          options={payees.map((each) => ({ value: each.id, label: `to ${each.id.slice(-8)}` }))}
          onChange={setChosen}
        />
      )}
      <Confirm
        action={isEmpty ? "Close the account" : "Pay out and close"}
        question="Close it for good?"
        onConfirm={() => void closeAccount(account, isEmpty ? null : (payee?.id ?? null))}
      />
    </div>
  );
}
