// Repeat customers, fulfilment, and what a promotion did.
import { Bars } from "./Bars";
import styles from "./Dashboard.module.css";
import { Question } from "./Question";
import type { Days } from "./reads";
import { moneyOf } from "./Sales";

export function Buyers({ days }: { days: Days }) {
  return (
    <Question
      path="/api/v1/analytics/repeat-customers"
      title="How many buy again?"
      days={days}
      chart={([row]) => (
        <>
          <div className={styles["big"]}>
            {typeof row?.percentage === "number" ? `${row.percentage.toFixed(1)} %` : "Nobody bought"}
          </div>
          <p className={styles["note"]}>
            {row?.repeatBuyers} of {row?.buyers} buyers bought twice or more
          </p>
        </>
      )}
      columns={[
        { name: "Buyers", number: true, cell: (row) => row.buyers },
        { name: "Bought again", number: true, cell: (row) => row.repeatBuyers },
        { name: "Percentage", number: true, cell: (row) => row.percentage ?? "—" },
      ]}
    />
  );
}

export function Fulfilment({ days }: { days: Days }) {
  return (
    <Question
      path="/api/v1/analytics/fulfilment-time"
      title="How long from order to delivery?"
      days={days}
      chart={(rows) => (
        <Bars
          label="Average time to delivery by segment"
          bars={rows.map((row) => ({
            label: row.segment,
            value: row.averageHours ?? 0,
            text: `${hoursOf(row.averageHours)} · ${row.unfulfilled} open`,
          }))}
        />
      )}
      columns={[
        { name: "Segment", cell: (row) => row.segment },
        { name: "Delivered", number: true, cell: (row) => row.delivered },
        { name: "Average", number: true, cell: (row) => hoursOf(row.averageHours) },
        { name: "Half within", number: true, cell: (row) => hoursOf(row.p50Hours) },
        { name: "95 % within", number: true, cell: (row) => hoursOf(row.p95Hours) },
        { name: "Not yet delivered", number: true, cell: (row) => row.unfulfilled },
      ]}
    />
  );
}

export function Promotions({ days }: { days: Days }) {
  return (
    <Question
      path="/api/v1/analytics/promotion-effect"
      title="What did the last promotion do?"
      days={days}
      chart={(rows, { promotion }) => (
        <>
          <p className={styles["note"]}>
            {promotion === null
              ? "No promotion has started in these days."
              : `${promotion.name}${promotion.stillRunning ? ", still running: what follows is not all yet" : ""}`}
          </p>
          <Bars
            label="Orders before, during and after"
            bars={rows.map((row) => ({
              label: row.window,
              value: row.orders,
              text: `${row.orders} orders · ${moneyOf(row.amount, row.currency)}`,
              group: row.window === "during" ? 0 : 5,
            }))}
          />
        </>
      )}
      columns={[
        { name: "When", cell: (row) => row.window },
        { name: "From", cell: (row) => row.startsAt.slice(0, 16).replace("T", " ") },
        { name: "Until", cell: (row) => row.endsAt.slice(0, 16).replace("T", " ") },
        { name: "Orders", number: true, cell: (row) => row.orders },
        { name: "Amount", number: true, cell: (row) => moneyOf(row.amount, row.currency) },
      ]}
    />
  );
}

function hoursOf(hours: number | null): string {
  if (hours === null) return "—";
  return hours < 48 ? `${hours.toFixed(1)} h` : `${(hours / 24).toFixed(1)} days`;
}
