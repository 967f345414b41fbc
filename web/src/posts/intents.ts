// What can be written about posts, each as an intent: request, what proves it visible, and what to show meanwhile.
import { pathOf, request, write } from "../writes/writes";
import type { Intent } from "../writes/intent";
import { type CommentDto, type PostDto, streamOf } from "./model";
import { LIST, oneKey } from "./reads";

const POST = "/api/v1/posts/{post_id}";
const LIKE = "/api/v1/posts/like/{post_id}";
const COMMENTS = "/api/v1/posts/{post_id}/comments";
const COMMENT = "/api/v1/posts/{post_id}/comments/{comment_id}";

export function newPost(message: string): Intent {
  const id = crypto.randomUUID();
  return write({
    ...about(id),
    ...request("post", "/api/v1/posts", {}, { id, message }),
    kind: "post.new",
    label: "Your post",
    draft: { postId: id, message, at: new Date().toISOString() },
  });
}

export function editPost(post: PostDto, message: string): Intent {
  return write({
    ...about(post.postId),
    ...request("put", POST, { post_id: post.postId }, { message }),
    kind: "post.edit",
    label: "Your edit",
    seen: { field: "message", value: post.message, version: post.version },
    draft: { message },
  });
}

export function removePost(post: PostDto): Intent {
  return write({
    ...about(post.postId),
    method: "DELETE",
    path: pathOf(POST, { post_id: post.postId }),
    body: null,
    kind: "post.remove",
    label: "Removing your post",
    seen: { field: "message", value: post.message, version: post.version },
  });
}

export function likePost(post: PostDto, like: boolean): Intent {
  return write({
    ...about(post.postId),
    method: like ? "PUT" : "DELETE",
    path: pathOf(LIKE, { post_id: post.postId }),
    body: null,
    kind: "post.like",
    label: like ? "Your like" : "Taking your like back",
    draft: { like },
  });
}

export function addComment(postId: string, comment: string): Intent {
  const id = crypto.randomUUID();
  return write({
    ...about(postId),
    ...request("post", COMMENTS, { post_id: postId }, { id, comment }),
    kind: "comment.new",
    label: "Your comment",
    draft: { commentId: id, comment, at: new Date().toISOString() },
  });
}

export function editComment(post: PostDto, old: CommentDto, comment: string): Intent {
  const ids = { post_id: post.postId, comment_id: old.commentId };
  return write({
    ...about(post.postId),
    ...request("put", COMMENT, ids, { comment }),
    check: pathOf(COMMENT, ids),
    kind: "comment.edit",
    label: "Your edit",
    seen: { field: "comment", value: old.comment, version: post.version },
    draft: { commentId: old.commentId, comment },
  });
}

export function removeComment(post: PostDto, old: CommentDto): Intent {
  const ids = { post_id: post.postId, comment_id: old.commentId };
  return write({
    ...about(post.postId),
    method: "DELETE",
    path: pathOf(COMMENT, ids),
    body: null,
    check: pathOf(COMMENT, ids),
    kind: "comment.remove",
    label: "Removing your comment",
    seen: { field: "comment", value: old.comment, version: post.version },
    draft: { commentId: old.commentId },
  });
}

function about(postId: string) {
  return { stream: streamOf(postId), check: pathOf(POST, { post_id: postId }), shows: [LIST, oneKey(postId)] };
}
