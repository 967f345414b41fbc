// The typed client of the API: every request carries the person's token, every refusal is a Problem.
import createClient from "openapi-fetch";

import { session } from "../shell/session";
import { problemOf } from "./problem";
import type { paths } from "./schema";

/** A request as the person signed in, or its Problem. */
export async function send(request: Request): Promise<Response> {
  const person = session.get();
  if (person !== null) request.headers.set("Authorization", `Bearer ${person.token}`);
  const response = await fetch(request);
  if (response.ok || response.status === 304) return response;
  const problem = await problemOf(response);
  if (problem.data.status === 401 && person !== null && session.get()?.token === person.token) session.signOut();
  throw problem;
}

export const api = createClient<paths>({ baseUrl: location.origin, fetch: send });

/** What a successful answer holds: send() has thrown for every other. */
export function body<T>(answer: { data?: T }): T {
  if (answer.data === undefined) throw new Error("the answer had no body");
  return answer.data;
}
