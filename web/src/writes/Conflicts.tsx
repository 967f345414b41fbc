// Somebody changed what the person was changing: both are shown, and the person decides.
import { Button, Modal, Textarea } from "@mantine/core";
import { useState } from "react";

import styles from "./Conflicts.module.css";
import type { Intent } from "./intent";
import { journal, useIntents, writeOver } from "./writes";

export function Conflicts() {
  const conflict = useIntents().find((each) => each.state === "conflict");
  return (
    <Modal
      opened={conflict !== undefined}
      onClose={() => conflict && journal.drop(conflict.id)}
      withCloseButton={false}
      lockScroll={false}
      size="lg"
      radius="lg"
      title={<span className={styles["title"]}>Somebody else changed this meanwhile</span>}
    >
      {conflict !== undefined && <Decision key={conflict.id} intent={conflict} />}
    </Modal>
  );
}

function Decision({ intent }: { intent: Intent }) {
  const field = intent.seen?.field ?? "";
  const [mine, setMine] = useState(String(intent.body?.[field] ?? ""));
  const removes = intent.method === "DELETE";
  return (
    <div className={styles["both"]}>
      <section aria-label="Theirs">
        <h2 className={styles["whose"]}>Theirs</h2>
        <blockquote className={styles["theirs"]}>{intent.theirs?.value}</blockquote>
      </section>
      {removes ? (
        <p>You wanted to remove it as it was before.</p>
      ) : (
        <Textarea
          label="Mine"
          data-autofocus
          autosize={false}
          rows={5}
          value={mine}
          onChange={(event) => setMine(event.currentTarget.value)}
        />
      )}
      <div className={styles["actions"]}>
        <Button variant="default" onClick={() => journal.drop(intent.id)}>
          Keep theirs
        </Button>
        <Button
          disabled={!removes && mine.trim() === ""}
          onClick={() => writeOver(intent, { ...intent.body, [field]: mine }, { ...intent.draft, [field]: mine })}
        >
          {removes ? "Remove it all the same" : "Save mine"}
        </Button>
      </div>
    </div>
  );
}
