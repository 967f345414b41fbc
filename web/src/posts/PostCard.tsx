// One post: who, when, what, likes; and for its author, editing and removing.
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { Confirm } from "../shell/Confirm";
import { Moment } from "../shell/Moment";
import { session } from "../shell/session";
import { Chip } from "../writes/Chip";
import { Composer } from "./Composer";
import { editPost, likePost, removePost } from "./intents";
import type { Drawn } from "./overlay";
import styles from "./PostCard.module.css";
import type { PostDto } from "./model";

interface Props {
  drawn: Drawn<PostDto>;
  /** As it was read: what the person sees is compared with this. */
  whole?: boolean;
  onRemoved?: () => void;
}

export function PostCard({ drawn, whole = false, onRemoved }: Props) {
  const { it: post, intent } = drawn;
  const [editing, setEditing] = useState<PostDto | null>(null);
  const mine = session.get()?.subject === post.author && session.can("posts:write");
  return (
    <article className={styles["card"]} aria-label={`Post by ${post.author}`}>
      <header className={styles["head"]}>
        <strong>{post.author}</strong>
        <span className={styles["when"]}>
          <Moment at={post.datePosted} />
          {post.edited && " · edited"}
        </span>
        <Chip intent={intent} />
      </header>
      {editing === null ? (
        <p className={styles["message"]} data-clamped={!whole}>
          {post.message}
        </p>
      ) : (
        <Composer
          label="Edit the post"
          action="Save"
          initial={editing.message}
          onWrite={(text) => {
            if (text !== editing.message) editPost(editing, text);
            setEditing(null);
          }}
          onCancel={() => setEditing(null)}
        />
      )}
      <footer className={styles["foot"]}>
        <Button
          size="compact-sm"
          variant={post.likedByMe ? "light" : "subtle"}
          aria-pressed={post.likedByMe}
          aria-label={`${post.likedByMe ? "Take your like back" : "Like"}, ${post.likes}`}
          onClick={() => likePost(post, !post.likedByMe)}
          disabled={!session.can("posts:write")}
          leftSection={<span aria-hidden="true">{post.likedByMe ? "♥" : "♡"}</span>}
        >
          {post.likes}
        </Button>
        {!whole && (
          <Link className={styles["link"]} to="/posts/$postId" params={{ postId: post.postId }}>
            {commentsOf(post)}
          </Link>
        )}
        {mine && editing === null && (
          <span className={styles["own"]}>
            <Button size="compact-sm" variant="subtle" onClick={() => setEditing(post)}>
              Edit
            </Button>
            <Confirm
              action="Delete"
              question="Delete this post?"
              onConfirm={() => {
                removePost(post);
                onRemoved?.();
              }}
            />
          </span>
        )}
      </footer>
    </article>
  );
}

function commentsOf(post: PostDto): string {
  const shown = post.comments.length;
  if (post.commentsCursor !== null) return `${shown}+ comments`;
  return shown === 0 ? "Comment" : shown === 1 ? "1 comment" : `${shown} comments`;
}
