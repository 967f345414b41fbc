import { Button } from "@mantine/core";
import { useState } from "react";

import { Confirm } from "../shell/Confirm";
import { Moment } from "../shell/Moment";
import { session } from "../shell/session";
import { Chip } from "../writes/Chip";
import type { Intent } from "../writes/intent";
import { Composer } from "./Composer";
import { editComment, removeComment } from "./intents";
import type { CommentDto, PostDto } from "./model";
import styles from "./Thread.module.css";

interface Props {
  post: PostDto;
  comment: CommentDto;
  intent: Intent | undefined;
}

export function Comment({ post, comment, intent }: Props) {
  const [editing, setEditing] = useState<CommentDto | null>(null);
  const mine = session.get()?.subject === comment.username && session.can("posts:write");
  return (
    <article aria-label={`Comment by ${comment.username}`}>
      <div className={styles["head"]}>
        <strong>{comment.username}</strong>
        <span className={styles["when"]}>
          <Moment at={comment.commentDate} />
          {comment.edited && " · edited"}
        </span>
        <Chip intent={intent} />
        {mine && editing === null && (
          <span className={styles["own"]}>
            <Button size="compact-sm" variant="subtle" onClick={() => setEditing(comment)}>
              Edit
            </Button>
            <Confirm
              action="Remove"
              question="Remove this comment?"
              onConfirm={() => void removeComment(post, comment)}
            />
          </span>
        )}
      </div>
      {editing === null ? (
        <p className={styles["text"]}>{comment.comment}</p>
      ) : (
        <Composer
          label="Edit the comment"
          action="Save"
          initial={editing.comment}
          onWrite={(text) => {
            if (text !== editing.comment) editComment(post, editing, text);
            setEditing(null);
          }}
          onCancel={() => setEditing(null)}
        />
      )}
    </article>
  );
}
