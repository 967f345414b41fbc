// What is read of posts. Keys: ["posts", "list", …] and ["posts", "one", stream, …], so live changes find them.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { api, body } from "../api/client";
import type { Filter } from "./filter";
import { type PostList, streamOf } from "./model";

export const LIST = ["posts", "list"];
export const oneKey = (postId: string): string[] => ["posts", "one", streamOf(postId)];

export function postsOf(filter: Filter) {
  return infiniteQueryOptions({
    queryKey: [...LIST, filter],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => fetchPage(filter, pageParam, signal),
    getNextPageParam: (last: PostList) => last.cursor ?? undefined,
    maxPages: 20,
  });
}

export function onePost(postId: string) {
  return queryOptions({
    queryKey: oneKey(postId),
    queryFn: async ({ signal }) =>
      body(await api.GET("/api/v1/posts/{post_id}", { params: { path: { post_id: postId } }, signal })),
  });
}

/** The comments behind those that the post itself carries. */
export function moreComments(postId: string, from: string | null) {
  return infiniteQueryOptions({
    queryKey: [...oneKey(postId), "comments", from],
    enabled: false,
    initialPageParam: from,
    queryFn: async ({ pageParam, signal }) =>
      body(
        await api.GET("/api/v1/posts/{post_id}/comments", {
          params: { path: { post_id: postId }, query: { cursor: pageParam, limit: 50 } },
          signal,
        }),
      ),
    getNextPageParam: (last) => last.cursor ?? undefined,
  });
}

export function auditTrail(postId: string) {
  return queryOptions({
    queryKey: [...oneKey(postId), "events"],
    queryFn: async ({ signal }) =>
      body(
        await api.GET("/api/v1/posts/{post_id}/events", {
          params: { path: { post_id: postId }, query: { limit: 200 } },
          signal,
        }),
      ),
  });
}

async function fetchPage(filter: Filter, cursor: string | null, signal: AbortSignal): Promise<PostList> {
  const query = cursor === null ? {} : { cursor };
  switch (filter.show) {
    case "comments":
      return body(await api.GET("/api/v1/posts/withComments", { params: { query }, signal }));
    case "author": {
      const author = filter.author ?? "";
      if (author === "") break;
      return body(await api.GET("/api/v1/posts/byAuthor/{author}", { params: { path: { author }, query }, signal }));
    }
    case "likes": {
      const at_least = filter.likes ?? 1;
      return body(
        await api.GET("/api/v1/posts/withLikes/{at_least}", { params: { path: { at_least }, query }, signal }),
      );
    }
  }
  return body(await api.GET("/api/v1/posts", { params: { query }, signal }));
}
