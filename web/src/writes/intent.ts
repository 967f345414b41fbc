// What a person wants written, from the moment they said so until they can read it: sending → stored → visible. It is
// data only, so that it survives a reload of the page; its id is the Idempotency-Key of every try.

import type { ProblemData } from "../api/problem";

export type Method = "POST" | "PUT" | "DELETE";

/** `conflict`: others changed what the person saw, who has to decide. `refused`: a rule said no; nothing was stored. */
export type State = "sending" | "stored" | "visible" | "conflict" | "refused";

/** What the person was looking at when they decided, and what others have made of it. */
export interface Seen {
  /** The field of the answer to `check` that the write is about. */
  field: string;
  value: string;
  version: number;
  /** Where the value is money, in minor units: of this currency. */
  currency?: string;
}

export interface Intent {
  id: string;
  /** What kind of write, for those who draw it: "post.edit". */
  kind: string;
  /** In words, for whoever wrote it: "Your edit". */
  label: string;
  subject: string;
  stream: string;
  method: Method;
  path: string;
  body: Record<string, unknown> | null;
  /** Without it the write does not depend on what was seen. */
  seen: Seen | null;
  /** A read that shows the write's effect; with its token it waits for it. */
  check: string;
  /** First parts of the keys of the queries that show it too. */
  shows: string[][];
  /** What to show meanwhile; whoever draws the kind knows its shape. */
  draft: Record<string, unknown>;
  since: number;
  state: State;
  /** Why it takes longer, in words. */
  note: string | null;
  token: string | null;
  theirs: { value: string; version: number } | null;
  problem: ProblemData | null;
}

export type NewIntent = Pick<Intent, "kind" | "label" | "stream" | "method" | "path" | "body" | "check" | "shows"> &
  Partial<Pick<Intent, "seen" | "draft">>;

export function newIntent(wanted: NewIntent, subject: string, id: string, now: number): Intent {
  return {
    seen: null,
    draft: {},
    ...wanted,
    id,
    subject,
    since: now,
    state: "sending",
    note: null,
    token: null,
    theirs: null,
    problem: null,
  };
}

/** Whether what others see lacks it still, so that it is drawn over what was read. */
export function isPending(intent: Intent): boolean {
  return intent.state === "sending" || intent.state === "stored" || intent.state === "conflict";
}

/** Pending, and not in a document of this version yet: the document may be newer than what this tab knows. A write may
 * be about several streams; its token says how far it has brought each. */
export function isAhead(intent: Intent, version: number, stream = intent.stream): boolean {
  if (!isPending(intent)) return false;
  const reached = intent.token === null ? null : versionIn(intent.token, stream);
  return reached === null || reached > version;
}

/** The version of a stream that a consistency token names. */
export function versionIn(token: string, stream: string): number | null {
  for (const entry of token.split(",")) {
    const at = entry.lastIndexOf("@");
    if (entry.slice(0, at).trim() === stream) return Number(entry.slice(at + 1));
  }
  return null;
}
