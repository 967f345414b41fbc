// The post's audit trail: every event that made it what it is.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { Moment } from "../shell/Moment";
import { Waiting, Wrong } from "../shell/Panels";
import { auditTrail } from "./reads";
import styles from "./Thread.module.css";

export function Trail({ postId }: { postId: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details className={styles["trail"]} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>How it came about</summary>
      {open && <Events postId={postId} />}
    </details>
  );
}

function Events({ postId }: { postId: string }) {
  const trail = useQuery(auditTrail(postId));
  if (trail.isPending) return <Waiting rows={2} height={32} />;
  if (trail.isError) return <Wrong error={trail.error} again={() => void trail.refetch()} />;
  return (
    <ol className={styles["events"]}>
      {trail.data.events.map((event) => (
        <li key={event.version}>
          <span className={styles["version"]}>{event.version}</span>
          <span>
            {event.type} by {event.principal}
          </span>
          <Moment at={event.occurredAt} />
        </li>
      ))}
    </ol>
  );
}
