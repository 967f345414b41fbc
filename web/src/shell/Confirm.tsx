// A button for what cannot be taken back: the first press asks, in place, and the focus stays where it is.
import { Button } from "@mantine/core";
import { useState } from "react";

import styles from "./Panels.module.css";

interface Props {
  action: string;
  question: string;
  onConfirm: () => void;
}

export function Confirm({ action, question, onConfirm }: Props) {
  const [asked, setAsked] = useState(false);
  return (
    <Button
      size="compact-sm"
      variant={asked ? "filled" : "subtle"}
      color="red.9"
      className={asked ? "" : (styles["danger"] ?? "")}
      aria-label={asked ? `${question} Press again to confirm` : action}
      onClick={() => {
        setAsked(!asked);
        if (asked) onConfirm();
      }}
      onBlur={() => setAsked(false)}
      onKeyDown={(event) => {
        if (event.key === "Escape") setAsked(false);
      }}
    >
      {asked ? question : action}
    </Button>
  );
}
