// The tab's one journal and engine, and how components use them.

import { useMemo, useSyncExternalStore } from "react";

import { send } from "../api/client";
import type { paths } from "../api/schema";
import { session, useSession } from "../shell/session";
import { queries } from "../shell/queries";
import { Engine } from "./engine";
import { type Intent, type Method, newIntent, type NewIntent } from "./intent";
import { Journal } from "./journal";

const WAIT_SECONDS = 8;
const KEEPALIVE_LIMIT = 10_000;

export const journal = new Journal(sessionStorage);
export const engine = new Engine(journal, {
  send: post,
  read,
  refresh: async (intent) => {
    await Promise.all(intent.shows.map((queryKey) => queries.invalidateQueries({ queryKey })));
  },
  pause: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
  subject: () => session.get()?.subject ?? null,
});

/** Writes it, as the person signed in; where it stands is in the journal. The new intent. */
export function write(wanted: NewIntent): Intent {
  const subject = session.get()?.subject;
  if (subject === undefined) throw new Error("nobody is signed in");
  const intent = newIntent(wanted, subject, crypto.randomUUID(), Date.now());
  engine.submit(intent);
  return intent;
}

/** The person decided: mine, upon theirs. A new intent, for it is a new decision. */
export function writeOver(intent: Intent, body: Record<string, unknown>, draft: Record<string, unknown>): void {
  const { seen, theirs } = intent;
  if (seen === null || theirs === null) return;
  journal.drop(intent.id);
  write({ ...intent, body: intent.method === "DELETE" ? null : body, draft, seen: { ...seen, ...theirs } });
}

/** The intents of the person signed in, oldest first. */
export function useIntents(): readonly Intent[] {
  const all = useSyncExternalStore(journal.subscribe, journal.all);
  const subject = useSession()?.subject;
  return useMemo(() => all.filter((each) => each.subject === subject), [all, subject]);
}

type Operation<P extends keyof paths, M extends "post" | "put"> = paths[P][M];
/** The body that a route takes, by its description. */
export type BodyOf<P extends keyof paths, M extends "post" | "put"> =
  Operation<P, M> extends { requestBody?: { content: { "application/json": infer B } } } ? B : never;

/** A path of the API with its ids filled in, and the body its description asks for. */
export function request<P extends keyof paths, M extends "post" | "put">(
  method: M,
  path: P,
  ids: Record<string, string>,
  body: BodyOf<P, M>,
): { method: Method; path: string; body: Record<string, unknown> } {
  return {
    method: method.toUpperCase() as Method,
    path: pathOf(path, ids),
    body: body as unknown as Record<string, unknown>,
  };
}

export function pathOf(path: keyof paths, ids: Record<string, string>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(ids[name] ?? ""));
}

async function post(intent: Intent): Promise<string> {
  const headers = new Headers({ "Idempotency-Key": intent.id });
  if (intent.body !== null) headers.set("Content-Type", "application/json");
  if (intent.seen !== null) headers.set("If-Match", `"${intent.seen.version}"`);
  const body = intent.body === null ? null : JSON.stringify(intent.body);
  // a tab that is closed or reloaded now still gets it out; browsers allow that to small requests only
  const keepalive = body === null || body.length < KEEPALIVE_LIMIT;
  const answer = await send(new Request(intent.path, { method: intent.method, headers, body, keepalive }));
  return answer.headers.get("Consistency-Token") ?? "";
}

async function read(intent: Intent, token: string): Promise<Record<string, unknown> | null> {
  const headers = { "Consistency-Token": token, Prefer: `wait=${WAIT_SECONDS}` };
  const answer = await send(new Request(intent.check, { headers, cache: "no-store" }));
  return (await answer.json()) as Record<string, unknown>;
}
