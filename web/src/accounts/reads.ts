// What is read of accounts. Keys: ["accounts", "list"] and ["accounts", "one", stream, …], so live changes find them.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, body } from "../api/client";
import { type Statement, streamOf } from "./model";

export const LIST = ["accounts", "list"];
export const oneKey = (accountId: string): string[] => ["accounts", "one", streamOf(accountId)];
const pathTo = (accountId: string) => ({ path: { account_id: accountId } });

export const myAccounts = queryOptions({
  queryKey: LIST,
  queryFn: async ({ signal }) => body(await api.GET("/api/v1/accounts", { params: { query: { limit: 100 } }, signal })),
});

export function oneAccount(accountId: string) {
  return queryOptions({
    queryKey: oneKey(accountId),
    queryFn: async ({ signal }) =>
      body(await api.GET("/api/v1/accounts/{account_id}", { params: pathTo(accountId), signal })),
  });
}

export function statementOf(accountId: string) {
  return infiniteQueryOptions({
    queryKey: [...oneKey(accountId), "statement"],
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) =>
      body(
        await api.GET("/api/v1/accounts/{account_id}/statement", {
          params: { ...pathTo(accountId), query: { limit: 25, cursor: pageParam } },
          signal,
        }),
      ),
    getNextPageParam: (last: Statement) => last.cursor ?? undefined,
  });
}

export const EVENTS_SHOWN = 500;

/** The account's events, oldest first: its first so many. */
export function eventsOf(accountId: string) {
  return queryOptions({
    queryKey: [...oneKey(accountId), "events"],
    queryFn: async ({ signal }) =>
      body(
        await api.GET("/api/v1/accounts/{account_id}/events", {
          params: { ...pathTo(accountId), query: { limit: EVENTS_SHOWN } },
          signal,
        }),
      ),
  });
}

export type Clock = "as_of" | "as_known_at";

export function balanceAt(accountId: string, clock: Clock, moment: string) {
  return queryOptions({
    queryKey: [...oneKey(accountId), "balance", clock, moment],
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) =>
      body(
        await api.GET("/api/v1/accounts/{account_id}/balance", {
          params: { ...pathTo(accountId), query: { [clock]: moment } },
          signal,
        }),
      ),
  });
}

export function balancesAt(moment: string) {
  return queryOptions({
    queryKey: [...LIST, "balances", moment],
    enabled: moment !== "",
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) =>
      body(await api.GET("/api/v1/accounts/balances", { params: { query: { as_of: moment, limit: 100 } }, signal })),
  });
}
