"""Where the read models are, for the commands that ask a projector for something: the settings say, or a running stack.

The commands write wishes into MongoDB and projectors heed them (projector/control.py), on whichever host they are.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import PyMongoError

from cli.output import running_stack
from kernel.domain import load_projections
from kernel.settings import SettingsError, read_settings
from stack.domains import see_current_folder

Rows = Database[dict[str, Any]]
T = TypeVar("T")


@contextmanager
def read_models(data: Path) -> Iterator[Rows]:
    """The database named by LOCKSTEP_MONGO_URI, or that of the stack running on `data`. Raises NotRunning."""
    settings = read_settings()
    uri, name = settings.mongo_uri, settings.mongo_database
    if not uri:
        address = running_stack(data).servers.mongo
        uri, name = address.uri, address.database
    client: MongoClient[dict[str, Any]] = MongoClient(uri, w="majority", serverSelectionTimeoutMS=3_000)
    try:
        yield client[name]
    except PyMongoError as error:
        raise click.ClickException(f"MongoDB does not answer ({type(error).__name__}): is it running?") from error
    finally:
        client.close()


def known_projection(name: str) -> str:
    """The name, if a domain that runs has such a projection. Raises UsageError naming those there are."""
    names = projection_names()
    if name not in names:
        raise click.UsageError(f"there is no projection {name}; there is: {', '.join(names)}")
    return name


def projection_names() -> list[str]:
    see_current_folder()
    try:
        return [each.name for each in load_projections(read_settings(os.environ).domain_packages)]
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


def wait_until(fact: Callable[[], T | None], seconds: float) -> T | None:
    """What `fact` finds, as soon as it finds something; None when it is too late."""
    until = time.monotonic() + seconds
    while (found := fact()) is None and time.monotonic() < until:
        time.sleep(0.1)
    return found
