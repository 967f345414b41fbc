// A value that can be changed where it stands.
import { Button, TextInput } from "@mantine/core";
import { useState } from "react";

import styles from "./Shop.module.css";

interface Props<S, T> {
  name: string;
  shown: string;
  typed: string;
  may: boolean;
  /** What it belongs to, as it is shown: what it was when editing began is what the change is compared with. */
  of: S;
  read: (text: string) => T | null;
  onSave: (of: S, value: T) => void;
}

export function Editable<S, T>({ name, shown, typed, may, of, read, onSave }: Props<S, T>) {
  const [editing, setEditing] = useState<{ of: S; before: string; text: string } | null>(null);
  if (editing === null) {
    return (
      <>
        {shown}{" "}
        {may && (
          <Button
            size="compact-xs"
            variant="subtle"
            aria-label={`Change the ${name}`}
            onClick={() => setEditing({ of, before: typed, text: typed })}
          >
            Change
          </Button>
        )}
      </>
    );
  }
  const value = read(editing.text);
  return (
    <form
      className={styles["inline"]}
      onSubmit={(event) => {
        event.preventDefault();
        if (value === null) return;
        if (editing.text.trim() !== editing.before) onSave(editing.of, value);
        setEditing(null);
      }}
    >
      <TextInput
        size="xs"
        aria-label={`New ${name}`}
        autoFocus
        maxLength={200}
        value={editing.text}
        error={value === null}
        onChange={(event) => setEditing({ ...editing, text: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key === "Escape") setEditing(null);
        }}
      />
      <Button size="xs" type="submit" disabled={value === null}>
        Save
      </Button>
    </form>
  );
}

/** Any text but a blank one. */
export function readText(text: string): string | null {
  const trimmed = text.trim();
  return trimmed === "" ? null : trimmed;
}
