// A text to be written: kept over a reload until it is sent, refused here where the API would refuse it anyway.
import { Button, Textarea } from "@mantine/core";
import { type KeyboardEvent, type SyntheticEvent, useState } from "react";

import styles from "./Composer.module.css";

export const TEXT_LIMIT = 10_000;

interface Props {
  label: string;
  placeholder?: string;
  action: string;
  initial?: string;
  /** Under which name an unsent text is kept; none is not kept. */
  keep?: string;
  onWrite: (text: string) => void;
  onCancel?: () => void;
}

export function Composer({ label, placeholder, action, initial = "", keep, onWrite, onCancel }: Props) {
  const key = keep === undefined ? null : `lockstep.text.${keep}`;
  const [text, setText] = useState(() => (key === null ? null : sessionStorage.getItem(key)) ?? initial);
  const characters = Array.from(text).length; // as the API counts them
  const fits = text.trim() !== "" && characters <= TEXT_LIMIT;

  function change(next: string): void {
    setText(next);
    if (key !== null) sessionStorage.setItem(key, next);
  }
  function submit(event?: SyntheticEvent): void {
    event?.preventDefault();
    if (!fits) return;
    onWrite(text);
    change("");
  }
  function onKey(event: KeyboardEvent): void {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
    if (event.key === "Escape" && onCancel !== undefined) onCancel();
  }
  return (
    <form className={styles["composer"]} onSubmit={submit}>
      <Textarea
        aria-label={label}
        placeholder={placeholder ?? label}
        rows={3}
        autoFocus={onCancel !== undefined}
        value={text}
        onChange={(event) => change(event.currentTarget.value)}
        onKeyDown={onKey}
        error={characters > TEXT_LIMIT ? `${characters - TEXT_LIMIT} characters too many` : null}
      />
      <div className={styles["actions"]}>
        <span className={styles["hint"]}>Ctrl + Enter sends</span>
        {onCancel !== undefined && (
          <Button variant="default" size="sm" onClick={onCancel}>
            Cancel
          </Button>
        )}
        <Button type="submit" size="sm" disabled={!fits}>
          {action}
        </Button>
      </div>
    </form>
  );
}
