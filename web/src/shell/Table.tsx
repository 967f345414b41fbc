// A table that scrolls by itself where it is too wide, reachable by keyboard.
import type { ReactNode } from "react";

import styles from "./Table.module.css";

export interface Column<T> {
  name: string;
  cell: (row: T) => ReactNode;
  number?: boolean;
}

interface Props<T> {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string;
}

export function Table<T>({ label, columns, rows, keyOf }: Props<T>) {
  return (
    <div className={styles["scroll"]} tabIndex={0} role="region" aria-label={`${label}: table`}>
      <table className={styles["table"]} aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" data-number={column.number === true}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column) => (
                <td key={column.name} data-number={column.number === true}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
