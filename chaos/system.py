"""One test's own system on the shared servers: its own database, topics and documents, and real processes over them.

Two systems never see one another: PostgreSQL database, Kafka namespace and MongoDB database carry the system's name.
Whether what they hold agrees is tests.system.agreement's.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg
import httpx
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from chaos.processes import Nursery, Process
from stack.ports import free_port
from stack.servers import Servers
from stack.tokens import DevelopmentKeys
from stack.topology import AUDIENCE, ISSUER, ROLES, role_dsn

TEMPLATE = "lockstep_template"
LANES = 2
"""More than the default of one: what is true of several is true of one, and not the other way round."""
WRITER, READER = "posts:write", "posts:read"
EVERYDAY = (READER, WRITER, "accounts:read", "accounts:write")
"""What people may do who are nobody special."""


class Ground:
    """What every system of a session stands on: servers, nursery, signing keys, a migrated template database."""

    def __init__(self, servers: Servers, nursery: Nursery, folder: Path) -> None:
        self.servers, self.nursery, self.folder = servers, nursery, folder
        self.keys = DevelopmentKeys(folder / "keys")
        self.plain = {name: value for name, value in os.environ.items() if not name.startswith("LOCKSTEP_")}
        self._migrate()

    def _migrate(self) -> None:
        self.servers.postgres.ensure_database(TEMPLATE)
        secrets = {
            f"LOCKSTEP_{role.upper()}_PASSWORD": self.servers.passwords.get(f"postgres-{role}") for role in ROLES
        }
        told = {"LOCKSTEP_POSTGRES_DSN": self.servers.postgres.dsn(TEMPLATE), "LOCKSTEP_LANES": str(LANES)}
        self.nursery.run("migrations", self.plain | secrets | told, self.folder / "migrations.log")

    def dsn(self, role: str, database: str, port: int | None = None) -> str:
        return role_dsn(self.servers.passwords, role, port or self.servers.postgres.port, database)


class System:
    """A system; make it with `System.open`. `settings` are LOCKSTEP_* values that every process of it gets."""

    def __init__(self, ground: Ground, name: str, settings: dict[str, str]) -> None:
        self.ground, self.name, self._settings = ground, name, settings
        self.servers = ground.servers
        self.processes: list[Process] = []
        self._numbers = itertools.count(1)
        self.api_port = free_port()

    @classmethod
    def open(cls, ground: Ground, name: str, **settings: object) -> System:
        """A system with empty database, topics made, and no process yet."""
        system = cls(ground, name, {key.upper(): str(value) for key, value in settings.items()})
        ground.servers.postgres.query(f'CREATE DATABASE "{name}" TEMPLATE {TEMPLATE} OWNER lockstep_owner')
        ground.nursery.run("relay.topics", system.environment("relay"), ground.folder / f"{name}-topics.log")
        return system

    @property
    def topic(self) -> str:
        """The topic of posts, for tests that write it themselves."""
        return f"{self.name}.posts"

    def environment(self, kind: str, **more: object) -> dict[str, str]:
        """What a process of this kind is told."""
        servers, values = self.servers, {"NAMESPACE": self.name, "ENVIRONMENT": "development"}
        postgres = {"POSTGRES_DSN": self.ground.dsn("app" if kind == "app" else "relay", self.name)}
        mongo = {"MONGO_URI": servers.mongo.uri, "MONGO_DATABASE": self.name}
        kafka = {"KAFKA_BOOTSTRAP": servers.kafka.bootstrap}
        keys = {
            "JWT_PUBLIC_KEYS_FILE": str(self.ground.keys.public_key_file()),
            "JWT_ISSUER": ISSUER,
            "JWT_AUDIENCE": AUDIENCE,
        }
        needs = {"app": postgres | mongo | keys, "relay": postgres | kafka, "projector": mongo | kafka}[kind]
        values |= needs | self._settings | {key.upper(): str(value) for key, value in more.items()}
        return self.ground.plain | {f"LOCKSTEP_{name}": value for name, value in values.items()}

    def start(
        self, kind: str, *, arrange: str | None = None, arguments: Sequence[Any] = (), **settings: object
    ) -> Process:
        """A new process of this kind; it may not be ready yet. `arrange`: see Nursery.fork."""
        port = int(str(settings.pop("http_port", 0))) or free_port()
        log = self.ground.folder / f"{self.name}-{kind}-{next(self._numbers)}.log"
        environment = self.environment(kind, http_port=port, **settings)
        process = Process(kind, self.ground.nursery.fork(kind, environment, log, arrange, arguments), port, log)
        self.processes.append(process)
        return process

    async def start_all(self, *kinds: str) -> None:
        """One process of each kind (app, relay and projector when none is named), ready."""
        started = [
            self.start(kind, http_port=self.api_port if kind == "app" else 0)
            for kind in kinds or ("app", "relay", "projector")
        ]
        await asyncio.gather(*(process.ready() for process in started))

    def one(self, kind: str) -> Process:
        """The running process of this kind."""
        return next(process for process in self.processes if process.kind == kind and process.is_running)

    def token(self, person: str, scopes: Sequence[str] = EVERYDAY, hours: float = 1) -> str:
        return self.ground.keys.token(person, scopes, hours)

    def client(
        self, person: str = "ann", scopes: Sequence[str] = EVERYDAY, *, port: int = 0, timeout: float = 15
    ) -> httpx.AsyncClient:
        """The API as this person, /api/v1 in front of every path."""
        return httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port or self.api_port}/api/v1",
            headers={"Authorization": f"Bearer {self.token(person, scopes)}"},
            timeout=timeout,
            limits=httpx.Limits(max_connections=200, max_keepalive_connections=200),
        )

    async def sql(self, query: str, *arguments: Any, role: str = "reader") -> list[asyncpg.Record]:
        """Rows, straight from the database."""
        connection = await asyncpg.connect(self.ground.dsn(role, self.name))
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()

    def close(self) -> None:
        """The same as `discard` where no event loop runs."""
        asyncio.run(self.discard())

    async def discard(self) -> None:
        """No process of it is left, and no topic: a killed broker looks through all partitions it has before it
        is back."""
        for process in self.processes:
            process.kill()
        with suppress(KafkaError, TimeoutError):  # it may be down
            await asyncio.wait_for(self._delete_topics(), 10)

    async def _delete_topics(self) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.servers.kafka.bootstrap)
        await admin.start()
        try:
            await admin.delete_topics([each for each in await admin.list_topics() if each.startswith(f"{self.name}.")])
        finally:
            await admin.close()
