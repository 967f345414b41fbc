"""A post as its rules see it: state, evolve, and what each command leads to. Pure.

Likes and comments are no sets in the state: that a person likes a post once, and who wrote a comment, are claims, so a
post with a million likes decides as fast as one with ten.
"""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

import msgspec

from domains.posts.events import (
    CommentAdded,
    CommentRemoved,
    CommentUpdated,
    MessageUpdated,
    PostCreated,
    PostEvent,
    PostLiked,
    PostRemoved,
    PostUnliked,
)
from kernel.aggregate import Aggregate, Claim, ClaimOp, ClaimRefusal, Decision, DomainError

TEXT_LIMIT = 10_000
"""Characters of a message or a comment."""


class Post(msgspec.Struct, frozen=True):
    author: str = ""
    message: str = ""
    exists: bool = False
    removed: bool = False


def evolve(post: Post, event: PostEvent) -> Post:
    match event:
        case PostCreated(author=author, message=message):
            return Post(author=author, message=message, exists=True)
        case MessageUpdated(message=message):
            return msgspec.structs.replace(post, message=message)
        case PostRemoved():
            return msgspec.structs.replace(post, removed=True)
        case PostLiked() | PostUnliked() | CommentAdded() | CommentUpdated() | CommentRemoved():
            return post  # who likes and who wrote what are claims
        case _:
            assert_never(event)


POST = Aggregate(
    category="post",
    domain="posts",
    initial=Post(),
    evolve=evolve,
    state_type=Post,
    closed_by=frozenset({"PostRemoved"}),
)


class PostNotFound(DomainError):
    status, problem = 404, "post-not-found"


class CommentNotFound(DomainError):
    status, problem = 404, "comment-not-found"


class AlreadyExists(DomainError):
    status, problem = 409, "already-exists"


class NotYours(DomainError):
    status, problem = 403, "not-yours"


class BadText(DomainError):
    status, problem = 422, "bad-text"


class CreatePost(msgspec.Struct, frozen=True):
    author: str
    message: str


class UpdateMessage(msgspec.Struct, frozen=True):
    by: str
    message: str


class LikePost(msgspec.Struct, frozen=True):
    by: str


class UnlikePost(msgspec.Struct, frozen=True):
    by: str


class RemovePost(msgspec.Struct, frozen=True):
    by: str


class AddComment(msgspec.Struct, frozen=True):
    by: str
    comment_id: str
    comment: str


class UpdateComment(msgspec.Struct, frozen=True):
    by: str
    comment_id: str
    comment: str


class RemoveComment(msgspec.Struct, frozen=True):
    by: str
    comment_id: str


PostCommand = (
    CreatePost | UpdateMessage | LikePost | UnlikePost | RemovePost | AddComment | UpdateComment | RemoveComment
)


def decide(post: Post, command: PostCommand, post_id: str, now: datetime) -> Decision:
    """The facts a command leads to. Raises a DomainError where a rule refuses it."""
    if isinstance(command, CreatePost):
        if post.exists:
            raise AlreadyExists(f"there is a post {post_id} already")
        return Decision((PostCreated(author=command.author, message=_text(command.message), date_posted=now),))
    if not post.exists or post.removed:
        raise PostNotFound(f"there is no post {post_id}")
    match command:
        case UpdateMessage(by=by, message=message):
            _only_author(post, by)
            return Decision((MessageUpdated(message=_text(message)),))
        case RemovePost(by=by):
            _only_author(post, by)
            return Decision((PostRemoved(username=by),))
        case LikePost(by=by):
            return Decision((PostLiked(by=by),), (_like("take", post_id, by),))
        case UnlikePost(by=by):
            return Decision((PostUnliked(by=by),), (_like("release", post_id, by),))
        case AddComment(by=by, comment_id=comment_id, comment=text):
            added = CommentAdded(comment_id=comment_id, comment=_text(text), username=by, comment_date=now)
            return Decision((added,), (_written("take", post_id, comment_id, by),), _comment_error)
        case UpdateComment(by=by, comment_id=comment_id, comment=text):
            updated = CommentUpdated(comment_id=comment_id, comment=_text(text), username=by, edit_date=now)
            return Decision((updated,), (_written("require", post_id, comment_id, by),), _comment_error)
        case RemoveComment(by=by, comment_id=comment_id):
            removed = CommentRemoved(comment_id=comment_id, username=by)
            return Decision((removed,), (_written("release", post_id, comment_id, by),), _comment_error)
        case _:
            assert_never(command)


def _like(op: ClaimOp, post_id: str, by: str) -> Claim:
    return Claim(op, "post-like", f"{post_id}/{by}", by)


def _written(op: ClaimOp, post_id: str, comment_id: str, by: str) -> Claim:
    return Claim(op, "post-comment", f"{post_id}/{comment_id}", by)


def _comment_error(refusal: ClaimRefusal, _: Claim) -> DomainError:
    match refusal:
        case "claim-taken":
            return AlreadyExists("the post has a comment of that id already")
        case "claim-missing":
            return CommentNotFound("the post has no such comment")
        case "claim-foreign":
            return NotYours("only its writer may change a comment")


def _only_author(post: Post, by: str) -> None:
    if post.author != by:
        raise NotYours("only its author may change a post")


def _text(text: str) -> str:
    if not text.strip():
        raise BadText("the text is blank")
    if len(text) > TEXT_LIMIT:
        raise BadText(f"the text has {len(text)} characters, more than {TEXT_LIMIT}", limit=TEXT_LIMIT)
    return text
