// My accounts, now or as they stood at the end of a day, and opening another.
import { Button, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { Choice } from "../shell/Choice";
import { showMoney } from "../shell/money";
import { Empty, Waiting, Wrong } from "../shell/Panels";
import { session } from "../shell/session";
import { Chip } from "../writes/Chip";
import { useIntents } from "../writes/writes";
import styles from "./Accounts.module.css";
import { openAccount } from "./intents";
import { drawAccounts } from "./overlay";
import { balancesAt, myAccounts } from "./reads";

const CURRENCIES = ["EUR", "USD", "GBP", "CHF", "JPY", "SEK", "PLN"];

export function AccountsPage() {
  const read = useQuery(myAccounts);
  const accounts = drawAccounts(read.data?.accounts ?? [], useIntents());
  const [day, setDay] = useState("");
  const then = useQuery(balancesAt(day));
  return (
    <div className={styles["page"]}>
      <div className={styles["top"]}>
        <h1>Accounts</h1>
        <TextInput
          type="date"
          label="As of the end of"
          size="sm"
          max={new Date().toISOString().slice(0, 10)}
          value={day}
          onChange={(event) => setDay(event.currentTarget.value)}
        />
      </div>
      {read.isPending && <Waiting rows={2} height={92} />}
      {read.isError && <Wrong error={read.error} again={() => void read.refetch()} />}
      {day !== "" && then.isError && <Wrong error={then.error} again={() => void then.refetch()} />}
      {read.isSuccess && accounts.length === 0 && <Empty title="No account yet">Open the first one below.</Empty>}
      <ul className={styles["list"]} aria-label="My accounts">
        {accounts.map(({ it, intent }) => {
          const old = then.data?.accounts.find((each) => each.accountId === it.id);
          return (
            <li key={it.id}>
              <Link to="/accounts/$accountId" params={{ accountId: it.id }} className={styles["card"]}>
                <span className={styles["name"]}>
                  {it.currency} account <small>{it.id.slice(-8)}</small>
                </span>
                <Chip intent={intent} />
                <span className={styles["balance"]}>
                  {day === ""
                    ? showMoney(it.balance, it.currency)
                    : old === undefined
                      ? "not open yet"
                      : showMoney(old.balance, old.currency)}
                </span>
                {it.status === "closed" && day === "" && <span className={styles["closed"]}>closed</span>}
              </Link>
            </li>
          );
        })}
      </ul>
      {session.can("accounts:write") && <Open />}
    </div>
  );
}

function Open() {
  const [currency, setCurrency] = useState("EUR");
  return (
    <form
      className={styles["open"]}
      onSubmit={(event) => {
        event.preventDefault();
        openAccount(currency);
      }}
    >
      <Choice label="Currency" value={currency} options={CURRENCIES} onChange={setCurrency} />
      <Button type="submit" variant="default">
        Open an account
      </Button>
    </form>
  );
}
