"""What readers see of posts: the projection `posts`, its documents and folds. Pure: no driver, no clock.

Lists exclude what is deleted, but nothing is dropped: a deleted post or comment stays as a tombstone. Nothing grows
without bound in one document: likes and comments are documents of their own beside the post's. No field is a date:
moments are RFC 3339 text in UTC with six digits, which sorts. `?` marks a field that may be absent.

`posts`     `_id` "post-<uuid>" (the stream), version (kept by the projector), postId, author, authorLower,
            authorTrigrams (search by a part of the name), datePosted, message, edited, deleted, likes,
            likesTier (bit length of likes), commentCount (live ones), hasComments, latestComments (ids of the latest
            live comments, newest first, at most 50; fewer although commentCount says more: query the rest)
`comments`  `_id` "<stream>/<commentId>", postId, commentId, username, comment, commentDate, edited, editDate?, deleted,
            addedVersion (the post's version that brought it: the order of comments)
`likes`     `_id` "<stream>/<person>", postId; gone when the like is taken back

The reads and what serves them: see POSTS, each index with its query.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from domains.posts.published import (
    CommentAddedV1,
    CommentRemovedV1,
    CommentUpdatedV1,
    MessageUpdatedV1,
    PostCreatedV1,
    PostLikedV1,
    PostRemovedV1,
    PostUnlikedV1,
)
from kernel.events import PublishedEvent
from kernel.projection import Changes, Document, Documents, Index, Lookup, Projection, Ref

LATEST_COMMENTS = 50


def trigrams(name: str) -> list[str]:
    """Every three consecutive letters of the name, folded for search, each once, sorted: a part of a name that has
    three letters or more is found by its own trigrams, shorter parts by reading authorLower newest first."""
    lower = name.casefold()
    return sorted({lower[i : i + 3] for i in range(len(lower) - 2)})


def likes_tier(likes: int) -> int:
    """Bit length: "at least n" is every tier above n's and, in n's own, a filter; it changes on doubling only, so a
    like seldom moves an index entry."""
    return likes.bit_length()


def comment_ref(stream: str, comment_id: str) -> Ref:
    return Ref("comments", f"{stream}/{comment_id}")


def like_ref(stream: str, person: str) -> Ref:
    return Ref("likes", f"{stream}/{person}")


def needs(recorded: PublishedEvent[Any]) -> Iterable[Ref | Lookup]:
    match recorded.event:
        case CommentUpdatedV1(comment_id=comment_id) | CommentRemovedV1(comment_id=comment_id):
            return (comment_ref(recorded.stream, comment_id),)
        case _:
            return ()


def fold(documents: Documents, recorded: PublishedEvent[Any]) -> Changes:
    """The documents as they stand after the event. A KeyError means that history does not allow it: it is parked."""
    stream = recorded.stream
    ref = Ref("posts", stream)
    match recorded.event:
        case PostCreatedV1() as created:
            return {ref: _new_post(stream, created)}
        case MessageUpdatedV1(message=message):
            return {ref: {**documents[ref], "message": message, "edited": True}}
        case PostLikedV1(post_id=post_id, by=by):
            like = like_ref(stream, by)
            return {ref: _with_likes(documents[ref], +1), like: {"_id": like.id, "postId": post_id}}
        case PostUnlikedV1(by=by):
            return {ref: _with_likes(documents[ref], -1), like_ref(stream, by): None}
        case CommentAddedV1() as added:
            comment = comment_ref(stream, added.comment_id)
            latest = [added.comment_id, *documents[ref]["latestComments"]][:LATEST_COMMENTS]
            return {
                ref: _with_comments(documents[ref], +1, latest),
                comment: _new_comment(comment.id, added, recorded.version),
            }
        case CommentUpdatedV1(comment_id=comment_id, comment=text, edit_date=edited):
            comment = comment_ref(stream, comment_id)
            return {comment: {**documents[comment], "comment": text, "edited": True, "editDate": edited}}
        case CommentRemovedV1(comment_id=comment_id):
            comment = comment_ref(stream, comment_id)
            # what is left is still the newest: the list stays a prefix of the live comments, newest first
            latest = [other for other in documents[ref]["latestComments"] if other != comment_id]
            return {
                ref: _with_comments(documents[ref], -1, latest),
                comment: {**documents[comment], "deleted": True},
            }
        case PostRemovedV1():
            return {ref: {**documents[ref], "deleted": True}}
        case unknown:
            raise TypeError(f"the projection posts has no fold for {type(unknown).__name__}")


def _new_post(stream: str, created: PostCreatedV1) -> Document:
    return {
        "_id": stream,
        "postId": created.post_id,
        "author": created.author,
        "authorLower": created.author.casefold(),
        "authorTrigrams": trigrams(created.author),
        "datePosted": created.date_posted,
        "message": created.message,
        "edited": False,
        "deleted": False,
        "likes": 0,
        "likesTier": 0,
        "commentCount": 0,
        "hasComments": False,
        "latestComments": [],
    }


def _new_comment(identifier: str, added: CommentAddedV1, version: int) -> Document:
    return {
        "_id": identifier,
        "postId": added.post_id,
        "commentId": added.comment_id,
        "username": added.username,
        "comment": added.comment,
        "commentDate": added.comment_date,
        "edited": False,
        "deleted": False,
        "addedVersion": version,
    }


def _with_likes(post: Document, change: int) -> Document:
    likes = post["likes"] + change
    return {**post, "likes": likes, "likesTier": likes_tier(likes)}


def _with_comments(post: Document, change: int, latest: list[str]) -> Document:
    count = post["commentCount"] + change
    return {**post, "commentCount": count, "hasComments": count > 0, "latestComments": latest}


POSTS = Projection(
    name="posts",
    domain="posts",
    categories=("post",),
    primary="posts",
    collections={
        "posts": (
            # all, newest first; authorLower lets a short part of a name be matched without fetching the post
            Index((("deleted", 1), ("datePosted", -1), ("_id", -1), ("authorLower", 1))),
            # by a part of the name, three letters or more: {authorTrigrams: one or $all, deleted}, then the part itself
            Index((("authorTrigrams", 1), ("deleted", 1), ("datePosted", -1), ("_id", -1))),
            # those with comments: hasComments is true
            Index((("hasComments", 1), ("deleted", 1), ("datePosted", -1), ("_id", -1))),
            # at least n likes: {likesTier: {$in: [tier of n … 63]}, deleted: false, likes: {$gte: n}}, merged in order
            Index((("likesTier", 1), ("deleted", 1), ("datePosted", -1), ("_id", -1))),
        ),
        # a post's live comments, newest first
        "comments": (Index((("postId", 1), ("deleted", 1), ("addedVersion", -1))),),
        "likes": (),
    },
    needs=needs,
    fold=fold,
)

PROJECTIONS: list[Projection] = [POSTS]
