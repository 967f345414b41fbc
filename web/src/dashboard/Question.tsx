// One question: its answer as a chart, the same as a table and as a file, and how fresh it is.
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useId, useState } from "react";

import { Choice } from "../shell/Choice";
import { Csv } from "../shell/Csv";
import { Empty, Waiting, Wrong } from "../shell/Panels";
import { type Column, Table } from "../shell/Table";
import styles from "./Dashboard.module.css";
import { addressOf, type AnswerOf, answerTo, type Days, type QuestionPath, type RowOf } from "./reads";

interface Props<P extends QuestionPath> {
  path: P;
  title: string;
  days: Days;
  more?: Record<string, string>;
  columns: readonly Column<RowOf<P>>[];
  chart: (rows: readonly RowOf<P>[], answer: AnswerOf<P>) => ReactNode;
  wide?: boolean;
  children?: ReactNode;
}

const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

export function Question<P extends QuestionPath>({
  path,
  title,
  days,
  more,
  columns,
  chart,
  wide,
  children,
}: Props<P>) {
  const read = useQuery(answerTo(path, days, more));
  const [chosen, setChosen] = useState<string | null>(null);
  const id = useId();
  const all = (read.data?.rows ?? []) as RowOf<P>[];
  const currencies = [...new Set(all.map(currencyOf).filter((each) => each !== null))].sort();
  const currency = chosen !== null && currencies.includes(chosen) ? chosen : (currencies[0] ?? null);
  const rows = all.filter((row) => currencyOf(row) === null || currencyOf(row) === currency);
  return (
    <section className={styles["question"]} data-wide={wide === true} aria-labelledby={id}>
      <header className={styles["heads"]}>
        <h2 id={id}>{title}</h2>
        {currencies.length > 1 && currency !== null && (
          <Choice hidden label={`Currency of ${title}`} value={currency} options={currencies} onChange={setChosen} />
        )}
        <Csv path={addressOf(path, days, { ...more, format: "csv" })} name={`${path.split("/").at(-1) ?? ""}.csv`} />
      </header>
      {children}
      {read.isPending && <Waiting rows={1} height={140} />}
      {read.isError && <Wrong error={read.error} again={() => void read.refetch()} />}
      {read.isSuccess && (
        <div aria-busy={read.isPlaceholderData}>
          {rows.length === 0 ? <Empty title="Nothing in these days" /> : chart(rows, read.data)}
          {rows.length > 0 && (
            <details className={styles["figures"]}>
              <summary>The figures</summary>
              <Table label={title} columns={columns} rows={rows} keyOf={(row) => JSON.stringify(row)} />
            </details>
          )}
          <p className={styles["fresh"]}>{freshnessOf(read.data)}</p>
        </div>
      )}
    </section>
  );
}

function currencyOf(row: unknown): string | null {
  const currency = (row as { currency?: unknown }).currency;
  return typeof currency === "string" ? currency : null;
}

function freshnessOf({ from, until, asOf, freshness }: AnswerOf<QuestionPath>): string {
  const { behindSeconds, paused, parkedStreams } = freshness;
  const said = [`${from} until ${until}`, `as of ${exact.format(new Date(asOf))}`];
  if (behindSeconds !== null && behindSeconds > 2) said.push(`${Math.round(behindSeconds)} s behind`);
  if (paused) said.push("paused: it does not move on");
  if (parkedStreams > 0) said.push(`${parkedStreams} parked and not counted`);
  return said.join(" · ");
}
