"""Finders of posts and comments: what the documents of views.py answer, as DTOs. No driver, no HTTP.

What is deleted is not found. A post is read before the likes and comments shown with it, so these are never older than
the version it is shown with. Every list is a bounded page, newest first, walked along one of views.py's indexes.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from app.queries.cursors import format_cursor, parse_cursor
from app.queries.documents import Documents
from app.queries.mongo import Document
from app.queries.pages import newest_first
from domains.posts.dtos import CommentDto, CommentList, PostDto, PostList
from domains.posts.views import LATEST_COMMENTS, likes_tier, trigrams

COMMENTS_PER_PAGE_OF_POSTS = 1_000
"""A page of posts shows at most this many comments in all: the more posts on it, the fewer comments each."""

LIKES_LIMIT = 2**62
_TRIGRAMS_ASKED = 4
"""Enough for MongoDB to find the rarest one to walk along; the part of the name itself decides."""


class CommentPosition(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Sort key of a post's comments: the version of the post that each came with."""

    added_version: int


async def find_post(documents: Documents, post_id: str, reader: str) -> PostDto | None:
    post = await documents.get("posts", f"post-{post_id}")
    if post is None or post["deleted"]:
        return None
    return (await _shown(documents, (post,), reader))[0]


async def find_posts(documents: Documents, reader: str, limit: int, cursor: str | None) -> PostList:
    return await _page(documents, "posts", {}, reader, limit, cursor)


async def find_posts_by_author(
    documents: Documents, part: str, reader: str, limit: int, cursor: str | None
) -> PostList:
    """Posts whose author's name holds this part, in any case."""
    lower = part.casefold()
    if "\0" in lower or any("\ud800" <= letter <= "\udfff" for letter in lower):
        return _list([], None)  # no name holds these, and MongoDB refuses to look for them
    where: dict[str, Any] = {"authorLower": {"$regex": re.escape(lower)}}
    if grams := trigrams(part):
        # by the name's own trigrams; shorter parts are matched on the keys of the index by date, newest first
        step = max(1, len(grams) // _TRIGRAMS_ASKED)
        where["authorTrigrams"] = {"$all": grams[::step][:_TRIGRAMS_ASKED]}
    return await _page(documents, f"posts/byAuthor/{lower}", where, reader, limit, cursor)


async def find_posts_with_comments(documents: Documents, reader: str, limit: int, cursor: str | None) -> PostList:
    return await _page(documents, "posts/withComments", {"hasComments": True}, reader, limit, cursor)


async def find_posts_with_likes(
    documents: Documents, at_least: int, reader: str, limit: int, cursor: str | None
) -> PostList:
    """Posts with at least so many likes."""
    if at_least >= LIKES_LIMIT:
        return _list([], None)
    where: dict[str, Any] = {}
    if at_least > 0:
        tiers = list(range(likes_tier(at_least), likes_tier(LIKES_LIMIT) + 1))
        where = {"likesTier": {"$in": tiers}, "likes": {"$gte": at_least}}
    return await _page(documents, f"posts/withLikes/{at_least}", where, reader, limit, cursor)


async def find_comments(documents: Documents, post_id: str, limit: int, cursor: str | None) -> CommentList | None:
    """A page of a post's comments, or None where there is no such post."""
    behind = None if cursor is None else parse_cursor(_comments_of(post_id), cursor, CommentPosition)
    post = await documents.get("posts", f"post-{post_id}")
    if post is None or post["deleted"]:
        return None
    found = await _comments_behind(documents, post_id, behind, limit + 1)
    shown = found[:limit]
    following = _comment_cursor(post_id, shown[-1]) if len(found) > limit else None
    return CommentList(comments=[_comment_dto(comment) for comment in shown], cursor=following)


async def find_comment(documents: Documents, post_id: str, comment_id: str) -> CommentDto | None:
    stream = f"post-{post_id}"
    identifier = f"{stream}/{comment_id}"
    posts, comments = await asyncio.gather(
        documents.get_many("posts", (stream,)), documents.get_many("comments", (identifier,))
    )
    post, comment = posts.get(stream), comments.get(identifier)
    if post is None or post["deleted"] or comment is None or comment["deleted"]:
        return None
    return _comment_dto(comment)


async def _page(
    documents: Documents, name: str, where: dict[str, Any], reader: str, limit: int, cursor: str | None
) -> PostList:
    where = {**where, "deleted": False}
    shown, following = await newest_first(documents, "posts", where, "datePosted", limit, cursor, name)
    return _list(await _shown(documents, shown, reader), following)


def _list(posts: list[PostDto], cursor: str | None) -> PostList:
    count = len(posts)
    return PostList(
        posts=posts, message=f"Successfully returned {count} post{'' if count == 1 else 's'}!", cursor=cursor
    )


async def _shown(documents: Documents, posts: Sequence[Document], reader: str) -> list[PostDto]:
    """The posts as this reader sees them, each with its latest comments."""
    each = min(LATEST_COMMENTS, COMMENTS_PER_PAGE_OF_POSTS // max(1, len(posts)))
    liked_ids = [f"{post['_id']}/{reader}" for post in posts if post["likes"]]
    comment_ids = [f"{post['_id']}/{comment}" for post in posts for comment in post["latestComments"][:each]]
    if liked_ids and comment_ids:
        likes, comments = await asyncio.gather(
            documents.get_many("likes", liked_ids), documents.get_many("comments", comment_ids)
        )
    else:
        likes = await documents.get_many("likes", liked_ids) if liked_ids else {}
        comments = await documents.get_many("comments", comment_ids) if comment_ids else {}
    dtos = []
    for post in posts:
        stream, latest = post["_id"], post["latestComments"][:each]
        if len(latest) < min(post["commentCount"], each):
            # removals have used up the ids kept in the post
            live: Sequence[Document] = await _comments_behind(documents, post["postId"], None, each)
        else:
            kept = (comments.get(f"{stream}/{comment}") for comment in latest)
            live = [comment for comment in kept if comment is not None and not comment["deleted"]]
        dtos.append(_post_dto(post, f"{stream}/{reader}" in likes, live))
    return dtos


async def _comments_behind(
    documents: Documents, post_id: str, behind: CommentPosition | None, limit: int
) -> list[Document]:
    where: dict[str, Any] = {"postId": post_id, "deleted": False}
    if behind is not None:
        where["addedVersion"] = {"$lt": behind.added_version}
    return await documents.page("comments", where, (("addedVersion", -1),), limit)


def _post_dto(post: Document, liked: bool, comments: Sequence[Document]) -> PostDto:
    more = bool(comments) and post["commentCount"] > len(comments)
    return PostDto(
        post_id=post["postId"],
        author=post["author"],
        date_posted=post["datePosted"],
        message=post["message"],
        likes=post["likes"],
        liked_by_me=liked,
        comments=[_comment_dto(comment) for comment in comments],
        comments_cursor=_comment_cursor(post["postId"], comments[-1]) if more else None,
        edited=post["edited"],
        version=post["version"],
    )


def _comment_dto(comment: Document) -> CommentDto:
    return CommentDto(
        post_id=comment["postId"],
        comment_id=comment["commentId"],
        username=comment["username"],
        comment_date=comment["commentDate"],
        comment=comment["comment"],
        edited=comment["edited"],
    )


def _comments_of(post_id: str) -> str:
    return f"posts/{post_id}/comments"


def _comment_cursor(post_id: str, comment: Document) -> str:
    return format_cursor(_comments_of(post_id), CommentPosition(comment["addedVersion"]))
