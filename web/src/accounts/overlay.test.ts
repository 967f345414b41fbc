import { expect, it } from "vitest";

import { type Intent, newIntent } from "../writes/intent";
import { drawAccount } from "./overlay";
import type { AccountDto } from "./model";

const account: AccountDto = {
  id: "1", owner: "ann", currency: "EUR", balance: 1000, status: "open", openedAt: "", closedAt: null, version: 4,
}; // prettier-ignore

function transfer(more: Partial<Intent>): Intent {
  const wanted = { kind: "account.entry", label: "", stream: "account-1", path: "", body: {}, check: "", shows: [] };
  const draft = { amount: -300, words: "Transfer", to: "account-2" };
  return { ...newIntent({ ...wanted, method: "POST", draft }, "ann", "k", 0), ...more };
}

it("a transfer on its way is drawn in both accounts, each until its own document has it", () => {
  const sent = transfer({ state: "stored", token: "account-1@5,account-2@9" });
  expect(drawAccount(account, [sent]).it.balance).toBe(700);
  expect(drawAccount({ ...account, version: 5 }, [sent]).it.balance).toBe(1000);
  const other = { ...account, id: "2" };
  expect(drawAccount({ ...other, version: 8 }, [sent]).it.balance).toBe(1300);
  expect(drawAccount({ ...other, version: 9 }, [sent]).it.balance).toBe(1000);
});

it("a refused transfer is drawn nowhere", () => {
  expect(drawAccount(account, [transfer({ state: "refused" })])).toMatchObject({ it: { balance: 1000 }, entries: [] });
});
