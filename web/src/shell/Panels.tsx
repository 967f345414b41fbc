// What stands where there is nothing, nothing yet, or something wrong. Each says what one can do.
import { Alert, Button, Skeleton } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { asProblem, explain } from "../api/problem";
import styles from "./Panels.module.css";

export function Missing() {
  return (
    <Empty title="There is nothing at this address">
      <Link to="/">Go to the first page</Link>
    </Empty>
  );
}

/** A page that failed: a part of it that could not be fetched, or a bug. */
export function Broken({ error, reset }: { error: unknown; reset?: () => void }) {
  return <Wrong error={error} again={reset ?? (() => location.reload())} />;
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={styles["empty"]}>
      <h2>{title}</h2>
      {children !== undefined && <div>{children}</div>}
    </div>
  );
}

export function Wrong({ error, again }: { error: unknown; again: () => void }) {
  const problem = asProblem(error);
  const { title, advice } = explain(problem);
  return (
    <Alert color="red" variant="outline" title={title} role="alert" classNames={{ title: styles["wrong"] ?? "" }}>
      <p className={styles["advice"]}>{advice}</p>
      <p className={styles["detail"]}>{problem.detail}</p>
      {problem.status !== 404 && (
        <Button size="xs" variant="default" onClick={again}>
          Try again
        </Button>
      )}
    </Alert>
  );
}

export function Waiting({ rows = 3, height = 108 }: { rows?: number; height?: number }) {
  return (
    <div className={styles["waiting"]} role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={height} radius="lg" />
      ))}
    </div>
  );
}
