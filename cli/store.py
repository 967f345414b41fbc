"""Where the event store is, for the commands that ask it: the settings say, or a running stack; as the app's role."""

from __future__ import annotations

import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import click
import uvloop
from asyncpg import PostgresError

from app.store.errors import StoreUnavailable
from cli.output import running_stack
from kernel.aggregate import Aggregate
from kernel.domain import load_aggregates
from kernel.settings import SettingsError, read_settings
from stack.passwords import Passwords
from stack.topology import role_dsn

T = TypeVar("T")


def store_dsn(data: Path) -> str:
    """LOCKSTEP_POSTGRES_DSN, or the database of the stack running on `data`. Raises NotRunning."""
    dsn = read_settings(os.environ).postgres_dsn
    if dsn:
        return dsn
    address = running_stack(data).servers.postgres
    return role_dsn(Passwords(data / "secrets"), "app", address.port, address.database)


def aggregates_that_run() -> dict[str, Aggregate[Any]]:
    """By category, of the domains that LOCKSTEP_DOMAINS names."""
    try:
        return load_aggregates(read_settings(os.environ).domain_packages)
    except (SettingsError, ImportError) as error:
        raise click.ClickException(str(error)) from error


def asked(question: Coroutine[Any, Any, T]) -> T:
    """What the store answers; one sentence when it does not."""
    try:
        return uvloop.run(question)
    except StoreUnavailable as error:
        raise click.ClickException(f"PostgreSQL does not answer ({error}): is it running?") from error
    except PostgresError as error:
        raise click.ClickException(f"PostgreSQL refuses: {error}") from error
