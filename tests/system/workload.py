"""Clients that write as people do, all at once, and keep a history of what they were told.

A client whose answer did not come (a broken connection, a time-out, 503, 409 in flight) sends the same command with the
same key again until the answer is definite. What the servers hold afterwards is tests.system.agreement's.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Self
from uuid import uuid4

import httpx

from chaos.system import System
from tests.system.history import Done, History

PATIENCE_ATTEMPTS = 600
SHORTEST_PAUSE, LONGEST_PAUSE = 0.01, 0.25


class Workload:
    """Commands of several people on one system; a context, at whose end their connections are closed.

    `seed` fixes what is tried, not what happens.
    """

    def __init__(self, system: System, *, people: int = 8, seed: int = 1, ports: list[int] | None = None) -> None:
        self.system, self.history = system, History()
        self._random = random.Random(seed)
        self._people = [f"person-{number}" for number in range(people)]
        self._ports = ports or [system.api_port]
        self._clients: dict[str, httpx.AsyncClient] = {}
        self.posts: list[tuple[str, str]] = []
        self._comments: list[tuple[str, str, str]] = []
        self.stopping = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for client in self._clients.values():
            await client.aclose()

    async def burst(self, commands: int) -> None:
        """So many commands, from all people at once; returns when each has its definite answer."""
        queue = iter(range(commands))

        async def work(person: str) -> None:
            for _ in queue:
                await self.one(person)

        await asyncio.gather(*(work(person) for person in self._people))

    @asynccontextmanager
    async def running(self, until: Callable[[], bool] = lambda: False) -> AsyncIterator[None]:
        """People write on and on while the block lasts; on leaving, each ends what it has in hand."""

        async def work(person: str) -> None:
            while not (self.stopping or until()):
                await self.one(person)

        tasks = [asyncio.create_task(work(person)) for person in self._people]
        try:
            yield
        finally:
            self.stopping = True
            await asyncio.gather(*tasks)
            self.stopping = False

    async def one(self, person: str) -> Done:
        """One command by this person, with its definite answer."""
        return await self.send(self._next(person))

    async def send(self, done: Done) -> Done:
        """The command was sent until its answer was definite."""
        self.history.add(done)
        pause = SHORTEST_PAUSE
        for _ in range(PATIENCE_ATTEMPTS):
            done.attempts += 1
            answer = await self._attempt(done)
            if answer is not None and answer.status_code < 500 and not _in_flight(answer):
                self._learn(done, answer)
                break
            await asyncio.sleep(pause * random.uniform(0.5, 1))
            pause = min(LONGEST_PAUSE, pause * 2)
        return done

    async def _attempt(self, done: Done) -> httpx.Response | None:
        client = self._client(done.principal)
        headers = {"Idempotency-Key": done.key, "X-Correlation-Id": str(done.correlation)}
        content = None if done.body is None else json.dumps(done.body)
        try:
            return await client.request(done.method, done.path, content=content, headers=headers)
        except httpx.TransportError:
            return None

    def _client(self, person: str) -> httpx.AsyncClient:
        if person not in self._clients:
            port = self._ports[len(self._clients) % len(self._ports)]
            self._clients[person] = self.system.client(person, port=port)
        return self._clients[person]

    def _learn(self, done: Done, answer: httpx.Response) -> None:
        done.status, done.answer = answer.status_code, answer.content
        done.outcome = "acknowledged" if answer.status_code < 300 else "refused"
        if done.outcome == "refused":
            return
        done.versions = token_of(answer.headers["Consistency-Token"])
        said = answer.json()
        if done.path == "/posts":
            self.posts.append((said["id"], done.principal))
        elif done.path.endswith("/comments"):
            self._comments.append((said["postId"], said["id"], done.principal))

    def _next(self, person: str) -> Done:
        roll = self._random.random()
        text = f"words {self._random.randrange(10**9)}"
        if not self.posts or roll < 0.25:
            return command(person, "POST", "/posts", {"message": text})
        # a few posts are hot: several people write to them at once
        post, author = self.posts[min(int(self._random.expovariate(0.15)), len(self.posts) - 1)]
        if roll < 0.5:
            return command(person, "PUT", f"/posts/like/{post}", may_change_nothing=True)
        if roll < 0.56:
            return command(person, "DELETE", f"/posts/like/{post}", may_change_nothing=True)
        if roll < 0.74 or not self._comments:
            return command(person, "POST", f"/posts/{post}/comments", {"comment": text})
        if roll < 0.86:
            return command(author, "PUT", f"/posts/{post}", {"message": text})
        post, comment, writer = self._comments[self._random.randrange(len(self._comments))]
        if roll < 0.94:
            return command(writer, "PUT", f"/posts/{post}/comments/{comment}", {"comment": text})
        if roll < 0.98:
            return command(writer, "DELETE", f"/posts/{post}/comments/{comment}")
        post, author = self.posts[-1]
        return command(author, "DELETE", f"/posts/{post}")


def command(
    person: str, method: str, path: str, body: dict[str, Any] | None = None, *, may_change_nothing: bool = False
) -> Done:
    return Done(
        principal=person, method=method, path=path, body=body, key=uuid4().hex, may_change_nothing=may_change_nothing
    )


def token_of(header: str) -> dict[str, int]:
    """What a Consistency-Token names: stream → version."""
    entries = (entry.rpartition("@") for entry in header.split(","))
    return {stream: int(version) for stream, _, version in entries}


def _in_flight(answer: httpx.Response) -> bool:
    return answer.status_code == 409 and answer.json()["type"].rpartition("/")[2] in (
        "idempotency-key-in-flight",
        "contended",
    )
