// Somebody changed what the person was changing: both are shown, and the person decides.
import { Button, Modal, Textarea } from "@mantine/core";
import { useState } from "react";

import { readMoney, typeMoney } from "../shell/money";
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
  const currency = intent.seen?.currency;
  const [mine, setMine] = useState(textOf(intent.body?.[field], currency));
  const removes = intent.method === "DELETE";
  const value = currency === undefined ? mine : readMoney(mine, currency);
  const fits = removes || (value !== null && mine.trim() !== "");
  return (
    <form
      className={styles["both"]}
      onSubmit={(event) => {
        event.preventDefault();
        if (fits) writeOver(intent, { ...intent.body, [field]: value }, { ...intent.draft, [field]: value });
      }}
    >
      <section aria-label="Theirs">
        <h2 className={styles["whose"]}>Theirs</h2>
        <blockquote className={styles["theirs"]}>{textOf(asSent(intent.theirs?.value, currency), currency)}</blockquote>
      </section>
      {removes ? (
        <p>You wanted to remove it as it was before.</p>
      ) : (
        <Textarea
          label="Mine"
          data-autofocus
          rows={currency === undefined ? 5 : 1}
          value={mine}
          onChange={(event) => setMine(event.currentTarget.value)}
        />
      )}
      <div className={styles["actions"]}>
        <Button variant="default" onClick={() => journal.drop(intent.id)}>
          Keep theirs
        </Button>
        <Button type="submit" disabled={!fits}>
          {removes ? "Remove it all the same" : "Save mine"}
        </Button>
      </div>
    </form>
  );
}

function asSent(value: string | undefined, currency: string | undefined): unknown {
  return currency === undefined ? value : Number(value);
}

/** What a person reads, and can type. */
function textOf(value: unknown, currency: string | undefined): string {
  if (typeof value === "number" && currency !== undefined) return typeMoney(value, currency);
  return typeof value === "string" ? value : "";
}
