// Lines over the same points in time, told apart by colour, by dashes, and by a legend.
import styles from "./Charts.module.css";
import { GROUPS } from "./Bars";
import { ticksUpTo } from "./scale";

export interface Line {
  name: string;
  values: readonly number[];
}

interface Props {
  label: string;
  points: readonly string[];
  lines: readonly Line[];
  show: (value: number) => string;
}

const WIDTH = 640;
const HEIGHT = 220;
const LEFT = 74;
const BOTTOM = 26;
const TOP = 10;

export function Lines({ label, points, lines, show }: Props) {
  const ticks = ticksUpTo(Math.max(...lines.flatMap((line) => line.values), 1));
  const top = ticks.at(-1) ?? 1;
  const x = (at: number): number => LEFT + (at * (WIDTH - LEFT - 12)) / Math.max(points.length - 1, 1);
  const y = (value: number): number => HEIGHT - BOTTOM - (Math.max(value, 0) / top) * (HEIGHT - BOTTOM - TOP);
  const every = Math.ceil(points.length / 6);
  return (
    <figure className={styles["figure"]}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label} className={styles["lines"]}>
        {ticks.map((tick) => (
          <g key={tick}>
            <line x1={LEFT} x2={WIDTH - 12} y1={y(tick)} y2={y(tick)} className={styles["grid"]} />
            <text x={LEFT - 8} y={y(tick) + 4} textAnchor="end">
              {show(tick)}
            </text>
          </g>
        ))}
        {points.map((point, at) =>
          at % every === 0 ? (
            <text key={point} x={x(at)} y={HEIGHT - 6} textAnchor={at === points.length - 1 ? "end" : "middle"}>
              {point}
            </text>
          ) : null,
        )}
        {lines.map((line, group) => (
          <polyline
            key={line.name}
            data-group={group % GROUPS}
            className={styles["line"]}
            points={line.values.map((value, at) => `${x(at)},${y(value)}`).join(" ")}
          />
        ))}
      </svg>
      <figcaption className={styles["legend"]}>
        {lines.map((line, group) => (
          <span key={line.name} className={styles["key"]} data-group={group % GROUPS}>
            {line.name}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}
