// Writes that need a word: refused ones, until the person has seen why, and those that take long. All steps are told to
// screen readers here.
import { Button } from "@mantine/core";

import { explain } from "../api/problem";
import { useNow } from "../shell/clock";
import type { Intent } from "./intent";
import styles from "./Tray.module.css";
import { journal, useIntents } from "./writes";

const LONG_MS = 1_500;

export function Tray() {
  const intents = useIntents();
  const now = useNow(500);
  const refused = intents.filter((each) => each.state === "refused");
  const long = intents.filter((each) => isOnItsWay(each) && each.note !== null && now - each.since > LONG_MS);
  const latest = intents.at(-1);
  return (
    <div className={styles["tray"]}>
      <p className={styles["spoken"]} role="status">
        {latest !== undefined && `${latest.label}: ${latest.state}`}
      </p>
      {long.length > 0 && (
        <div className={styles["note"]} data-kind="waiting">
          <p>
            <strong>{long.length === 1 ? long[0]?.label : `${long.length} writes`}</strong> · {long[0]?.note}
          </p>
        </div>
      )}
      {refused.map((each) => (
        <Refused key={each.id} intent={each} />
      ))}
    </div>
  );
}

function Refused({ intent }: { intent: Intent }) {
  if (intent.problem === null) return null;
  const { title, advice } = explain(intent.problem);
  const text = intent.draft["message"] ?? intent.draft["comment"]; // not lost: it can be copied from here
  return (
    <div className={styles["note"]} data-kind="refused" role="alert">
      <p>
        <strong>
          {intent.label} was not stored. {title}.
        </strong>{" "}
        {intent.problem.detail}. {advice}
        {typeof text === "string" && <q className={styles["text"]}>{text}</q>}
      </p>
      <Button size="compact-sm" variant="default" onClick={() => journal.drop(intent.id)}>
        Close
      </Button>
    </div>
  );
}

function isOnItsWay(intent: Intent): boolean {
  return intent.state === "sending" || intent.state === "stored";
}
