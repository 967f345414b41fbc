"""A whole system of its own for tests: real servers, real processes, and people with tokens.

Nothing is supervised: a process that dies stays dead, and the tests that need it fail.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec

from stack.domains import VARIABLE, find_domains, named_packages
from stack.servers import Servers
from stack.stack import Stack
from stack.tokens import DevelopmentKeys
from stack.topology import Counts


class RunningSystem(msgspec.Struct, frozen=True):
    """A running system as its clients see it."""

    api: str
    """The API's address, `/api/v1` included."""
    domains: tuple[str, ...]
    keys: DevelopmentKeys

    def client(self, person: str, scopes: Sequence[str] | None = None) -> httpx.Client:
        """The API as this person. Without `scopes`: reads and writes of every domain that runs."""
        if scopes is None:
            scopes = [f"{domain}:{right}" for domain in self.domains for right in ("read", "write")]
        token = self.keys.token(person, scopes, hours=1)
        return httpx.Client(base_url=self.api, headers={"Authorization": f"Bearer {token}"}, timeout=15)


@contextmanager
def run_system(data: Path, packages: Sequence[str] = ()) -> Iterator[RunningSystem]:
    """The system on a new data folder, with these packages' domains beside those of LOCKSTEP_DOMAINS."""
    said = VARIABLE in os.environ or not packages
    both = dict.fromkeys([*(named_packages() if said else ()), *packages])
    domains = find_domains({**os.environ, VARIABLE: ",".join(both), f"{VARIABLE}_FILE": ""})
    with Servers.start(data, keep=False) as servers:
        stack = Stack(servers, Counts(), domains)
        try:
            stack.start(lambda message: None)
            api = stack.tell("running").urls.api
            yield RunningSystem(f"{api}/api/v1", domains.names, DevelopmentKeys(data / "secrets"))
        finally:
            stack.stop()


def fresh_after(answer: httpx.Response) -> dict[str, str]:
    """The headers of a read that waits until it shows at least what this answer is about."""
    return {"Consistency-Token": answer.headers["Consistency-Token"], "Prefer": "wait=10"}
