// What was read, with what this person is writing drawn over it, until the documents have it themselves: so nothing
// that was written vanishes meanwhile, and nothing shows twice. Pure.
import { type Intent, isAhead, isPending } from "../writes/intent";
import { type CommentDto, type PostDto, streamOf } from "./model";

export interface Drawn<T> {
  it: T;
  /** The latest write of this person about it, if one is under way or just done. */
  intent: Intent | undefined;
}

/** A list of posts, own new ones first. */
export function drawPosts(posts: readonly PostDto[], intents: readonly Intent[], isWhole: boolean): Drawn<PostDto>[] {
  const known = new Set(posts.map((post) => post.postId));
  const fresh = isWhole
    ? intents.filter((each) => each.kind === "post.new" && isPending(each) && !known.has(String(each.draft["postId"])))
    : [];
  return [...fresh.map(draftPost).reverse(), ...posts]
    .map((post) => drawPost(post, intents))
    .filter((drawn) => drawn !== null);
}

/** One post, or null where this person is removing it. */
export function drawPost(post: PostDto, intents: readonly Intent[]): Drawn<PostDto> | null {
  const own = intents.filter((each) => each.stream === streamOf(post.postId));
  let it = post;
  for (const each of own) {
    if (!isAhead(each, post.version)) continue;
    const { draft } = each;
    switch (each.kind) {
      case "post.remove":
        if (each.state !== "conflict") return null;
        break;
      case "post.edit":
        it = { ...it, message: String(draft["message"]), edited: true };
        break;
      case "post.like": {
        const like = draft["like"] === true;
        if (like !== it.likedByMe) it = { ...it, likedByMe: like, likes: it.likes + (like ? 1 : -1) };
        break;
      }
      default:
        it = { ...it, comments: drawComments(it, each) };
    }
  }
  const about = own.filter((each) => !each.kind.startsWith("comment."));
  return { it, intent: about.at(-1) };
}

function drawComments(post: PostDto, intent: Intent): CommentDto[] {
  const { comments } = post;
  const { commentId, comment, at } = intent.draft as Record<string, string>;
  switch (intent.kind) {
    case "comment.new":
      return comments.some((each) => each.commentId === commentId)
        ? comments
        : [
            {
              postId: post.postId,
              commentId: commentId ?? "",
              comment: comment ?? "",
              username: intent.subject,
              commentDate: at ?? "",
              edited: false,
            },
            ...comments,
          ];
    case "comment.edit":
      return comments.map((each) =>
        each.commentId === commentId ? { ...each, comment: comment ?? "", edited: true } : each,
      );
    case "comment.remove":
      return intent.state === "conflict" ? comments : comments.filter((each) => each.commentId !== commentId);
    default:
      return comments;
  }
}

/** A post that only this person can see yet. */
export function draftPost(intent: Intent): PostDto {
  return {
    postId: String(intent.draft["postId"]),
    author: intent.subject,
    datePosted: String(intent.draft["at"]),
    message: String(intent.draft["message"]),
    likes: 0,
    likedByMe: false,
    comments: [],
    commentsCursor: null,
    edited: false,
    version: 0,
  };
}
