import { SegmentedControl, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import styles from "./Feed.module.css";
import { type Filter, readFilter } from "./filter";

const CHOICES = [
  { value: "all", label: "All" },
  { value: "comments", label: "With comments" },
  { value: "author", label: "By author" },
  { value: "likes", label: "By likes" },
];

export function FilterBar({ filter }: { filter: Filter }) {
  const navigate = useNavigate({ from: "/posts" });
  const [typed, setTyped] = useState(String(filter.author ?? filter.likes ?? ""));
  const go = (next: Record<string, unknown>): void => void navigate({ search: readFilter(next), replace: true });
  const goSoon = useDebouncedCallback(go, 250);
  function choose(show: string): void {
    setTyped(show === "likes" ? "1" : "");
    go({ show, author: "", likes: 1 });
  }
  return (
    <div className={styles["filters"]}>
      <SegmentedControl
        aria-label="Which posts"
        data={CHOICES}
        value={filter.show ?? "all"}
        onChange={choose}
        size="sm"
      />
      {filter.show === "author" && (
        <TextInput
          className={styles["field"]}
          aria-label="Part of the author’s name"
          placeholder="Part of the name"
          maxLength={100}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            goSoon({ show: "author", author: event.currentTarget.value });
          }}
        />
      )}
      {filter.show === "likes" && (
        <TextInput
          className={styles["field"]}
          aria-label="Likes, at least"
          inputMode="numeric"
          maxLength={9}
          value={typed}
          leftSection="≥"
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            goSoon({ show: "likes", likes: event.currentTarget.value });
          }}
        />
      )}
    </div>
  );
}
