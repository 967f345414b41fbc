// Whether what one sees is live. In words, not by colour alone.
import { useLiveState } from "../live/live";
import styles from "./LiveMark.module.css";

const WORDS = { live: "Live", connecting: "Connecting", waiting: "Not live" } as const;

export function LiveMark() {
  const state = useLiveState();
  return (
    <span className={styles["mark"]} data-state={state} role="status">
      {WORDS[state]}
    </span>
  );
}
