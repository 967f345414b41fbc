"""Commands and reads as a client does them: one operation over as many attempts as it has patience for, written down.

A command whose outcome was not told is sent again under its key until it is; a client that gives up leaves it unknown.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import msgspec

from bench.wire import Answer
from chaos.http import TIMEOUT_SECONDS, Caller, versions_in
from chaos.journal import Client, Journal
from checker.history import Row, outcome_of

SHORTEST_PAUSE, LONGEST_PAUSE = 0.01, 0.4
PATIENCE_SECONDS = 60.0
AGAIN = ("contended", "too-many")
"""Refusals that a client tries again although they are definite."""


class Command(msgspec.Struct, kw_only=True):
    """What is to be sent. `args` is what the event will repeat."""

    f: str
    principal: str
    method: str
    path: str
    body: dict[str, Any] | None = None
    stream: str = ""
    args: dict[str, Any] = {}
    key: str = msgspec.field(default_factory=lambda: uuid4().hex)


class Told(msgspec.Struct, kw_only=True):
    """What came of it."""

    row: Row
    answer: Answer | None

    @property
    def ok(self) -> bool:
        return self.row.type == "ok"


class Person:
    """One client: who they are, their connection, and their name in the history."""

    def __init__(
        self,
        journal: Journal,
        name: str,
        caller: Caller,
        chance: random.Random,
        accepted: Callable[[Command], None] = lambda _: None,
    ) -> None:
        self._journal, self.name, self.caller, self._chance, self._accepted = journal, name, caller, chance, accepted
        self.client = Client(journal)
        self.impatience = 0.0
        """How often they go away in the middle of a request."""
        self.went_away = 0

    async def command(self, command: Command, patience: float = PATIENCE_SECONDS) -> Told:
        """The command was sent until its outcome was told, or patience ended."""
        asked = self._journal.asked(
            self.client, command.f, principal=command.principal, stream=command.stream, key=command.key,
            args=command.args,
        )  # fmt: skip
        headers = {"Idempotency-Key": command.key, "X-Correlation-Id": asked.correlation}
        body = None if command.body is None else msgspec.json.encode(command.body)
        attempts: list[str] = []
        deadline, pause, answer = time.monotonic() + patience, SHORTEST_PAUSE, None
        while True:
            within = self._how_long()
            word, answer = await self.caller.attempt(
                command.principal, command.method, command.path, body, headers, within
            )
            attempts.append(word)
            if (outcome_of([word]) != "info" and word != "refused" and not word.endswith(AGAIN)) or (
                time.monotonic() > deadline
            ):
                break
            await asyncio.sleep(pause * self._chance.uniform(0.5, 1))
            pause = min(LONGEST_PAUSE, pause * 2)
        told = Told(row=self._told(asked, attempts, answer), answer=answer)
        if told.ok:
            self._accepted(command)
        return told

    async def read(self, path: str, stream: str, token: int | None = None, by: str = "") -> Told:
        """One document was asked for, with a token not older than that; `by` whoever may see it, if not everyone."""
        asked_token = {stream: token} if token else {}
        asked = self._journal.asked(self.client, "read", principal=by or self.name, stream=stream, token=asked_token)
        headers = {"Consistency-Token": f"{stream}@{token}", "Prefer": "wait=2"} if token else {}
        word, answer = await self.caller.attempt(by or self.name, "GET", path, None, headers)
        versions: dict[str, int] = {}
        seen: dict[str, Any] = {}
        if answer is not None and answer.status == 200:
            document = msgspec.json.decode(answer.body, type=dict[str, Any])
            versions[stream] = document["version"]
            seen = {name: document[name] for name in ("message", "balance") if name in document}
        row = self._journal.told(self.client, asked, [word], versions=versions, seen=seen, body=_if_ours(answer))
        return Told(row=row, answer=answer)

    def _told(self, asked: Row, attempts: list[str], answer: Answer | None) -> Row:
        accepted = answer is not None and answer.status < 300
        body = answer.body.decode(errors="replace") if answer is not None and accepted else _if_ours(answer)
        return self._journal.told(
            self.client, asked, attempts, answers=[digest(answer)] if answer is not None and accepted else [],
            body=body, versions=versions_in(answer.header(b"consistency-token")) if answer and accepted else {},
        )  # fmt: skip

    def _how_long(self) -> float:
        if self.impatience and self._chance.random() < self.impatience:
            self.went_away += 1
            return self._chance.uniform(0.0005, 0.02)
        return TIMEOUT_SECONDS


def digest(answer: Answer) -> str:
    return hashlib.blake2b(b"%d %b" % (answer.status, answer.body), digest_size=12).hexdigest()


def _if_ours(answer: Answer | None) -> str:
    """The body of an answer that says the fault is not the client's."""
    return answer.body.decode(errors="replace")[:2_000] if answer is not None and answer.status >= 500 else ""
