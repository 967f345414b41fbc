"""Clients of a bank: each transfers between accounts, all at once and fast, and keeps a history of what it was told.

Like any workload they send a command again with its key until the answer is definite. They speak HTTP over the bare
connection of the benches: thousands of transfers would else be the client's own time. What is true of the money
afterwards is tests.system.accounts'.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx

from bench.wire import Answer, Connection, request
from chaos.system import System
from tests.system.history import Done
from tests.system.workload import Workload, command, token_of


class Bank(Workload):
    """So many clients, each the owner of some of the accounts."""

    def __init__(self, system: System, *, clients: int, seed: int = 1) -> None:
        super().__init__(system, people=clients, seed=seed)
        self._lines: dict[str, list[Line]] = {}
        self._tokens = {person: system.token(person) for person in self._people}
        self.accounts: list[tuple[str, str]] = []
        """(account, owner)"""
        self._own: dict[str, list[str]] = {}

    async def __aexit__(self, *_: object) -> None:
        for line in (line for lines in self._lines.values() for line in lines):
            line.close()

    async def open(self, accounts: int, holding: int) -> None:
        """Accounts shared out among the clients, each with so much in it."""

        async def one(owner: str) -> None:
            done = await self.send(command(owner, "POST", "/accounts", {"currency": "EUR"}))
            account = json.loads(done.answer)["id"]
            self.accounts.append((account, owner))
            self._own.setdefault(owner, []).append(account)
            await self.send(command(owner, "POST", f"/accounts/{account}/deposits", {"amount": holding}))

        await asyncio.gather(*(one(self._people[number % len(self._people)]) for number in range(accounts)))

    def _next(self, person: str) -> Done:
        source = self._random.choice(self._own[person])
        target = source
        while target == source:
            target, _ = self._random.choice(self.accounts)
        body = {"from": source, "to": target, "amount": self._random.randrange(1, 400)}
        done = command(person, "POST", "/transfers", body)
        done.events = 2
        return done

    def _learn(self, done: Done, answer: httpx.Response) -> None:
        done.status, done.answer = answer.status_code, answer.content
        done.outcome = "acknowledged" if answer.status_code < 300 else "refused"
        if done.outcome == "acknowledged":
            done.versions = token_of(answer.headers["Consistency-Token"])

    async def _attempt(self, done: Done) -> httpx.Response | None:
        lines = self._lines.setdefault(done.principal, [])
        line = next((line for line in lines if not line.busy), None)
        if line is None:
            line = Line(self.system.api_port)
            lines.append(line)
        body = json.dumps(done.body).encode()
        asked = request("POST", f"/api/v1{done.path}", self._tokens[done.principal], done.key, body)
        asked = asked.replace(b"\r\n", f"\r\nX-Correlation-Id: {done.correlation}\r\n".encode(), 1)
        try:
            answer = await line.ask(asked)
        except OSError:
            return None
        headers = {"Consistency-Token": (answer.header(b"consistency-token") or b"").decode()}
        return httpx.Response(answer.status, headers=headers, content=answer.body)


class Line:
    """One connection, opened when it is needed and again when it was lost. Raises OSError for an answer that is."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: Connection | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self.busy = False

    async def ask(self, asked: bytes) -> Answer:
        self.busy = True
        try:
            loop = asyncio.get_running_loop()
            if self._connection is None:
                made: Any = await loop.create_connection(
                    lambda: Connection(self._answered, self._lost), "127.0.0.1", self._port
                )
                self._connection = made[1]
            self._answer = loop.create_future()
            self._connection.send(asked)
            return await self._answer
        finally:
            self.busy = False

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _answered(self, _: Connection, answer: Answer) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)

    def _lost(self, _: Connection, error: Exception | None) -> None:
        self._connection = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionResetError(str(error)))
