"""Posts and comments as HTTP shows them."""

from __future__ import annotations

import msgspec


class CommentDto(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    post_id: str
    comment_id: str
    username: str
    comment_date: str
    comment: str
    edited: bool


class PostDto(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A post with its latest comments, newest first; at /posts/{id}/comments, `commentsCursor` goes on behind them."""

    post_id: str
    author: str
    date_posted: str
    message: str
    likes: int
    liked_by_me: bool
    comments: list[CommentDto]
    comments_cursor: str | None
    edited: bool
    version: int


class PostList(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first; `cursor` gets the next page, and is null on the last one."""

    posts: list[PostDto]
    message: str
    cursor: str | None


class CommentList(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first; `cursor` gets the next page, and is null on the last one."""

    comments: list[CommentDto]
    cursor: str | None
