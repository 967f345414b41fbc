"""A real Caddy with the project's Caddyfile, and processes behind it that tell what reached them."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from stack import gateway
from stack.gateway import Gateway, Upstreams
from stack.launcher import Account, Launcher
from stack.ports import free_port
from tests.integration.gateway.upstream import Upstream

TIMES = {
    "LOCKSTEP_GATEWAY_PATIENCE": "1s",
    "LOCKSTEP_GATEWAY_COMMAND_TIMEOUT": "500ms",
    "LOCKSTEP_GATEWAY_READ_TIMEOUT": "700ms",
    "LOCKSTEP_GATEWAY_LOG_LEVEL": "INFO",
}
"""Short, so that what runs out of time does so soon."""
PAGE = {"index.html": "<title>the page</title>", "assets/app.js": "1", ".secret": "no"}


class Front:
    """The gateway, and who stands behind it."""

    def __init__(self, gateway: Gateway, folder: Path, upstreams: list[Upstream]) -> None:
        self.gateway, self.folder = gateway, folder
        self.upstreams = upstreams
        self.commands, self.queries, self.other_queries, self.history = upstreams
        self.url = f"http://{gateway.address}"

    @property
    def log(self) -> str:
        return self.gateway.log_path.read_text()


@pytest.fixture(scope="package")
def described(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("described")
    command = [sys.executable, "-m", "cli.main", "describe", "all", "--folder", str(folder)]
    subprocess.run(command, check=True, env={**os.environ, "LOCKSTEP_DOMAINS": "domains.posts"})
    return folder


@pytest.fixture(scope="package")
def front(described: Path) -> Iterator[Front]:
    """One for the folder: each test leaves those behind it as they were. Run by root, it is nobody's."""
    with tempfile.TemporaryDirectory() as name, Launcher() as launcher:
        folder = Path(name) / "a folder"
        for page, text in PAGE.items():
            (folder / "page" / page).parent.mkdir(parents=True, exist_ok=True)
            (folder / "page" / page).write_text(text)
        (folder / "described").mkdir()
        for file in described.iterdir():
            (folder / "described" / file.name).write_bytes(file.read_bytes())
        upstreams = [Upstream(name) for name in ("commands", "queries", "queries", "history")]
        ports = [one.port for one in upstreams]
        made = Gateway(
            launcher, folder / "gateway", folder / "gateway.log", free_port(),
            Upstreams(commands=ports[:1], queries=ports[1:3], history=ports[3:]),
            described=folder / "described", page=folder / "page", account=give_away(folder), environ=TIMES,
        )  # fmt: skip
        with pytest.MonkeyPatch.context() as patch:
            if os.geteuid() == 0:
                put_within_reach(Path(name), patch)
            made.start()
            yield Front(made, folder, upstreams)
            made.stop()
        for one in upstreams:
            one.close()


@pytest.fixture(scope="package")
def connection(front: Front) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=front.url, timeout=10) as client:
        yield client


@pytest.fixture
def client(front: Front, connection: httpx.Client) -> Iterator[httpx.Client]:
    yield connection
    for one in front.upstreams:
        one.behave.clear()
        one.answer_with.clear()
        one.received.clear()


def give_away(folder: Path) -> Account | None:
    """Root's gateway runs as nobody here, who then owns the folder: what only root could do must not be needed."""
    if os.geteuid():
        return None
    nobody = pwd.getpwnam("nobody")
    (folder / "gateway").mkdir()
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    folder.parent.chmod(0o711)
    return Account(name="nobody", uid=nobody.pw_uid, gid=nobody.pw_gid)


def put_within_reach(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Caddy and its Caddyfile lie where also nobody can read them: this checkout may be in root's home."""
    for name, found in (("find_caddy", gateway.find_caddy()), ("CADDYFILE", gateway.CADDYFILE)):
        copy = folder / Path(found).name
        shutil.copy(found, copy)
        copy.chmod(0o755)
        patch.setattr(gateway, name, copy if name == "CADDYFILE" else lambda copy=copy: str(copy))


def until(fact: Callable[[], Any], within: float = 10.0) -> None:
    """The fact has become true."""
    patience_ends = time.monotonic() + within
    while not fact():
        assert time.monotonic() < patience_ends, fact
        time.sleep(0.02)
