// The seven questions, each asked again when the shop moves on.
import { TextInput } from "@mantine/core";
import { useState } from "react";

import { Bars } from "./Bars";
import styles from "./Dashboard.module.css";
import { Buyers, Fulfilment, Promotions } from "./People";
import { Question } from "./Question";
import type { Days } from "./reads";
import { moneyOf, Sales } from "./Sales";

export function DashboardPage() {
  const [from, setFrom] = useState("");
  const [until, setUntil] = useState("");
  const days: Days = from !== "" && until !== "" && from < until ? { from, until } : {};
  return (
    <div className={styles["page"]}>
      <div className={styles["top"]}>
        <h1>Questions</h1>
        <TextInput
          type="date"
          label="From"
          size="sm"
          value={from}
          onChange={(event) => setFrom(event.currentTarget.value)}
        />
        <TextInput
          type="date"
          label="Until before"
          size="sm"
          value={until}
          error={from !== "" && until !== "" && from >= until ? "Later than from" : null}
          onChange={(event) => setUntil(event.currentTarget.value)}
        />
      </div>
      <div className={styles["grid"]}>
        <Sales days={days} />
        <Question
          path="/api/v1/analytics/segments"
          title="Which segments buy most, and most often?"
          days={days}
          chart={(rows) => (
            <Bars
              label="Amount by segment"
              bars={rows
                .toSorted((one, other) => other.amount - one.amount)
                .map((row) => ({
                  label: row.segment,
                  value: row.amount,
                  text: `${moneyOf(row.amount, row.currency)} · ${row.orders} orders`,
                }))}
            />
          )}
          columns={[
            { name: "Segment", cell: (row) => row.segment },
            { name: "Amount", number: true, cell: (row) => moneyOf(row.amount, row.currency) },
            { name: "Orders", number: true, cell: (row) => row.orders },
            { name: "Buyers", number: true, cell: (row) => row.buyers },
            { name: "Customers", number: true, cell: (row) => row.customers },
            { name: "Orders a customer", number: true, cell: (row) => row.ordersPerCustomer?.toFixed(2) ?? "—" },
          ]}
        />
        <Question
          path="/api/v1/analytics/top-products"
          title="Which products sell best?"
          days={days}
          chart={(rows) => (
            <Bars
              label="The five best by revenue, and by orders"
              bars={rows.map((row) => ({
                label: row.name ?? row.sku,
                value:
                  row.ranking === "revenue"
                    ? row.revenue / largest(rows, "revenue")
                    : row.orders / largest(rows, "orders"),
                text: row.ranking === "revenue" ? moneyOf(row.revenue, row.currency) : `${row.orders} orders`,
                group: row.ranking === "revenue" ? 0 : 1,
              }))}
            />
          )}
          columns={[
            { name: "By", cell: (row) => row.ranking },
            { name: "Rank", number: true, cell: (row) => row.rank },
            { name: "Product", cell: (row) => row.name ?? row.sku },
            { name: "Orders", number: true, cell: (row) => row.orders },
            { name: "Revenue", number: true, cell: (row) => moneyOf(row.revenue, row.currency) },
          ]}
        />
        <Buyers days={days} />
        <Fulfilment days={days} />
        <Promotions days={days} />
        <Question
          path="/api/v1/analytics/revenue-by-region"
          title="What comes from which region, age and gender?"
          days={days}
          wide
          chart={(rows) => (
            <Bars
              label="Amount by region, age and gender; what fewer than five people did is hidden"
              bars={rows
                .filter((row) => row.amount !== null)
                .toSorted((one, other) => (other.amount ?? 0) - (one.amount ?? 0))
                .slice(0, 12)
                .map((row) => ({
                  label: `${row.region} · ${row.ageBand} · ${row.gender}`,
                  value: row.amount ?? 0,
                  text: moneyOf(row.amount, row.currency),
                }))}
            />
          )}
          columns={[
            { name: "Region", cell: (row) => row.region },
            { name: "Age", cell: (row) => row.ageBand },
            { name: "Gender", cell: (row) => row.gender },
            { name: "Orders", number: true, cell: (row) => row.orders ?? "hidden" },
            { name: "Amount", number: true, cell: (row) => moneyOf(row.amount, row.currency) },
          ]}
        />
      </div>
    </div>
  );
}

function largest<K extends string>(rows: readonly Record<K, number>[], key: K): number {
  return Math.max(...rows.map((row) => row[key]), 1);
}
