// The seven questions as the API answers them. Keys begin with ["shop", "list"], so live changes ask them again.
import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { send } from "../api/client";
import type { paths } from "../api/schema";

export type QuestionPath = Extract<keyof paths, `/api/v1/analytics/${string}`>;
export type AnswerOf<P extends QuestionPath> = paths[P]["get"]["responses"][200]["content"]["application/json"];
export type RowOf<P extends QuestionPath> = AnswerOf<P>["rows"][number];

/** Which days are asked about; empty: as each question has it by itself. */
export interface Days {
  from?: string;
  until?: string;
}

export function addressOf(path: QuestionPath, days: Days, more: Record<string, string> = {}): string {
  const asked = new URLSearchParams({ tz: Intl.DateTimeFormat().resolvedOptions().timeZone, ...more });
  if (days.from !== undefined && days.until !== undefined) {
    asked.set("from", days.from);
    asked.set("until", days.until);
  }
  return `${path}?${asked.toString()}`;
}

export function answerTo<P extends QuestionPath>(path: P, days: Days, more: Record<string, string> = {}) {
  const address = addressOf(path, days, more);
  return queryOptions({
    queryKey: ["shop", "list", "analytics", address],
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const answer = await send(new Request(address, { signal, headers: { Accept: "application/json" } }));
      return (await answer.json()) as AnswerOf<P>;
    },
  });
}
