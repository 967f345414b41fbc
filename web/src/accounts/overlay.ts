// Accounts as they were read, with this person's writes drawn over them until the documents have them. Pure.
import { type Intent, isAhead, isPending } from "../writes/intent";
import { type AccountDto, streamOf } from "./model";

export interface DrawnAccount {
  it: AccountDto;
  intent: Intent | undefined;
  /** Entries that are under way, latest first. */
  entries: { id: string; words: string; amount: number; intent: Intent }[];
}

export function drawAccounts(accounts: readonly AccountDto[], intents: readonly Intent[]): DrawnAccount[] {
  const known = new Set(accounts.map((each) => each.id));
  const fresh = intents.filter(
    (each) => each.kind === "account.open" && isPending(each) && !known.has(String(each.draft["id"])),
  );
  return [...fresh.map(draftAccount).reverse(), ...accounts].map((each) => drawAccount(each, intents));
}

export function drawAccount(account: AccountDto, intents: readonly Intent[]): DrawnAccount {
  const stream = streamOf(account.id);
  const own = intents.filter((each) => each.stream === stream || each.draft["to"] === stream);
  let { balance, status } = account;
  const entries: DrawnAccount["entries"] = [];
  for (const intent of own) {
    if (!isAhead(intent, account.version, stream)) continue;
    if (typeof intent.draft["amount"] === "number") {
      const sign = intent.stream === stream ? 1 : -1; // what leaves one account reaches the other
      const amount = sign * intent.draft["amount"];
      balance += amount;
      entries.unshift({ id: intent.id, words: String(intent.draft["words"]), amount, intent });
    }
    if (intent.kind === "account.close" && intent.stream === stream) status = "closed";
  }
  return { it: { ...account, balance, status }, intent: own.at(-1), entries };
}

/** An account that only this person can see yet. */
export function draftAccount(intent: Intent): AccountDto {
  return {
    id: String(intent.draft["id"]),
    owner: intent.subject,
    currency: String(intent.draft["currency"]),
    balance: 0,
    status: "open",
    openedAt: String(intent.draft["at"]),
    closedAt: null,
    version: 0,
  };
}
