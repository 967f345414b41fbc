// Sales by month and segment: the one question with choices of its own.
import { useState } from "react";

import { Choice } from "../shell/Choice";
import { showMoney } from "../shell/money";
import styles from "./Dashboard.module.css";
import { Lines } from "./Lines";
import { Question } from "./Question";
import type { Days, RowOf } from "./reads";

type Row = RowOf<"/api/v1/analytics/sales-by-month">;

export function Sales({ days }: { days: Days }) {
  const [segment, setSegment] = useState<"order" | "current">("order");
  const [refunds, setRefunds] = useState<"own" | "sale">("own");
  return (
    <Question
      path="/api/v1/analytics/sales-by-month"
      title="What was sold in each month, by segment?"
      days={days}
      more={{ segment, restated: String(refunds === "sale") }}
      wide
      chart={(rows) => <Months rows={rows} />}
      columns={[
        { name: "Month", cell: (row) => row.month },
        { name: "Segment", cell: (row) => row.segment ?? "—" },
        { name: "Orders", number: true, cell: (row) => row.orders },
        { name: "Sales", number: true, cell: (row) => moneyOf(row.sales, row.currency) },
        { name: "Refunds", number: true, cell: (row) => moneyOf(row.refunds, row.currency) },
        { name: "Amount", number: true, cell: (row) => moneyOf(row.amount, row.currency) },
      ]}
    >
      <div className={styles["choices"]}>
        <Choice
          label="Segment"
          value={segment}
          options={[
            { value: "order", label: "When it was ordered" },
            { value: "current", label: "The customer’s now" },
          ]}
          onChange={setSegment}
        />
        <Choice
          label="Refunds"
          value={refunds}
          options={[
            { value: "own", label: "In their own month" },
            { value: "sale", label: "In the month of the sale" },
          ]}
          onChange={setRefunds}
        />
      </div>
    </Question>
  );
}

export function moneyOf(amount: number | null, currency: string | null): string {
  return amount === null ? "hidden" : currency === null ? String(amount) : showMoney(amount, currency);
}

function Months({ rows }: { rows: readonly Row[] }) {
  const months = [...new Set(rows.map((row) => row.month))].sort();
  const segments = [...new Set(rows.map((row) => row.segment).filter((each) => each !== null))].sort();
  const currency = rows.find((row) => row.currency !== null)?.currency ?? null;
  const amounts = new Map(rows.map((row) => [`${row.month} ${row.segment ?? ""}`, row.amount]));
  return (
    <Lines
      label="Amount of each month, a line a segment"
      points={months}
      lines={segments.map((name) => ({ name, values: months.map((month) => amounts.get(`${month} ${name}`) ?? 0) }))}
      show={(value) => moneyOf(Math.round(value), currency)}
    />
  );
}
