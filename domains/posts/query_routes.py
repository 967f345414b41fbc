"""The reads of posts over HTTP: headers and path in, DTO out. Every read takes a Consistency-Token."""

from __future__ import annotations

from uuid import UUID

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from app.problems import Problem
from app.queries.answers import answer_hashed, answer_versioned
from app.queries.cursors import DEFAULT_LIMIT
from app.queries.parameters import Cursor, IfNoneMatch, Limit, Prefer, Reading, Reads, Token, reads
from app.routing import get
from domains.posts import finders
from domains.posts.dtos import CommentDto, CommentList, PostDto, PostList

_COMMON = reads("posts")


@get("/posts", summary="All posts, newest first", **_COMMON)
async def list_posts(
    request: Reading,
    queries: Reads,
    consistency_token: Token = None,
    prefer: Prefer = None,
    if_none_match: IfNoneMatch = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response[PostList]:
    await queries.freshness.wait(consistency_token, prefer)
    found = await finders.find_posts(queries.documents, request.user.subject, limit, cursor)
    return answer_hashed(found, if_none_match)


@get("/posts/byAuthor/{author:str}", summary="Posts whose author's name holds a part, newest first", **_COMMON)
async def list_posts_by_author(
    request: Reading,
    author: FromPath[str],
    queries: Reads,
    consistency_token: Token = None,
    prefer: Prefer = None,
    if_none_match: IfNoneMatch = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response[PostList]:
    await queries.freshness.wait(consistency_token, prefer)
    found = await finders.find_posts_by_author(queries.documents, author, request.user.subject, limit, cursor)
    return answer_hashed(found, if_none_match)


@get("/posts/withComments", summary="Posts with comments, newest first", **_COMMON)
async def list_posts_with_comments(
    request: Reading,
    queries: Reads,
    consistency_token: Token = None,
    prefer: Prefer = None,
    if_none_match: IfNoneMatch = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response[PostList]:
    await queries.freshness.wait(consistency_token, prefer)
    found = await finders.find_posts_with_comments(queries.documents, request.user.subject, limit, cursor)
    return answer_hashed(found, if_none_match)


@get("/posts/withLikes/{at_least:int}", summary="Posts with at least so many likes, newest first", **_COMMON)
async def list_posts_with_likes(
    request: Reading,
    at_least: FromPath[int],
    queries: Reads,
    consistency_token: Token = None,
    prefer: Prefer = None,
    if_none_match: IfNoneMatch = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response[PostList]:
    await queries.freshness.wait(consistency_token, prefer)
    found = await finders.find_posts_with_likes(queries.documents, at_least, request.user.subject, limit, cursor)
    return answer_hashed(found, if_none_match)


@get("/posts/{post_id:uuid}", summary="A post with its latest comments", **_COMMON)
async def get_post(
    request: Reading,
    post_id: FromPath[UUID],
    queries: Reads,
    consistency_token: Token = None,
    prefer: Prefer = None,
    if_none_match: IfNoneMatch = None,
) -> Response[PostDto]:
    await queries.freshness.wait(consistency_token, prefer)
    found = await finders.find_post(queries.documents, str(post_id), request.user.subject)
    if found is None:
        raise no_such_post(post_id)
    return answer_versioned(found, f"post-{post_id}", found.version, if_none_match)


@get("/posts/{post_id:uuid}/comments", summary="A post's comments, newest first", **_COMMON)
async def list_comments(
    post_id: FromPath[UUID],
    queries: Reads,
    consistency_token: Token = None,
    prefer: Prefer = None,
    if_none_match: IfNoneMatch = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response[CommentList]:
    await queries.freshness.wait(consistency_token, prefer)
    found = await finders.find_comments(queries.documents, str(post_id), limit, cursor)
    if found is None:
        raise no_such_post(post_id)
    return answer_hashed(found, if_none_match)


@get("/posts/{post_id:uuid}/comments/{comment_id:uuid}", summary="One comment of a post", **_COMMON)
async def get_comment(
    post_id: FromPath[UUID],
    comment_id: FromPath[UUID],
    queries: Reads,
    consistency_token: Token = None,
    prefer: Prefer = None,
    if_none_match: IfNoneMatch = None,
) -> Response[CommentDto]:
    await queries.freshness.wait(consistency_token, prefer)
    found = await finders.find_comment(queries.documents, str(post_id), str(comment_id))
    if found is None:
        raise Problem(404, "not-found", f"post {post_id} has no comment {comment_id}")
    return answer_hashed(found, if_none_match)


def no_such_post(post_id: UUID) -> Problem:
    return Problem(404, "not-found", f"there is no post {post_id}")


QUERY_ROUTES: list[HTTPRouteHandler] = [
    list_posts,
    list_posts_by_author,
    list_posts_with_comments,
    list_posts_with_likes,
    get_post,
    list_comments,
    get_comment,
]
