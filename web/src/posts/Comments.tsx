// A post's comments, newest first: those it carries, then the older ones on demand.
import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";

import { Empty, Wrong } from "../shell/Panels";
import { session } from "../shell/session";
import { type Intent, isPending } from "../writes/intent";
import { Comment } from "./Comment";
import { Composer } from "./Composer";
import { addComment } from "./intents";
import type { PostDto } from "./model";
import { moreComments } from "./reads";
import styles from "./Thread.module.css";

export function Comments({ post, intents }: { post: PostDto; intents: readonly Intent[] }) {
  const older = useInfiniteQuery(moreComments(post.postId, post.commentsCursor));
  const shown = new Set(post.comments.map((each) => each.commentId));
  const gone = new Set(
    intents.filter((each) => each.kind === "comment.remove" && isPending(each)).map((each) => each.draft["commentId"]),
  );
  const rest = (older.data?.pages.flatMap((page) => page.comments) ?? []).filter(
    (each) => !shown.has(each.commentId) && !gone.has(each.commentId),
  );
  const comments = [...post.comments, ...rest];
  const more = older.data === undefined ? post.commentsCursor !== null : older.hasNextPage;
  return (
    <section className={styles["comments"]} aria-labelledby="comments">
      <h2 id="comments">Comments</h2>
      {session.can("posts:write") && (
        <Composer
          label="Write a comment"
          action="Comment"
          keep={`comment.${post.postId}`}
          onWrite={(text) => void addComment(post.postId, text)}
        />
      )}
      {comments.length === 0 && <Empty title="No comments yet" />}
      <ol className={styles["list"]} aria-label="Comments, newest first">
        {comments.map((comment) => (
          <li key={comment.commentId} className={styles["comment"]}>
            <Comment
              post={post}
              comment={comment}
              intent={intents.findLast((each) => each.draft["commentId"] === comment.commentId)}
            />
          </li>
        ))}
      </ol>
      {older.isError && <Wrong error={older.error} again={() => void older.refetch()} />}
      {more && (
        <Button
          variant="default"
          loading={older.isFetching}
          onClick={() => void (older.data === undefined ? older.refetch() : older.fetchNextPage())}
        >
          Show older comments
        </Button>
      )}
    </section>
  );
}
