// What is read of the shop. Keys: ["shop", "list", …] and ["shop", "one", stream, …], so live changes find them.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { api, body } from "../api/client";
import type { components } from "../api/schema";

type Schemas = components["schemas"];
export type CustomerDto = Schemas["CustomerDto"];
export type CustomerOrderDto = Schemas["CustomerOrderDto"];
export type OrderDto = Schemas["OrderDto"];
export type ProductDto = Schemas["ProductDto"];
export type PromotionDto = Schemas["PromotionDto"];

export const LIST = ["shop", "list"];
export const oneKey = (kind: string, id: string): string[] => ["shop", "one", `${kind}-${id}`];

interface Page {
  cursor: string | null;
}
interface Asked {
  pageParam: string | null;
  signal: AbortSignal;
}

function paged<T extends Page>(key: unknown[], fetchPage: (asked: Asked) => Promise<T>) {
  return infiniteQueryOptions({
    queryKey: [...LIST, ...key],
    initialPageParam: null as string | null,
    queryFn: fetchPage,
    getNextPageParam: (last: T) => last.cursor ?? undefined,
  });
}

export const customerOrders = (customer: string | null) =>
  paged(["customer-orders", customer], async ({ pageParam, signal }) =>
    body(await api.GET("/api/v1/customer-orders", { params: { query: { cursor: pageParam, customer } }, signal })),
  );

export const customers = paged(["customers"], async ({ pageParam, signal }) =>
  body(await api.GET("/api/v1/customers", { params: { query: { cursor: pageParam } }, signal })),
);

export const products = paged(["products"], async ({ pageParam, signal }) =>
  body(await api.GET("/api/v1/products", { params: { query: { cursor: pageParam, limit: 100 } }, signal })),
);

export const promotions = paged(["promotions"], async ({ pageParam, signal }) =>
  body(await api.GET("/api/v1/promotions", { params: { query: { cursor: pageParam } }, signal })),
);

export const oneCustomer = (id: string) =>
  queryOptions({
    queryKey: oneKey("customer", id),
    queryFn: async ({ signal }) =>
      body(await api.GET("/api/v1/customers/{customer_id}", { params: { path: { customer_id: id } }, signal })),
  });

export const oneOrder = (id: string) =>
  queryOptions({
    queryKey: oneKey("order", id),
    queryFn: async ({ signal }) =>
      body(await api.GET("/api/v1/orders/{order_id}", { params: { path: { order_id: id } }, signal })),
  });
