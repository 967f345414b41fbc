// The intents of this tab, kept over a reload: what was under way goes on with the same key. Other tabs have their own.

import type { Intent } from "./intent";

const KEY = "lockstep.intents";

export interface Keep {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

export class Journal {
  private intents: readonly Intent[];
  private readonly listeners = new Set<() => void>();
  private readonly keep: Keep;

  constructor(keep: Keep) {
    this.keep = keep;
    this.intents = read(keep);
  }

  /** All of them, oldest first; the same array until something changes. */
  readonly all = (): readonly Intent[] => this.intents;

  find(id: string): Intent | undefined {
    return this.intents.find((each) => each.id === id);
  }

  /** Afterwards it is there, also after a reload. */
  put(intent: Intent): void {
    const others = this.intents.some((each) => each.id === intent.id);
    this.become(
      others ? this.intents.map((each) => (each.id === intent.id ? intent : each)) : [...this.intents, intent],
    );
  }

  update(id: string, change: Partial<Intent>): void {
    const found = this.find(id);
    if (found !== undefined) this.put({ ...found, ...change });
  }

  drop(id: string): void {
    this.become(this.intents.filter((each) => each.id !== id));
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private become(intents: readonly Intent[]): void {
    this.intents = intents;
    this.keep.setItem(KEY, JSON.stringify(intents.filter((each) => each.state !== "visible")));
    this.listeners.forEach((listener) => listener());
  }
}

function read(keep: Keep): readonly Intent[] {
  try {
    const parsed: unknown = JSON.parse(keep.getItem(KEY) ?? "[]");
    return Array.isArray(parsed) ? (parsed as Intent[]) : [];
  } catch {
    return [];
  }
}
