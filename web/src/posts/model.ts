// What the API shows of posts, and what a stream of theirs is called.
import type { components } from "../api/schema";

export type PostDto = components["schemas"]["PostDto"];
export type CommentDto = components["schemas"]["CommentDto"];
export type PostList = components["schemas"]["PostList"];

export const streamOf = (postId: string): string => `post-${postId}`;
