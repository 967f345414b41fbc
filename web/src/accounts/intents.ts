// What can be written about accounts, each as an intent.
import type { Intent } from "../writes/intent";
import { pathOf, request, write } from "../writes/writes";
import { type AccountDto, streamOf } from "./model";
import { LIST, oneKey } from "./reads";

const ACCOUNT = "/api/v1/accounts/{account_id}";

export function openAccount(currency: string): Intent {
  const id = crypto.randomUUID();
  return write({
    ...about(id),
    ...request("post", "/api/v1/accounts", {}, { id, currency }),
    kind: "account.open",
    label: "Opening an account",
    draft: { id, currency, at: new Date().toISOString() },
  });
}

export function deposit(accountId: string, amount: number, reference: string | null): Intent {
  return write({
    ...about(accountId),
    ...request("post", `${ACCOUNT}/deposits`, { account_id: accountId }, { amount, reference }),
    kind: "account.entry",
    label: "Your deposit",
    draft: { amount, words: "Deposit" },
  });
}

export function withdraw(accountId: string, amount: number, reference: string | null): Intent {
  return write({
    ...about(accountId),
    ...request("post", `${ACCOUNT}/withdrawals`, { account_id: accountId }, { amount, reference }),
    kind: "account.entry",
    label: "Your withdrawal",
    draft: { amount: -amount, words: "Withdrawal" },
  });
}

export function transfer(from: string, to: string, amount: number, reference: string | null): Intent {
  return write({
    ...about(from),
    shows: [LIST, oneKey(from), oneKey(to)],
    ...request("post", "/api/v1/transfers", {}, { from, to, amount, reference }),
    kind: "account.entry",
    label: "Your transfer",
    draft: { amount: -amount, words: "Transfer", to: streamOf(to) },
  });
}

export function closeAccount(account: AccountDto, payoutTo: string | null): Intent {
  return write({
    ...about(account.id),
    shows: [LIST, oneKey(account.id), ...(payoutTo === null ? [] : [oneKey(payoutTo)])],
    ...request("post", `${ACCOUNT}/close`, { account_id: account.id }, { payoutTo }),
    kind: "account.close",
    label: "Closing the account",
    draft: payoutTo === null ? {} : { amount: -account.balance, to: streamOf(payoutTo), words: "Payout" },
  });
}

function about(accountId: string) {
  return {
    stream: streamOf(accountId),
    check: pathOf(ACCOUNT, { account_id: accountId }),
    shows: [LIST, oneKey(accountId)],
  };
}
