"""A crowd of clients at one system: each does one thing after another, all at once, while a scenario does its worst."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec

from chaos.accounts import Accounts
from chaos.asking import Command, Person, Told
from chaos.http import Caller
from chaos.journal import Journal
from chaos.posts import Posts
from chaos.system import System

KEPT = 300
HAS_ACCOUNTS = find_spec("domains.accounts") is not None
"""Whether there are accounts to do anything with: the campaign knows domains by what HTTP offers."""


class Crowd:
    """`people` clients. `rate`: operations a second of all together at most; 0 as many as there are answers."""

    def __init__(
        self, system: System, journal: Journal, *, people: int, seed: int, rate: float = 0, ports: Sequence[int] = ()
    ) -> None:
        self._system, self.journal = system, journal
        self._ports = list(ports) or [system.api_port]
        self._chance = random.Random(seed)
        self._pause = people / rate if rate else 0.0
        self.posts = Posts(seed)
        self._domains: list[Posts | Accounts] = [self.posts, *([Accounts(seed)] if HAS_ACCOUNTS else [])]
        self.accepted: list[Command] = []
        """Some of the commands that were acknowledged, each as likely as any other."""
        self._seen = 0
        self.tokens: dict[str, str] = {}
        self.people = [self.person(f"person-{number}") for number in range(people)]

    def person(self, name: str) -> Person:
        """Somebody new."""
        port = self._ports[self._chance.randrange(len(self._ports))]
        return Person(self.journal, name, Caller(port, self.token_of), self._chance, self._keep)

    def token_of(self, name: str) -> str:
        if name not in self.tokens:
            self.tokens[name] = self._system.token(name, hours=24)
        return self.tokens[name]

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """They work while the block lasts; on leaving, each ends what it has in hand."""
        stopping = asyncio.Event()
        tasks = [asyncio.create_task(self._work(person, stopping)) for person in self.people]
        try:
            yield
        finally:
            stopping.set()
            await asyncio.gather(*tasks)

    async def burst(self, operations: int) -> None:
        """So many operations by all of them at once."""
        left = iter(range(operations))

        async def work(person: Person) -> None:
            for _ in left:
                await self._one(person)

        await asyncio.gather(*(work(person) for person in self.people))

    async def grown(self, by: int, within: float = 60.0, unless: Callable[[], bool] = lambda: False) -> None:
        """Returns once `by` more commands were acknowledged. Raises AssertionError when that takes too long."""
        goal, deadline = self.journal.acknowledged + by, asyncio.get_running_loop().time() + within
        while self.journal.acknowledged < goal and not unless():
            assert asyncio.get_running_loop().time() < deadline, f"not {by} more commands within {within} s"
            await asyncio.sleep(0.01)

    def close(self) -> None:
        for person in self.people:
            person.caller.close()

    async def _work(self, person: Person, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            await self._one(person)
            if self._pause:
                await asyncio.sleep(self._pause * self._chance.uniform(0.5, 1.5))

    async def _one(self, person: Person) -> Told:
        return await self._chance.choice(self._domains).one(person)

    def _keep(self, command: Command) -> None:
        self._seen += 1
        if len(self.accepted) < KEPT:
            self.accepted.append(command)
        elif (place := self._chance.randrange(self._seen)) < KEPT:
            self.accepted[place] = command
