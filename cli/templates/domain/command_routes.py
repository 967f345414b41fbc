"""The commands of notes over HTTP: bodies in, commands out, versions back."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

import msgspec
from app.commands.description import CommandOperation
from app.commands.http import CommandGate, new_id, send
from app.commands.pipeline import Target
from app.door import DoorRequest
from app.problems import COMMAND_PROBLEMS
from app.routing import guarded, post, put
from litestar import Response
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from notes import note as rules

Gate = NamedDependency[CommandGate]
WRITE = guarded("notes:write", COMMAND_PROBLEMS, operation_class=CommandOperation)


class NewNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: str
    id: UUID | None = None


class NewText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: str


class Done(msgspec.Struct):
    """The note's version after the command."""

    id: str
    version: int


@post("/notes", summary="Create a note", **WRITE)
async def create(
    request: DoorRequest, gate: Gate, data: JSONBody[NewNote]
) -> Response[Done]:
    by = request.user.subject
    note_id = str(data.id or new_id(request, by, "notes"))
    return await _send(gate, request, note_id, rules.Create(by, data.text), new=True)


@put("/notes/{note_id:uuid}", summary="Change a note; its owner only", **WRITE)
async def change(
    request: DoorRequest, gate: Gate, note_id: FromPath[UUID], data: JSONBody[NewText]
) -> Response[Done]:
    command = rules.Change(request.user.subject, data.text)
    return await _send(gate, request, str(note_id), command)


@put("/notes/{note_id:uuid}/close", summary="Close a note; its owner only", **WRITE)
async def close(
    request: DoorRequest, gate: Gate, note_id: FromPath[UUID]
) -> Response[Done]:
    command = rules.Close(request.user.subject)
    return await _send(gate, request, str(note_id), command)


COMMAND_ROUTES = [create, change, close]


async def _send(
    gate: CommandGate,
    request: DoorRequest,
    note_id: str,
    command: rules.Command,
    new: bool = False,
) -> Response[Any]:
    return await send(
        gate,
        request,
        [Target(rules.NOTE, rules.NOTE.stream(note_id), new)],
        lambda state, now: [rules.decide(cast(rules.Note, state), command)],
        lambda version: Done(note_id, version),
        status=201 if new else 200,
        location=f"/api/v1/notes/{note_id}" if new else None,
    )
