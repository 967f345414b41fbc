// What the API shows of accounts, and what a stream of theirs is called.
import type { components } from "../api/schema";

export type AccountDto = components["schemas"]["AccountDto"];
export type Statement = components["schemas"]["Statement"];
export type StatementLine = components["schemas"]["StatementLine"];
export type BalanceThen = components["schemas"]["BalanceThen"];

export const streamOf = (accountId: string): string => `account-${accountId}`;
