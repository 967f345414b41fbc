"""A gateway before the processes of a test's system."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from stack.gateway import Gateway, Upstreams
from stack.ports import free_port
from tests.system.system import System

DESCRIBED = Path(__file__).parents[2] / "docs" / "reference"


@contextmanager
def gateway_before(
    system: System, commands: Sequence[int] = (), queries: Sequence[int] = (), history: Sequence[int] = ()
) -> Iterator[Gateway]:
    """It answers while the block lasts. A role whose ports are not given is the system's one process of all roles."""
    folder = system.ground.folder / f"{system.name}-gateway"
    usual = (system.api_port,)
    gateway = Gateway(
        system.servers.launcher, folder, folder.with_suffix(".log"), free_port(),
        Upstreams(commands=commands or usual, queries=queries or usual, history=history or usual), described=DESCRIBED,
    )  # fmt: skip
    gateway.start()
    try:
        yield gateway
    finally:
        gateway.stop()
