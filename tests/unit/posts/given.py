"""given(events).when(command).then(...) for posts, at one moment and of one post."""

from __future__ import annotations

from datetime import UTC, datetime

from domains.posts.post import POST, Post, PostCommand, decide
from kernel.aggregate import Decision
from lockstep_testing.aggregates import Rules

NOW = datetime(2023, 5, 28, 12, tzinfo=UTC)
POST_ID = "8d6c1c1e-8f0b-4c9f-9d63-0c7b9f6f2a10"


def decide_now(post: Post, command: PostCommand) -> Decision:
    return decide(post, command, POST_ID, NOW)


given = Rules(POST, decide_now).given
