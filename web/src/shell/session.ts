// Who is signed in: a bearer token, kept for this tab only, and never in an address. The API verifies it; what is read
// from it here is only for show.
import { useSyncExternalStore } from "react";

export interface Session {
  token: string;
  subject: string;
  scopes: readonly string[];
  /** Seconds since the epoch. */
  expires: number;
}

const KEY = "lockstep.token";
const listeners = new Set<() => void>();
let current: Session | null = stored();

/** What a token says of itself, or null for something that is no token. */
export function readToken(token: string): Session | null {
  const part = token.split(".")[1];
  if (part === undefined) return null;
  try {
    const bytes = Uint8Array.from(atob(part.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
    const { sub, exp, scope } = claims;
    if (typeof sub !== "string" || typeof exp !== "number") return null;
    return { token, subject: sub, scopes: typeof scope === "string" ? scope.split(" ") : [], expires: exp };
  } catch {
    return null;
  }
}

export const session = {
  get: (): Session | null => current,
  can: (scope: string): boolean =>
    current !== null && (current.scopes.includes(scope) || current.scopes.includes("admin")),
  /** False where the token has expired. */
  signIn: (next: Session): boolean => {
    if (next.expires * 1000 <= Date.now()) return false;
    sessionStorage.setItem(KEY, next.token);
    become(next);
    return true;
  },
  signOut: (): void => {
    sessionStorage.removeItem(KEY);
    become(null);
  },
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

export function useSession(): Session | null {
  return useSyncExternalStore(session.subscribe, session.get);
}

function become(next: Session | null): void {
  current = next;
  listeners.forEach((listener) => listener());
}

function stored(): Session | null {
  if (typeof sessionStorage === "undefined") return null;
  const token = sessionStorage.getItem(KEY);
  const found = token === null ? null : readToken(token);
  return found !== null && found.expires * 1000 > Date.now() ? found : null;
}
