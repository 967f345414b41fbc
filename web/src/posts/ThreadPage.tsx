// One post with its comments, and how it came about.
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";

import { Empty, Waiting, Wrong } from "../shell/Panels";
import { isPending } from "../writes/intent";
import { useIntents } from "../writes/writes";
import { Comments } from "./Comments";
import styles from "./Thread.module.css";
import { draftPost, drawPost } from "./overlay";
import { PostCard } from "./PostCard";
import { streamOf } from "./model";
import { onePost } from "./reads";
import { Trail } from "./Trail";

export function ThreadPage() {
  const { postId } = useParams({ from: "/signed-in/posts/$postId" });
  const navigate = useNavigate();
  const intents = useIntents();
  const read = useQuery(onePost(postId));
  const draft = intents.find((each) => each.kind === "post.new" && each.stream === streamOf(postId) && isPending(each));
  const post = read.data ?? (draft === undefined ? undefined : draftPost(draft));
  const drawn = post === undefined ? undefined : drawPost(post, intents);
  return (
    <div className={styles["thread"]}>
      <Link to="/posts" className={styles["back"]}>
        ← All posts
      </Link>
      <h1 className={styles["title"]}>Thread</h1>
      {drawn === undefined && read.isPending && <Waiting rows={2} />}
      {drawn === undefined && read.isError && <Wrong error={read.error} again={() => void read.refetch()} />}
      {drawn === null && <Empty title="This post is being deleted" />}
      {drawn !== undefined && drawn !== null && (
        <>
          <PostCard drawn={drawn} whole onRemoved={() => void navigate({ to: "/posts" })} />
          <Comments post={drawn.it} intents={intents} />
          {drawn.it.version > 0 && <Trail postId={postId} />}
        </>
      )}
    </div>
  );
}
