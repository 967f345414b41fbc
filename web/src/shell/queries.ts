// How reads behave: kept while newer ones are fetched, tried again where it may help, never older than the last event.
// Keys begin with the domain, then what it is: ["posts", "list", …], ["posts", "one", stream].

import { QueryClient } from "@tanstack/react-query";

import { asProblem } from "../api/problem";

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 300_000,
      retry: (failures, error) => {
        const { status } = asProblem(error);
        return (status === 0 || status >= 500) && failures < 4;
      },
      retryDelay: (failures, error) => (asProblem(error).retryAfter ?? Math.min(0.4 * 2 ** failures, 5)) * 1000,
    },
  },
});
