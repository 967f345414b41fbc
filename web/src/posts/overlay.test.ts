import { expect, it } from "vitest";

import { type Intent, newIntent } from "../writes/intent";
import { drawPost, drawPosts } from "./overlay";
import type { PostDto } from "./model";

function post(postId: string, more: Partial<PostDto> = {}): PostDto {
  const none = { likes: 0, likedByMe: false, comments: [], commentsCursor: null, edited: false };
  return { postId, author: "ann", datePosted: "2026-01-01T00:00:00Z", message: "read", version: 1, ...none, ...more };
}

function writing(kind: string, draft: Record<string, unknown>, more: Partial<Intent> = {}): Intent {
  const wanted = { kind, label: "", stream: "post-1", method: "PUT", path: "", body: {}, check: "", shows: [], draft };
  return { ...newIntent({ ...wanted, method: "PUT" }, "ann", `key of ${kind}`, 0), ...more };
}

const stored = (version: number): Partial<Intent> => ({ state: "stored", token: `post-1@${version}` });

it("a new post is drawn until the list has it, and then once", () => {
  const intent = writing("post.new", { postId: "1", message: "new", at: "2026-01-01T00:00:00Z" }, stored(1));
  expect(drawPosts([], [intent], true).map(({ it }) => it.message)).toEqual(["new"]);
  expect(drawPosts([post("1")], [intent], true).map(({ it }) => it.message)).toEqual(["read"]);
  expect(drawPosts([], [intent], false)).toEqual([]);
  expect(drawPosts([], [{ ...intent, state: "refused" }], true)).toEqual([]);
});

it("an edit is drawn over older documents, and gives way to newer ones", () => {
  const intent = writing("post.edit", { message: "mine" }, stored(5));
  expect(drawPost(post("1", { version: 4 }), [intent])?.it.message).toBe("mine");
  expect(drawPost(post("1", { version: 5 }), [intent])?.it.message).toBe("read");
  expect(drawPost(post("1", { version: 7 }), [intent])?.it.message).toBe("read");
  expect(drawPost(post("2", { version: 1 }), [intent])?.it.message).toBe("read");
});

it("a like counts once, also where the document has it already", () => {
  const like = writing("post.like", { like: true });
  expect(drawPost(post("1", { likes: 4 }), [like])?.it).toMatchObject({ likes: 5, likedByMe: true });
  expect(drawPost(post("1", { likes: 5, likedByMe: true }), [like])?.it.likes).toBe(5);
  expect(drawPost(post("1", { likes: 4 }), [like, writing("post.like", { like: false })])?.it.likes).toBe(4);
});

it("what is being deleted is gone at once, and is back if it is refused or in conflict", () => {
  expect(drawPost(post("1"), [writing("post.remove", {})])).toBeNull();
  expect(drawPost(post("1"), [writing("post.remove", {}, { state: "refused" })])?.it.message).toBe("read");
  expect(drawPost(post("1"), [writing("post.remove", {}, { state: "conflict" })])?.it.message).toBe("read");
});

it("a comment is drawn once, with the same id before and after", () => {
  const intent = writing("comment.new", { commentId: "c", comment: "hm", at: "2026-01-01T00:00:00Z" });
  const drawn = drawPost(post("1"), [intent])?.it.comments ?? [];
  expect(drawn.map((each) => each.commentId)).toEqual(["c"]);
  expect(drawPost(post("1", { comments: drawn }), [intent])?.it.comments).toHaveLength(1);
});
