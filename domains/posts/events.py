"""The stored facts of a post. Renaming a class never renames history: EVENT_TYPES names them on the wire."""

from __future__ import annotations

from datetime import datetime

from kernel.events import Event, Upcaster


class PostCreated(Event, frozen=True, kw_only=True):
    author: str
    message: str
    date_posted: datetime


class MessageUpdated(Event, frozen=True, kw_only=True):
    message: str


class PostLiked(Event, frozen=True, kw_only=True):
    by: str


class PostUnliked(Event, frozen=True, kw_only=True):
    by: str


class CommentAdded(Event, frozen=True, kw_only=True):
    comment_id: str
    comment: str
    username: str
    comment_date: datetime


class CommentUpdated(Event, frozen=True, kw_only=True):
    comment_id: str
    comment: str
    username: str
    edit_date: datetime


class CommentRemoved(Event, frozen=True, kw_only=True):
    comment_id: str
    username: str


class PostRemoved(Event, frozen=True, kw_only=True):
    username: str


PostEvent = (
    PostCreated
    | MessageUpdated
    | PostLiked
    | PostUnliked
    | CommentAdded
    | CommentUpdated
    | CommentRemoved
    | PostRemoved
)

EVENT_TYPES: dict[str, tuple[type[Event], int]] = {
    "PostCreated": (PostCreated, 1),
    "MessageUpdated": (MessageUpdated, 1),
    "PostLiked": (PostLiked, 1),
    "PostUnliked": (PostUnliked, 1),
    "CommentAdded": (CommentAdded, 1),
    "CommentUpdated": (CommentUpdated, 1),
    "CommentRemoved": (CommentRemoved, 1),
    "PostRemoved": (PostRemoved, 1),
}

UPCASTERS: dict[tuple[str, int], Upcaster] = {}
