// A form from a list of its fields: what it gives is checked and typed, or it cannot be sent. Rules stay the API's.
import { Button, NativeSelect, TextInput } from "@mantine/core";
import { type SyntheticEvent, useState } from "react";

import styles from "./Form.module.css";
import { readMoney } from "./money";

export interface Field {
  name: string;
  label: string;
  kind?: "text" | "email" | "tel" | "money" | "number" | "datetime" | "choice";
  /** Of money. */
  currency?: string;
  choices?: readonly { value: string; label: string }[];
  optional?: boolean;
  initial?: string;
  maxLength?: number;
}

type Value = string | number | null;
export type Values = Record<string, Value>;

interface Props {
  fields: readonly Field[];
  action: string;
  label: string;
  onSubmit: (values: Values) => void;
  onCancel?: () => void;
}

export function Form({ fields, action, label, onSubmit, onCancel }: Props) {
  const [typed, setTyped] = useState<Record<string, string>>(() =>
    Object.fromEntries(fields.map((each) => [each.name, each.initial ?? each.choices?.[0]?.value ?? ""])),
  );
  const values = fields.map((each) => [each.name, valueOf(each, typed[each.name] ?? "")] as const);
  const fits = values.every(([, value]) => value !== undefined);
  const set = (name: string, value: string): void => setTyped((before) => ({ ...before, [name]: value }));

  function submit(event: SyntheticEvent): void {
    event.preventDefault();
    if (!fits) return;
    onSubmit(Object.fromEntries(values) as Values);
    setTyped(Object.fromEntries(fields.map((each) => [each.name, each.initial ?? each.choices?.[0]?.value ?? ""])));
  }
  return (
    <form className={styles["form"]} aria-label={label} onSubmit={submit}>
      {fields.map((each) => {
        const text = typed[each.name] ?? "";
        const words = each.optional === true ? `${each.label}, if any` : each.label;
        if (each.kind === "choice") {
          return (
            <NativeSelect
              key={each.name}
              label={words}
              data={[...(each.choices ?? [])]}
              value={text}
              onChange={(event) => set(each.name, event.currentTarget.value)}
            />
          );
        }
        const wrong = text.trim() !== "" && valueOf(each, text) === undefined;
        return (
          <TextInput
            key={each.name}
            label={words}
            type={each.kind === "datetime" ? "datetime-local" : each.kind === "email" ? "email" : "text"}
            inputMode={each.kind === "money" ? "decimal" : each.kind === "number" ? "numeric" : "text"}
            autoComplete="off"
            maxLength={each.maxLength ?? 200}
            value={text}
            error={wrong ? HINTS[each.kind ?? "text"] : null}
            onChange={(event) => set(each.name, event.currentTarget.value)}
          />
        );
      })}
      <div className={styles["actions"]}>
        {onCancel !== undefined && (
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
        )}
        <Button type="submit" disabled={!fits}>
          {action}
        </Button>
      </div>
    </form>
  );
}

const HINTS: Record<string, string> = {
  money: "An amount above zero, like 12.50",
  number: "A whole number above zero",
  datetime: "A date and a time",
};

/** What the field gives; undefined where it does not fit. */
function valueOf(field: Field, typed: string): Value | undefined {
  const text = typed.trim();
  if (text === "") return field.optional === true ? null : undefined;
  switch (field.kind) {
    case "money":
      return readMoney(text, field.currency ?? "EUR") ?? undefined;
    case "number":
      return /^\d{1,9}$/.test(text) && Number(text) > 0 ? Number(text) : undefined;
    case "datetime": {
      const moment = new Date(text);
      return Number.isNaN(moment.getTime()) ? undefined : moment.toISOString();
    }
    default:
      return text;
  }
}
