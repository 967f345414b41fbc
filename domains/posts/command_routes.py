"""The commands of posts over HTTP: bodies in, commands out, versions back. Translates and nothing more."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from app.commands.description import BodilessOperation
from app.commands.http import Changed, CommandGate, caller_name, new_id, send, send_to, writes
from app.commands.pipeline import Target
from app.commands.rebuilds import ADMIN, RebuildRequested, RebuildRequests
from app.door import DoorRequest
from app.routing import delete, post, put
from domains.posts.post import (
    POST,
    AddComment,
    CreatePost,
    LikePost,
    Post,
    PostCommand,
    RemoveComment,
    RemovePost,
    UnlikePost,
    UpdateComment,
    UpdateMessage,
    decide,
)

WRITE = writes("posts")
REMOVAL = WRITE | {"status_code": 200, "operation_class": BodilessOperation}


class Body(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What every body has in common: camelCase, and no field that nobody reads."""


class NewPost(Body, frozen=True, kw_only=True):
    message: str
    author: str | None = None
    id: UUID | None = None


class NewMessage(Body, frozen=True, kw_only=True):
    message: str


class Removal(Body, frozen=True, kw_only=True):
    username: str | None = None


class NewComment(Body, frozen=True, kw_only=True):
    comment: str
    username: str | None = None
    id: UUID | None = None


class NewCommentText(Body, frozen=True, kw_only=True):
    comment: str
    username: str | None = None


class Created(msgspec.Struct, rename="camel"):
    id: str
    message: str


class CommentCreated(msgspec.Struct, rename="camel"):
    post_id: str
    id: str
    message: str


@post("/posts", summary="Write a post", **WRITE)
async def create_post(
    request: DoorRequest, gate: NamedDependency[CommandGate], data: JSONBody[NewPost]
) -> Response[Created]:
    author = caller_name(request, data.author)
    post_id = str(data.id or new_id(request, author, "posts"))
    return await _send(
        gate,
        request,
        post_id,
        CreatePost(author=author, message=data.message),
        lambda _: Created(post_id, "the post is stored"),
        location=f"/api/v1/posts/{post_id}",
        new=True,
    )


@put("/posts/{post_id:uuid}", summary="Edit a post; its author only", **WRITE)
async def update_message(
    request: DoorRequest, gate: NamedDependency[CommandGate], post_id: FromPath[UUID], data: JSONBody[NewMessage]
) -> Response[Changed]:
    return await _change(gate, request, post_id, UpdateMessage(by=request.user.subject, message=data.message))


@put("/posts/like/{post_id:uuid}", summary="Like a post; again is accepted and changes nothing", **WRITE)
async def like_post(
    request: DoorRequest, gate: NamedDependency[CommandGate], post_id: FromPath[UUID]
) -> Response[Changed]:
    return await _change(gate, request, post_id, LikePost(by=request.user.subject))


@delete("/posts/like/{post_id:uuid}", summary="Take a like back", status_code=200, **WRITE)
async def unlike_post(
    request: DoorRequest, gate: NamedDependency[CommandGate], post_id: FromPath[UUID]
) -> Response[Changed]:
    return await _change(gate, request, post_id, UnlikePost(by=request.user.subject))


@delete("/posts/{post_id:uuid}", summary="Delete a post; its author only", **REMOVAL)
async def remove_post(
    request: DoorRequest,
    gate: NamedDependency[CommandGate],
    post_id: FromPath[UUID],
    data: JSONBody[Removal | None] = None,
) -> Response[Changed]:
    by = caller_name(request, data.username if data else None)
    return await _change(gate, request, post_id, RemovePost(by=by))


@post("/posts/{post_id:uuid}/comments", summary="Comment on a post", **WRITE)
async def add_comment(
    request: DoorRequest, gate: NamedDependency[CommandGate], post_id: FromPath[UUID], data: JSONBody[NewComment]
) -> Response[CommentCreated]:
    by = caller_name(request, data.username)
    comment_id = str(data.id or new_id(request, by, f"posts/{post_id}/comments"))
    return await _send(
        gate,
        request,
        str(post_id),
        AddComment(by=by, comment_id=comment_id, comment=data.comment),
        lambda _: CommentCreated(str(post_id), comment_id, "the comment is stored"),
        location=f"/api/v1/posts/{post_id}/comments/{comment_id}",
    )


@put("/posts/{post_id:uuid}/comments/{comment_id:uuid}", summary="Edit a comment; its writer only", **WRITE)
async def update_comment(
    request: DoorRequest,
    gate: NamedDependency[CommandGate],
    post_id: FromPath[UUID],
    comment_id: FromPath[UUID],
    data: JSONBody[NewCommentText],
) -> Response[Changed]:
    by = caller_name(request, data.username)
    return await _change(gate, request, post_id, UpdateComment(by=by, comment_id=str(comment_id), comment=data.comment))


@delete(
    "/posts/{post_id:uuid}/comments/{comment_id:uuid}",
    summary="Remove a comment; its writer only",
    **REMOVAL,
)
async def remove_comment(
    request: DoorRequest,
    gate: NamedDependency[CommandGate],
    post_id: FromPath[UUID],
    comment_id: FromPath[UUID],
    data: JSONBody[Removal | None] = None,
) -> Response[Changed]:
    by = caller_name(request, data.username if data else None)
    return await _change(gate, request, post_id, RemoveComment(by=by, comment_id=str(comment_id)))


@post("/RestoreReadDb", summary="Build the posts' read database anew, and switch to it", **ADMIN)
async def restore_read_db(
    request: DoorRequest, rebuilds: NamedDependency[RebuildRequests]
) -> Response[RebuildRequested]:
    return await rebuilds.request("posts", request.user.subject, switch=True)


@post("/RetoreReadDb", summary="The same, as CQRS Plus spells it", **ADMIN)
async def retore_read_db(
    request: DoorRequest, rebuilds: NamedDependency[RebuildRequests]
) -> Response[RebuildRequested]:
    return await rebuilds.request("posts", request.user.subject, switch=True)


COMMAND_ROUTES = [
    restore_read_db,
    retore_read_db,
    create_post,
    update_message,
    like_post,
    unlike_post,
    remove_post,
    add_comment,
    update_comment,
    remove_comment,
]


async def _change(gate: CommandGate, request: DoorRequest, post_id: UUID, command: PostCommand) -> Response[Changed]:
    return await send_to(gate, request, POST, post_id, lambda post, now: decide(post, command, str(post_id), now))


async def _send(
    gate: CommandGate,
    request: DoorRequest,
    post_id: str,
    command: PostCommand,
    body: Any,
    *,
    location: str | None = None,
    new: bool = False,
) -> Response[Any]:
    return await send(
        gate,
        request,
        [Target(POST, POST.stream(post_id), new)],
        lambda state, now: [decide(cast(Post, state), command, post_id, now)],
        body,
        status=201 if location else 200,
        location=location,
    )
