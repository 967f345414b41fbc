// What the API answers when it refuses (RFC 9457), as an Error, and what a person can do about it.

export interface ProblemData {
  status: number;
  /** The last part of the problem's type: stable, for programs. */
  type: string;
  detail: string;
  /** Seconds after which to try again, where the API names them. */
  retryAfter: number | null;
  /** All its other members. */
  fields: Record<string, unknown>;
}

export class Problem extends Error {
  readonly data: ProblemData;

  constructor(data: ProblemData) {
    super(data.detail);
    this.name = "Problem";
    this.data = data;
  }
}

/** The problem that a refusing response tells of; one without a problem's body (a proxy's, say) is told by its status. */
export async function problemOf(response: Response): Promise<Problem> {
  const header = Number(response.headers.get("Retry-After"));
  const retryAfter = Number.isFinite(header) && header > 0 ? header : null;
  let body: Record<string, unknown> = {};
  try {
    const parsed: unknown = await response.json();
    if (typeof parsed === "object" && parsed !== null) body = parsed as Record<string, unknown>;
  } catch {
    // no JSON: the status is all there is
  }
  const { type, detail, ...fields } = body;
  return new Problem({
    status: response.status,
    type: typeof type === "string" ? type.replace("/problems/", "") : "error",
    detail: typeof detail === "string" ? detail : `the answer was ${response.status}`,
    retryAfter,
    fields,
  });
}

export interface Explanation {
  title: string;
  advice: string;
}

const BY_TYPE: Record<string, Explanation> = {
  "missing-scope": { title: "Your token does not allow this", advice: "Sign in with a token that has the scope." },
  "not-yours": { title: "This belongs to somebody else", advice: "Only who wrote it may change it." },
  "projection-behind": {
    title: "The page is behind",
    advice: "What you wrote is stored; it will show here as soon as the read side has caught up.",
  },
  "read-model-unavailable": {
    title: "Reading is not possible now",
    advice: "Writes are still stored. Try again soon.",
  },
  "backlog-full": { title: "Too much is waiting to be published", advice: "Nothing was stored. It is tried again." },
  "too-many-listeners": { title: "Too many open tabs", advice: "Close one, and live updates start here." },
};

const BY_STATUS: Record<number, Explanation> = {
  0: { title: "No connection", advice: "Check the network; this is tried again by itself." },
  401: { title: "You are signed out", advice: "Sign in again; nothing you wrote is lost." },
  404: { title: "There is nothing here", advice: "It may have been removed, or the address is mistyped." },
  409: { title: "Something was in the way", advice: "Look at it again, then decide anew." },
  412: { title: "Somebody else was first", advice: "Look at what they wrote, then decide." },
  422: { title: "That cannot be stored", advice: "Change it and send it again." },
  503: { title: "Not available right now", advice: "It is tried again by itself." },
};

/** What happened and what to do, in words for whoever sits in front of it. */
export function explain(problem: ProblemData): Explanation {
  return (
    BY_TYPE[problem.type] ??
    BY_STATUS[problem.status] ?? { title: "Something went wrong", advice: "Try again; it has been logged." }
  );
}

/** Anything thrown, as a problem: what is no answer at all has the status 0. */
export function asProblem(error: unknown): ProblemData {
  if (error instanceof Problem) return error.data;
  return {
    status: 0,
    type: "no-answer",
    detail: error instanceof Error ? error.message : "there was no answer",
    retryAfter: null,
    fields: {},
  };
}
