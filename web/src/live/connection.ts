// One stream of changes for the tab, read by fetch: an EventSource cannot carry the person's token. It comes back by
// itself behind the last id, so nothing is missed, and ends with the tab.

import { send } from "../api/client";
import { asProblem } from "../api/problem";
import { EventParser } from "./sse";

export interface Changed {
  stream: string;
  version: number;
  domain: string;
}

export type LiveState = "connecting" | "live" | "waiting";

export interface Listening {
  changed(change: Changed): void;
  /** Changes were missed: what is shown has to be read anew. */
  reset(): void;
  state(state: LiveState): void;
}

const MAX_PAUSE_MS = 15_000;

/** Listens until the signal is aborted. */
export async function listen(to: Listening, signal: AbortSignal): Promise<void> {
  let lastId: string | null = null;
  for (let failures = 0; !signal.aborted; failures++) {
    to.state("connecting");
    let wait = Math.min(500 * 2 ** failures, MAX_PAUSE_MS) * (0.5 + Math.random() / 2);
    try {
      const headers: Record<string, string> = { Accept: "text/event-stream" };
      if (lastId !== null) headers["Last-Event-ID"] = lastId;
      const answer = await send(new Request("/api/v1/changes", { headers, signal, cache: "no-store" }));
      const parser = new EventParser();
      for await (const text of textOf(answer)) {
        for (const event of parser.push(text)) {
          if (event.type === "ready") {
            to.state("live");
            failures = -1;
            wait = 0;
          } else if (event.type === "changed") to.changed(JSON.parse(event.data) as Changed);
          else if (event.type === "reset") to.reset();
        }
        lastId = parser.lastId ?? lastId;
      }
      wait = Math.max(wait, 200 + Math.random() * 800);
    } catch (thrown) {
      if (aborted(signal)) return;
      const { status, retryAfter } = asProblem(thrown);
      if (status === 401) return; // whoever signs in next listens anew
      if (status === 400 || status === 422) lastId = null; // an id that nobody knows any more
      wait = Math.max(wait, (retryAfter ?? 0) * 1000);
    }
    to.state("waiting");
    await pause(wait, signal);
  }
}

async function* textOf(answer: Response): AsyncGenerator<string> {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const read = await reader?.read();
    if (read === undefined || read.done) return;
    yield read.value;
  }
}

function aborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
