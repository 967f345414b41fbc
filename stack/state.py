"""What a running stack tells others about itself: one file in its data folder, replaced as a whole, without secrets."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec
import psutil

STATE_FILE = "state.json"


class Urls(msgspec.Struct, frozen=True, kw_only=True):
    """Where people and programs go. The API is the gateway's, if there is one."""

    api: str
    docs: str
    gateway: str | None = None


class PostgresAddress(msgspec.Struct, frozen=True, kw_only=True):
    """PostgreSQL; `dsn` is without a password, which stands in the data folder's secrets."""

    host: str
    port: int
    database: str
    dsn: str


class KafkaAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Kafka."""

    bootstrap: str


class MongoAddress(msgspec.Struct, frozen=True, kw_only=True):
    """MongoDB."""

    uri: str
    database: str


class ServerAddresses(msgspec.Struct, frozen=True, kw_only=True):
    """The three servers."""

    postgres: PostgresAddress
    kafka: KafkaAddress
    mongo: MongoAddress


class ProcessState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One process; `state` is starting, running, restarting or gone; `port` answers its probes."""

    name: str
    pid: int
    state: str
    restarts: int | None = None
    port: int | None = None
    health: str | None = None
    log: str | None = None


class StackState(msgspec.Struct, frozen=True, kw_only=True):
    """One stack; `pid` is its supervisor, known by its start time so that a recycled number deceives nobody."""

    phase: Literal["starting", "running", "stopping"]
    pid: int
    started: float
    data: str
    urls: Urls
    servers: ServerAddresses
    processes: list[ProcessState]


def write_state(folder: Path, state: StackState) -> None:
    """The state is readable in `folder`, whole."""
    draft = folder / f"{STATE_FILE}.new"
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(state), indent=2))
    draft.replace(folder / STATE_FILE)


def read_state(folder: Path) -> StackState | None:
    """The state of the stack that runs on `folder` now, or None when none does."""
    try:
        state = msgspec.json.decode((folder / STATE_FILE).read_bytes(), type=StackState)
        supervisor = psutil.Process(state.pid)
        alive = abs(supervisor.create_time() - state.started) < 1 and supervisor.status() != psutil.STATUS_ZOMBIE
    except (OSError, msgspec.DecodeError, psutil.NoSuchProcess):
        return None
    return state if alive else None


def remove_state(folder: Path) -> None:
    (folder / STATE_FILE).unlink(missing_ok=True)
