// One account: its balance, what can be done with it, how it stood at any moment, and its statement.
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";

import { showMoney } from "../shell/money";
import { Waiting, Wrong } from "../shell/Panels";
import { session } from "../shell/session";
import { isPending } from "../writes/intent";
import { Chip } from "../writes/Chip";
import { useIntents } from "../writes/writes";
import styles from "./Account.module.css";
import { AsOf } from "./AsOf";
import { Entries } from "./Entries";
import { Movements } from "./Movements";
import { draftAccount, drawAccount } from "./overlay";
import { streamOf } from "./model";
import { oneAccount } from "./reads";

export function AccountPage() {
  const { accountId } = useParams({ from: "/signed-in/accounts/$accountId" });
  const intents = useIntents();
  const read = useQuery(oneAccount(accountId));
  const opening = intents.find(
    (each) => each.kind === "account.open" && each.stream === streamOf(accountId) && isPending(each),
  );
  const account = read.data ?? (opening === undefined ? undefined : draftAccount(opening));
  const drawn = account === undefined ? undefined : drawAccount(account, intents);
  return (
    <div className={styles["page"]}>
      <Link to="/accounts" className={styles["back"]}>
        ← All accounts
      </Link>
      {drawn === undefined && read.isPending && <Waiting rows={2} />}
      {drawn === undefined && read.isError && <Wrong error={read.error} again={() => void read.refetch()} />}
      {drawn !== undefined && (
        <>
          <header className={styles["head"]}>
            <h1>{drawn.it.currency} account</h1>
            <span className={styles["id"]}>{drawn.it.id}</span>
            <span className={styles["state"]}>
              {drawn.it.status === "closed" && <strong>Closed</strong>} <Chip intent={drawn.intent} />
            </span>
            <output className={styles["balance"]} aria-label="Balance">
              {showMoney(drawn.it.balance, drawn.it.currency)}
            </output>
          </header>
          {drawn.it.status === "open" && session.can("accounts:write") && <Movements account={drawn.it} />}
          {drawn.it.version > 0 && <AsOf account={drawn.it} />}
          {drawn.it.version > 0 && <Entries account={drawn.it} intents={intents} />}
        </>
      )}
    </div>
  );
}
