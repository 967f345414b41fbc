// Bars, longest to the right. A picture of the table beside it: whoever cannot see it reads that.
import styles from "./Charts.module.css";

export interface Bar {
  label: string;
  value: number;
  text: string;
  /** Which colour: bars of one group have one. */
  group?: number;
}

export function Bars({ label, bars }: { label: string; bars: readonly Bar[] }) {
  const longest = Math.max(...bars.map((bar) => bar.value), 0);
  return (
    <div
      className={styles["bars"]}
      role="img"
      aria-label={`${label}: ${bars.map((bar) => `${bar.label} ${bar.text}`).join(", ")}`}
    >
      {bars.map((bar, row) => (
        <div key={row} className={styles["bar"]}>
          <span className={styles["label"]} title={bar.label}>
            {bar.label}
          </span>
          <span className={styles["track"]}>
            <span
              className={styles["length"]}
              data-group={(bar.group ?? 0) % GROUPS}
              style={{ inlineSize: longest > 0 ? `${(Math.max(bar.value, 0) / longest) * 100}%` : 0 }}
            />
          </span>
          <span className={styles["value"]}>{bar.text}</span>
        </div>
      ))}
    </div>
  );
}

export const GROUPS = 6;
