// Paying in, taking out, transferring, closing. What the rules refuse for other reasons comes back as refused.
import { Button, SegmentedControl, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type SyntheticEvent, useState } from "react";

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
        <Confirm
          action="Close the account"
          question={account.balance === 0 ? "Close it for good?" : "Empty it first"}
          onConfirm={() => {
            if (account.balance === 0) closeAccount(account, null);
          }}
        />
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
