// Carries intents out, those of one stream in their order: sends until there is an answer, always with the same key,
// then waits until the answer's token can be read. Nothing here draws, and nothing here knows a domain.

import { asProblem, type ProblemData } from "../api/problem";
import type { Intent } from "./intent";
import type { Journal } from "./journal";

export interface World {
  /** One try, answered by the consistency token. Throws a Problem, or what fetch throws where there is no answer. */
  send(intent: Intent): Promise<string>;
  /** What `intent.check` answers once it has reached the token; null where it is gone. Throws as send does. */
  read(intent: Intent, token: string): Promise<Record<string, unknown> | null>;
  /** Afterwards the page's own queries show what is stored. */
  refresh(intent: Intent): Promise<void>;
  pause(seconds: number): Promise<void>;
  /** Who is signed in: an intent is sent for its own person only. */
  subject(): string | null;
}

/** How long a write stays marked as visible, for whoever made it. */
export const SHOWN_SECONDS = 4;
const MAX_REBASES = 5;

const IN_THE_WAY = new Set(["idempotency-key-in-flight", "contended"]);

export class Engine {
  private readonly lines = new Map<string, Promise<void>>();
  private readonly under = new Set<string>();
  private readonly journal: Journal;
  private readonly world: World;

  constructor(journal: Journal, world: World) {
    this.journal = journal;
    this.world = world;
  }

  /** Afterwards it is under way, and goes on after a reload. */
  submit(intent: Intent): void {
    this.journal.put(intent);
    this.carry(intent.id, intent.stream);
  }

  /** Afterwards everything that a reload, or a signing out, interrupted is under way again. */
  resume(): void {
    for (const each of this.journal.all()) {
      if (each.state === "sending" || each.state === "stored") this.carry(each.id, each.stream);
    }
  }

  private carry(id: string, stream: string): void {
    if (this.under.has(id)) return;
    this.under.add(id);
    const before = this.lines.get(stream) ?? Promise.resolve();
    const sent = before.then(() => this.store(id));
    this.lines.set(stream, sent);
    void sent.then(() => this.show(id)).finally(() => this.under.delete(id));
  }

  private async store(id: string): Promise<void> {
    let rebases = 0;
    for (let tries = 0; ; tries++) {
      const intent = this.journal.find(id);
      if (intent?.state !== "sending" || intent.subject !== this.world.subject()) return;
      try {
        const token = await this.world.send(intent);
        this.journal.update(id, { state: "stored", token, note: null });
        return;
      } catch (thrown) {
        const problem = asProblem(thrown);
        if (problem.status === 412 && intent.seen !== null && rebases++ < MAX_REBASES) {
          if (!(await this.rebase(intent, problem))) return;
        } else if (isPassing(problem)) {
          this.journal.update(id, { note: noteOf(problem) });
          await this.world.pause(problem.retryAfter ?? Math.min(0.5 * 2 ** tries, 10));
        } else if (problem.status === 401) {
          this.journal.update(id, { note: "Waiting for you to sign in again" });
          return;
        } else {
          this.journal.update(id, { state: "refused", problem, note: null });
          return;
        }
      }
    }
  }

  /** The stream has moved on. What the person saw still stands? Then it is sent upon today's version. */
  private async rebase(intent: Intent, problem: ProblemData): Promise<boolean> {
    const seen = intent.seen;
    const version = problem.fields["version"];
    if (seen === null || typeof version !== "number") return false;
    const now = await this.patiently(intent.id, () => this.world.read(intent, `${intent.stream}@${version}`));
    if (intent.subject !== this.world.subject()) return false;
    if (now === null) {
      this.journal.update(intent.id, { state: "refused", problem: { ...problem, status: 404, type: "not-found" } });
      return false;
    }
    const value = String(now[seen.field]);
    if (value !== seen.value) {
      this.journal.update(intent.id, { state: "conflict", theirs: { value, version }, note: null });
      return false;
    }
    this.journal.update(intent.id, { seen: { ...seen, version } });
    return true;
  }

  private async show(id: string): Promise<void> {
    const intent = this.journal.find(id);
    if (intent?.state !== "stored" || intent.token === null) return;
    const token = intent.token;
    await this.patiently(id, () => this.world.read(intent, token));
    if (this.journal.find(id) === undefined || intent.subject !== this.world.subject()) return;
    await this.world.refresh(intent);
    this.journal.update(id, { state: "visible", note: null });
    await this.world.pause(SHOWN_SECONDS);
    this.journal.drop(id);
  }

  /** The answer, however long the read side takes; null where there is nothing, or nothing for this person. */
  private async patiently<T>(id: string, read: () => Promise<T>): Promise<T | null> {
    for (let tries = 0; ; tries++) {
      try {
        return await read();
      } catch (thrown) {
        const problem = asProblem(thrown);
        if (!isPassing(problem)) return null;
        this.journal.update(id, { note: noteOf(problem) });
        await this.world.pause(problem.retryAfter ?? Math.min(0.5 * 2 ** tries, 10));
      }
    }
  }
}

/** Another try, with the same key, may well do. */
export function isPassing(problem: ProblemData): boolean {
  const { status, type } = problem;
  return status === 0 || status === 429 || status >= 502 || (status === 409 && IN_THE_WAY.has(type));
}

function noteOf(problem: ProblemData): string {
  if (problem.type === "projection-behind") return "Stored; the page is catching up";
  return problem.status === 0 ? "No connection; trying again" : "Not available; trying again";
}
