// The account at any of its moments: a slider over what happened, the balance of then, and what came in between.
import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";

import type { components } from "../api/schema";
import { Choice } from "../shell/Choice";
import { showMoney } from "../shell/money";
import { Waiting, Wrong } from "../shell/Panels";
import styles from "./Account.module.css";
import type { AccountDto } from "./model";
import { balanceAt, type Clock, EVENTS_SHOWN, eventsOf } from "./reads";

type Entry = components["schemas"]["AuditEntry"];

const CLOCKS: { value: Clock; label: string }[] = [
  { value: "as_of", label: "When it happened" },
  { value: "as_known_at", label: "When it was recorded" },
];
const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

export function AsOf({ account }: { account: AccountDto }) {
  const trail = useQuery(eventsOf(account.id));
  return (
    <section className={styles["panel"]} aria-labelledby="as-of">
      <h2 id="as-of">As it was</h2>
      {trail.isPending && <Waiting rows={1} height={80} />}
      {trail.isError && <Wrong error={trail.error} again={() => void trail.refetch()} />}
      {trail.isSuccess && <Slider account={account} events={trail.data.events} isWhole={trail.data.next === null} />}
    </section>
  );
}

function Slider({ account, events, isWhole }: { account: AccountDto; events: Entry[]; isWhole: boolean }) {
  const [clock, setClock] = useState<Clock>("as_of");
  const [chosen, setChosen] = useState<number | null>(null);
  const label = useId();
  const moments = momentsOf(events, clock);
  const last = moments.length - 1;
  const at = Math.min(chosen ?? last, last);
  const moment = moments[at] ?? "";
  const then = useQuery(balanceAt(account.id, clock, moment));
  const since = events.filter((each) => timeOf(each, clock) > moment).sort((a, b) => a.version - b.version);
  return (
    <>
      <div className={styles["heads"]}>
        <label id={label} htmlFor={`${label}-range`}>
          {exact.format(new Date(moment))}
        </label>
        <Choice hidden label="By which time" value={clock} options={CLOCKS} onChange={setClock} />
      </div>
      <input
        id={`${label}-range`}
        className={styles["slider"]}
        type="range"
        min={0}
        max={last}
        value={at}
        onChange={(event) => setChosen(event.currentTarget.valueAsNumber)}
        aria-valuetext={exact.format(new Date(moment))}
      />
      {then.isError ? (
        <Wrong error={then.error} again={() => void then.refetch()} />
      ) : (
        <dl className={styles["then"]} aria-live="polite" aria-busy={then.isPlaceholderData}>
          <div>
            <dt>Then</dt>
            <dd data-testid="balance-then">
              {then.data === undefined ? "…" : showMoney(then.data.balance, account.currency)}
            </dd>
          </div>
          <div>
            <dt>Now</dt>
            <dd>{showMoney(account.balance, account.currency)}</dd>
          </div>
          <div>
            <dt>In between</dt>
            <dd>{since.length === 0 ? "nothing" : since.length === 1 ? "1 event" : `${since.length} events`}</dd>
          </div>
        </dl>
      )}
      <ol className={styles["between"]} aria-label="Events in between" tabIndex={since.length > 6 ? 0 : undefined}>
        {since.map((each) => (
          <li key={each.version}>
            <span>{nameOf(each)}</span>
            <span>{amountOf(each, account.currency)}</span>
            <span className={styles["quiet"]}>{exact.format(new Date(timeOf(each, clock)))}</span>
          </li>
        ))}
      </ol>
      {!isWhole && <p className={styles["quiet"]}>The slider goes over the first {EVENTS_SHOWN} events.</p>}
    </>
  );
}

function timeOf(event: Entry, clock: Clock): string {
  return clock === "as_of" ? event.occurredAt : event.recordedAt;
}

/** The moments at which something happened, each once, in order. */
function momentsOf(events: readonly Entry[], clock: Clock): string[] {
  return [...new Set(events.map((each) => timeOf(each, clock)))].sort();
}

function nameOf(event: Entry): string {
  return event.type.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
}

function amountOf(event: Entry, currency: string): string {
  const amount = event.data["amount"];
  return typeof amount === "number" ? showMoney(amount, currency) : "";
}
