// A choice of few, by the browser's own control: it is at home on every device and needs no script of ours.
import { NativeSelect } from "@mantine/core";

interface Props<T extends string> {
  label: string;
  value: T;
  options: readonly (T | { value: T; label: string })[];
  onChange: (value: T) => void;
  hidden?: boolean;
}

export function Choice<T extends string>({ label, value, options, onChange, hidden = false }: Props<T>) {
  return (
    <NativeSelect
      {...(hidden ? { "aria-label": label } : { label })}
      size="sm"
      value={value}
      data={options.map((each) => (typeof each === "string" ? { value: each, label: each } : each))}
      onChange={(event) => onChange(event.currentTarget.value as T)}
    />
  );
}
