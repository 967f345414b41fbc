// The shop as it was read, with this person's writes drawn over it until the documents have them. Pure.
import { type Intent, isAhead, isPending } from "../writes/intent";

export interface Drawn<T> {
  it: T;
  intent: Intent | undefined;
}

/** One thing, with the fields that are being changed as they will be. */
export function drawOne<T extends { version: number }>(it: T, stream: string, intents: readonly Intent[]): Drawn<T> {
  const own = intents.filter((each) => each.stream === stream);
  const changes = own.filter((each) => CHANGES.has(each.kind) && each.state !== "conflict");
  const drawn = changes
    .filter((each) => isAhead(each, it.version))
    .reduce<T>((so, each) => ({ ...so, ...(each.draft as Partial<T>) }), it);
  return { it: drawn, intent: own.at(-1) };
}

/** A list, with what is new first: `kind` of it, told apart by `id`, which may be any field that both have. */
export function withNew<T>(
  rows: readonly T[],
  intents: readonly Intent[],
  kind: string,
  id: keyof T & string,
  draft: (intent: Intent) => T,
): T[] {
  const known = new Set(rows.map((each) => each[id]));
  const fresh = intents
    .filter((each) => each.kind === kind && isPending(each))
    .map(draft)
    .filter((each) => !known.has(each[id]));
  return [...fresh.reverse(), ...rows];
}

/** The latest write about the thing of this id, wherever the list shows it. */
export function intentOf(intents: readonly Intent[], field: string, id: string): Intent | undefined {
  return intents.findLast((each) => each.draft[field] === id);
}

const CHANGES = new Set(["customer.change", "product.change", "order.step"]);
