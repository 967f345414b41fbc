"""Real servers, started once for a session that needs them, and systems of a test's own upon them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from chaos.processes import Nursery
from chaos.system import Ground, System
from stack.servers import Servers


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """PostgreSQL, Kafka and MongoDB, and what systems are made of."""
    folder = tmp_path_factory.mktemp("ground")
    with Servers.start(folder / "data", keep=False) as servers, Nursery() as nursery:
        yield Ground(servers, nursery, folder)


@pytest.fixture
def new_system(ground: Ground, request: pytest.FixtureRequest) -> Iterator[Callable[..., System]]:
    """Makes systems: `new_system(lease_seconds=1)`, of posts alone unless `domains` says more. Their processes end with
    the test; the servers run afterwards."""
    made: list[System] = []

    def make(**settings: object) -> System:
        settings.setdefault("domains", "domains.posts")
        made.append(System.open(ground, system_name(request.node.name), **settings))
        return made[-1]

    yield make
    for system in made:
        system.close()
    for server in ground.servers.all:
        if not server.is_running:  # a test killed it and then failed
            server.launch()
            server.await_answer()


@pytest.fixture
def system(new_system: Callable[..., System]) -> System:
    """A system of the test's own, with no process yet."""
    return new_system()


def system_name(test: str) -> str:
    readable = re.sub("[^a-z0-9]+", "-", test.lower().removeprefix("test_"))[:30].strip("-")
    return f"{readable}-{uuid4().hex[:8]}"
