// Where a write stands, beside what it is about: sending → stored → visible.
import type { Intent, State } from "./intent";
import styles from "./Chip.module.css";

const WORDS: Record<State, string> = {
  sending: "Sending",
  stored: "Stored",
  visible: "Visible",
  conflict: "Needs your decision",
  refused: "Not stored",
};

export function Chip({ intent }: { intent: Intent | undefined }) {
  if (intent === undefined) return null;
  return (
    <span className={styles["chip"]} data-state={intent.state} title={intent.note ?? undefined}>
      {WORDS[intent.state]}
    </span>
  );
}
