// What changes elsewhere is read anew here, soon and not too often: many changes within a moment are one read.

import { useEffect, useSyncExternalStore } from "react";

import { queries } from "../shell/queries";
import { useSession } from "../shell/session";
import { type Changed, listen, type LiveState } from "./connection";

const GATHER_MS = 150;
const REST_MS = 1_000;

let state: LiveState = "connecting";
const watchers = new Set<() => void>();

export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => state,
  );
}

/** Listens as long as somebody is signed in. */
export function useLive(): void {
  const token = useSession()?.token;
  useEffect(() => {
    if (token === undefined) return;
    const leaving = new AbortController();
    const gathering = new Gathering();
    const leave = (): void => leaving.abort();
    addEventListener("pagehide", leave);
    void listen(
      {
        changed: (change) => gathering.add(change),
        reset: () => void queries.invalidateQueries(),
        state: become,
      },
      leaving.signal,
    );
    return () => {
      removeEventListener("pagehide", leave);
      leave();
      gathering.stop();
    };
  }, [token]);
}

function become(next: LiveState): void {
  if (next === state) return;
  state = next;
  watchers.forEach((watcher) => watcher());
}

/** Changes of a moment, then a rest. */
class Gathering {
  private changes: Changed[] = [];
  private timer: ReturnType<typeof setTimeout> | null = null;
  private flushed = 0;

  add(change: Changed): void {
    this.changes.push(change);
    this.timer ??= setTimeout(() => this.flush(), Math.max(GATHER_MS, this.flushed + REST_MS - Date.now()));
  }

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
  }

  private flush(): void {
    const changes = this.changes;
    this.changes = [];
    this.timer = null;
    this.flushed = Date.now();
    for (const domain of new Set(changes.map((change) => change.domain))) {
      void queries.invalidateQueries({ queryKey: [domain, "list"] });
    }
    for (const { domain, stream, version } of changes) {
      const queryKey = [domain, "one", stream];
      void queries.invalidateQueries({ queryKey, predicate: (query) => isOlder(query.state.data, version) });
    }
  }
}

/** Whether what was read is not known to have the change already. */
function isOlder(data: unknown, version: number): boolean {
  const shown = typeof data === "object" && data !== null && "version" in data ? data.version : null;
  return typeof shown !== "number" || shown < version;
}
