"""A post's audit trail, and the post as it was."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from app.auth import requires
from app.history.moments import moment
from app.history.reader import HistoryReader, Until
from app.history.replay import replay
from app.problems import READ_PROBLEMS
from app.routing import get
from domains.posts.post import POST, PostNotFound
from domains.posts.views import PROJECTIONS
from kernel.domain import load_schema
from kernel.projection import Ref

READ: dict[str, Any] = {
    "guards": [requires("posts:read")],
    "responses": READ_PROBLEMS,
    "tags": ["posts"],
    "security": [{"bearer": ["posts:read"]}],
}
SCHEMA = load_schema("domains.posts")
(POSTS,) = PROJECTIONS


class AuditEntry(msgspec.Struct, rename="camel"):
    """One stored event: what happened, when it did, when we learnt it, and by whom."""

    version: int
    type: str
    data: dict[str, Any]
    event_id: str
    occurred_at: datetime
    recorded_at: datetime
    principal: str
    correlation_id: str | None


class AuditTrail(msgspec.Struct, rename="camel"):
    """Events in order. `next` is the `after` of the next page, null on the last."""

    post_id: str
    version: int
    events: list[AuditEntry]
    next: int | None


class CommentThen(msgspec.Struct, rename="camel"):
    comment_id: str
    username: str
    comment: str
    comment_date: str
    edited: bool


class PostThen(msgspec.Struct, rename="camel"):
    """The post as it was at `version`, with its first 50 comments of then."""

    post_id: str
    version: int
    changed_at: str | None
    author: str
    date_posted: str
    message: str
    edited: bool
    deleted: bool
    likes: int
    comment_count: int
    comments: list[CommentThen]


@get("/posts/{post_id:uuid}/events", summary="A post's audit trail", **READ)
async def post_events(
    history: NamedDependency[HistoryReader],
    post_id: FromPath[UUID],
    after: Annotated[int, QueryParameter(ge=0, lt=2**62, description="Only versions above this")] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> AuditTrail:
    stream = POST.stream(post_id)
    version = await history.version(stream)
    if version == 0:
        raise PostNotFound(f"there is no post {post_id}")
    page = await history.page(stream, after, limit)
    entries = [
        AuditEntry(
            version=one.version,
            type=one.type,
            data=msgspec.to_builtins(one.event),
            event_id=str(one.event_id),
            occurred_at=one.occurred_at,
            recorded_at=one.recorded_at,
            principal=one.metadata.principal,
            correlation_id=one.metadata.correlation_id,
        )
        for one in page
    ]
    more = bool(page) and page[-1].version < version
    return AuditTrail(str(post_id), version, entries, page[-1].version if more else None)


@get("/posts/{post_id:uuid}/history", summary="A post as it was at a version or a time", **READ)
async def post_history(
    history: NamedDependency[HistoryReader],
    post_id: FromPath[UUID],
    version: Annotated[int | None, QueryParameter(ge=1, lt=2**62)] = None,
    as_of: Annotated[str | None, QueryParameter(name="as_of", description="When it had happened")] = None,
    as_known_at: Annotated[str | None, QueryParameter(name="as_known_at", description="When we knew")] = None,
) -> PostThen:
    stream = POST.stream(post_id)
    until = Until(version, moment("as_of", as_of), moment("as_known_at", as_known_at))
    then = await replay(POSTS, SCHEMA, history.all(stream, until))
    post = then.documents.get(Ref("posts", stream))
    if post is None:
        raise PostNotFound(f"there was no post {post_id} then")
    comments = [
        CommentThen(each["commentId"], each["username"], each["comment"], each["commentDate"], each["edited"])
        for ref, each in then.documents.items()
        if ref.collection == "comments" and not each.get("deleted")
    ]
    return PostThen(
        post_id=str(post_id),
        version=then.version,
        changed_at=then.occurred_at,
        author=post["author"],
        date_posted=post["datePosted"],
        message=post["message"],
        edited=post["edited"],
        deleted=post["deleted"],
        likes=post["likes"],
        comment_count=post["commentCount"],
        comments=comments[:50],
    )


HISTORY_ROUTES = [post_events, post_history]
