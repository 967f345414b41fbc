import { Button } from "@mantine/core";

import { session } from "./session";
import styles from "./Person.module.css";

export function Person({ subject }: { subject: string }) {
  return (
    <span className={styles["person"]}>
      <span className={styles["name"]} title={subject}>
        {subject}
      </span>
      <Button variant="default" size="compact-sm" onClick={() => session.signOut()}>
        Sign out
      </Button>
    </span>
  );
}
