// The time, for what shows how long ago something was: one clock for the page, moving on while somebody looks.
import { useSyncExternalStore } from "react";

const TICK_MS = 500;
const watchers = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | null = null;

/** The time, to `step` milliseconds: components are drawn anew only when that has passed. */
export function useNow(step: number): number {
  return useSyncExternalStore(watch, () => Math.floor(now / step) * step);
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  timer ??= setInterval(tick, TICK_MS);
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

function tick(): void {
  now = Date.now();
  watchers.forEach((watcher) => watcher());
}
