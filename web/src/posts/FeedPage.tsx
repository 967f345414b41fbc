// The feed: write a post, and read everybody's, newest first.
import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";

import { Empty, Waiting, Wrong } from "../shell/Panels";
import { session } from "../shell/session";
import { useIntents } from "../writes/writes";
import { Composer } from "./Composer";
import styles from "./Feed.module.css";
import { FilterBar } from "./FilterBar";
import { newPost } from "./intents";
import { drawPosts } from "./overlay";
import { PostCard } from "./PostCard";
import { postsOf } from "./reads";

export function FeedPage() {
  const filter = useSearch({ from: "/signed-in/posts" });
  const intents = useIntents();
  const feed = useInfiniteQuery(postsOf(filter));
  const read = feed.data?.pages.flatMap((page) => page.posts) ?? [];
  const posts = drawPosts(read, intents, filter.show === undefined);
  return (
    <div className={styles["feed"]}>
      <h1>Posts</h1>
      {session.can("posts:write") && (
        <Composer
          label="Write a post"
          placeholder="What do you want to say?"
          action="Post"
          keep="post"
          onWrite={(text) => void newPost(text)}
        />
      )}
      <FilterBar filter={filter} />
      {feed.isError && <Wrong error={feed.error} again={() => void feed.refetch()} />}
      {feed.isPending && <Waiting />}
      {feed.isSuccess && posts.length === 0 && (
        <Empty title={filter.show === undefined ? "No posts yet" : "No post fits"}>
          {filter.show === undefined ? "Write the first one above." : "Choose another filter, or all posts."}
        </Empty>
      )}
      <ol className={styles["list"]} aria-label="Posts, newest first">
        {posts.map((drawn) => (
          <li key={drawn.it.postId}>
            <PostCard drawn={drawn} />
          </li>
        ))}
      </ol>
      {feed.hasNextPage && (
        <Button variant="default" loading={feed.isFetchingNextPage} onClick={() => void feed.fetchNextPage()}>
          Show older posts
        </Button>
      )}
    </div>
  );
}
