"""The pytest plugin: `lockstep_system`, a whole system with the domains under test, and `lockstep_client`, somebody's.

It is loaded wherever pytest runs beside Lockstep, so it imports nothing of weight before a test asks for a fixture.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    import httpx

    from lockstep_testing.system import RunningSystem

pytest.register_assert_rewrite("lockstep_testing.aggregates", "lockstep_testing.projections")


@pytest.fixture(scope="session")
def lockstep_system(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningSystem]:
    """Real servers and one process of each kind, started once for the session, gone after it. Its domains are those
    that LOCKSTEP_DOMAINS names and those whose folders the collected tests are in."""
    from lockstep_testing.system import run_system

    with run_system(tmp_path_factory.mktemp("lockstep") / "data", domains_of(request.session.items)) as system:
        yield system


@pytest.fixture
def lockstep_client(lockstep_system: RunningSystem) -> Iterator[httpx.Client]:
    """The API as somebody new, who may read and write every domain and is no admin."""
    with lockstep_system.client(f"alice-{uuid4().hex[:8]}") as client:
        yield client


def domains_of(items: Iterable[pytest.Item]) -> list[str]:
    """The packages around these tests that hold a domain: `notes` for notes/tests/test_http.py."""
    modules = {item.module.__name__ for item in items if isinstance(item, pytest.Function)}
    packages = {name[:end] for name in modules for end, letter in enumerate(name) if letter == "."}
    return sorted(package for package in packages if hasattr(import_module(package), "DOMAIN"))
