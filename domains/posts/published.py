"""What the topic of posts says to everyone, and the mapping from what is stored: one for one, versioned, public."""

from __future__ import annotations

from typing import assert_never

from domains.posts import events
from kernel.events import Published, wire_time


class PostCreatedV1(Published, frozen=True, kw_only=True):
    post_id: str
    author: str
    message: str
    date_posted: str


class MessageUpdatedV1(Published, frozen=True, kw_only=True):
    post_id: str
    message: str


class PostLikedV1(Published, frozen=True, kw_only=True):
    post_id: str
    by: str


class PostUnlikedV1(Published, frozen=True, kw_only=True):
    post_id: str
    by: str


class CommentAddedV1(Published, frozen=True, kw_only=True):
    post_id: str
    comment_id: str
    comment: str
    username: str
    comment_date: str


class CommentUpdatedV1(Published, frozen=True, kw_only=True):
    post_id: str
    comment_id: str
    comment: str
    username: str
    edit_date: str


class CommentRemovedV1(Published, frozen=True, kw_only=True):
    post_id: str
    comment_id: str
    username: str


class PostRemovedV1(Published, frozen=True, kw_only=True):
    post_id: str
    username: str


PublishedPostEvent = (
    PostCreatedV1
    | MessageUpdatedV1
    | PostLikedV1
    | PostUnlikedV1
    | CommentAddedV1
    | CommentUpdatedV1
    | CommentRemovedV1
    | PostRemovedV1
)

PUBLISHED_TYPES: dict[str, type[Published]] = {
    "posts.PostCreated.v1": PostCreatedV1,
    "posts.MessageUpdated.v1": MessageUpdatedV1,
    "posts.PostLiked.v1": PostLikedV1,
    "posts.PostUnliked.v1": PostUnlikedV1,
    "posts.CommentAdded.v1": CommentAddedV1,
    "posts.CommentUpdated.v1": CommentUpdatedV1,
    "posts.CommentRemoved.v1": CommentRemovedV1,
    "posts.PostRemoved.v1": PostRemovedV1,
}


def publish(stream: str, event: events.PostEvent) -> PublishedPostEvent:
    """The one published event of a stored one."""
    post_id = stream.removeprefix("post-")
    match event:
        case events.PostCreated(author=author, message=message, date_posted=posted):
            return PostCreatedV1(post_id=post_id, author=author, message=message, date_posted=wire_time(posted))
        case events.MessageUpdated(message=message):
            return MessageUpdatedV1(post_id=post_id, message=message)
        case events.PostLiked(by=by):
            return PostLikedV1(post_id=post_id, by=by)
        case events.PostUnliked(by=by):
            return PostUnlikedV1(post_id=post_id, by=by)
        case events.CommentAdded(comment_id=comment_id, comment=comment, username=username, comment_date=written):
            return CommentAddedV1(
                post_id=post_id,
                comment_id=comment_id,
                comment=comment,
                username=username,
                comment_date=wire_time(written),
            )
        case events.CommentUpdated(comment_id=comment_id, comment=comment, username=username, edit_date=edited):
            return CommentUpdatedV1(
                post_id=post_id, comment_id=comment_id, comment=comment, username=username, edit_date=wire_time(edited)
            )
        case events.CommentRemoved(comment_id=comment_id, username=username):
            return CommentRemovedV1(post_id=post_id, comment_id=comment_id, username=username)
        case events.PostRemoved(username=username):
            return PostRemovedV1(post_id=post_id, username=username)
        case _:
            assert_never(event)
