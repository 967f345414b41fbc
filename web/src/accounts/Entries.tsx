// The statement: every entry with the balance after it, newest first; what is under way stands above.
import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";

import { Csv } from "../shell/Csv";
import { showMoney } from "../shell/money";
import { Moment } from "../shell/Moment";
import { Empty, Waiting, Wrong } from "../shell/Panels";
import { Chip } from "../writes/Chip";
import type { Intent } from "../writes/intent";
import styles from "./Account.module.css";
import { drawAccount } from "./overlay";
import type { AccountDto, StatementLine } from "./model";
import { statementOf } from "./reads";

const WORDS: Record<StatementLine["kind"], string> = {
  deposit: "Deposit",
  withdrawal: "Withdrawal",
  "transfer-in": "Transfer received",
  "transfer-out": "Transfer sent",
};

export function Entries({ account, intents }: { account: AccountDto; intents: readonly Intent[] }) {
  const statement = useInfiniteQuery(statementOf(account.id));
  const lines = statement.data?.pages.flatMap((page) => page.lines) ?? [];
  // what this very statement lacks: the account may have been read at another moment
  const version = statement.data?.pages[0]?.version ?? 0;
  const underWay = statement.isSuccess ? drawAccount({ ...account, version }, intents).entries : [];
  const money = (amount: number): string => showMoney(amount, account.currency);
  return (
    <section className={styles["panel"]} aria-labelledby="statement">
      <div className={styles["heads"]}>
        <h2 id="statement">Statement</h2>
        <Csv
          path={`/api/v1/accounts/${account.id}/statement?format=csv&limit=1000`}
          name={`statement-${account.id}.csv`}
        />
      </div>
      {statement.isPending && <Waiting rows={2} height={40} />}
      {statement.isError && <Wrong error={statement.error} again={() => void statement.refetch()} />}
      {statement.isSuccess && lines.length + underWay.length === 0 && <Empty title="No entries yet" />}
      {lines.length + underWay.length > 0 && (
        <div className={styles["scroll"]} tabIndex={0} role="region" aria-label="Entries">
          <table className={styles["table"]} aria-label="Statement">
            <thead>
              <tr>
                <th scope="col">Entry</th>
                <th scope="col">When</th>
                <th scope="col" className={styles["number"]}>
                  Amount
                </th>
                <th scope="col" className={styles["number"]}>
                  Balance
                </th>
              </tr>
            </thead>
            <tbody>
              {underWay.map((each) => (
                <tr key={each.id} data-underway="true">
                  <td>{each.words}</td>
                  <td>
                    <Chip intent={each.intent} />
                  </td>
                  <td className={styles["number"]}>{money(each.amount)}</td>
                  <td />
                </tr>
              ))}
              {lines.map((line) => (
                <tr key={line.version}>
                  <td>
                    {WORDS[line.kind]}
                    {line.reference !== null && <span className={styles["quiet"]}> · {line.reference}</span>}
                  </td>
                  <td>
                    <Moment at={line.occurredAt} />
                  </td>
                  <td className={styles["number"]}>{money(isIncome(line) ? line.amount : -line.amount)}</td>
                  <td className={styles["number"]}>{money(line.balance)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {statement.hasNextPage && (
        <Button variant="default" loading={statement.isFetchingNextPage} onClick={() => void statement.fetchNextPage()}>
          Show older entries
        </Button>
      )}
    </section>
  );
}

function isIncome(line: StatementLine): boolean {
  return line.kind === "deposit" || line.kind === "transfer-in";
}
