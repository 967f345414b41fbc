"""Caddy in front of the API as a child process: one origin, by deploy/Caddyfile, the same that Compose uses.

It runs as we do, listens on loopback, has no admin interface, and keeps what it writes in its own folder. Where the
processes behind it are, it is told when it starts; which are well, it finds out by itself.
"""

from __future__ import annotations

import http.client
import os
import platform
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from stack.errors import PlatformUnsupported
from stack.launcher import Account, Launcher
from stack.ports import HOST
from stack.server import Command, Server

ROOT = Path(__file__).parents[1]
CADDYFILE = ROOT / "deploy" / "Caddyfile"
PAGE = ROOT / "web" / "dist"
TUNING = (
    "LOCKSTEP_MAX_BODY_BYTES", "LOCKSTEP_GATEWAY_LOG_LEVEL", "LOCKSTEP_GATEWAY_PATIENCE",
    "LOCKSTEP_GATEWAY_COMMAND_TIMEOUT", "LOCKSTEP_GATEWAY_READ_TIMEOUT",
)  # fmt: skip
"""What passes through from our own environment."""


class Upstreams(msgspec.Struct, frozen=True, kw_only=True):
    """The ports of the processes of each role."""

    commands: Sequence[int]
    queries: Sequence[int]
    history: Sequence[int]


class Gateway(Server):
    """One Caddy. `described` is where `lockstep describe all --folder` wrote, `people` where stack.people did."""

    name = "gateway"
    start_seconds = 20.0
    stop_seconds = 10.0

    def __init__(
        self,
        launcher: Launcher,
        data_dir: Path,
        log_path: Path,
        port: int,
        upstreams: Upstreams,
        *,
        described: Path,
        page: Path = PAGE,
        people: Path | None = None,
        account: Account | None = None,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        super().__init__(launcher, data_dir, log_path, port)
        self._upstreams, self._described, self._page, self._account = upstreams, described, page, account
        self._people = people
        self._tuning = {name: environ[name] for name in TUNING if name in environ}

    @property
    def pid(self) -> int:
        """0 before it starts: it is told of while the processes behind it are still starting."""
        return self._child.pid if self._child else 0

    def prepare(self) -> None:
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        find_caddy()

    def command(self) -> Command:
        arguments = [find_caddy(), "run", "--adapter", "caddyfile", "--config", str(CADDYFILE)]
        folder = str(self.data_dir)
        environment = {
            "HOME": folder, "XDG_DATA_HOME": folder, "XDG_CONFIG_HOME": folder,
            "LOCKSTEP_GATEWAY_HOST": HOST,
            "LOCKSTEP_GATEWAY_PORT": str(self.port),
            "LOCKSTEP_GATEWAY_COMMANDS": addresses(self._upstreams.commands),
            "LOCKSTEP_GATEWAY_QUERIES": addresses(self._upstreams.queries),
            "LOCKSTEP_GATEWAY_HISTORY": addresses(self._upstreams.history),
            "LOCKSTEP_GATEWAY_DESCRIBED": str(self._described),
            "LOCKSTEP_GATEWAY_PAGE": str(self._page),
            "LOCKSTEP_GATEWAY_LOG_LEVEL": "ERROR",  # a line a request would fill the disk under load
        }  # fmt: skip
        if self._people:
            environment["LOCKSTEP_GATEWAY_PEOPLE"] = str(self._people)
        return Command(arguments=arguments, environment=environment | self._tuning, account=self._account)

    def answers(self) -> bool:
        """Whether it serves the API's description."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=2)
        try:
            connection.request("GET", "/openapi.json")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def addresses(ports: Sequence[int]) -> str:
    """As the Caddyfile takes them."""
    return " ".join(f"{HOST}:{port}" for port in ports)


def find_caddy() -> str:
    """The packaged Caddy, which lies beside the Python that runs us."""
    caddy = Path(sysconfig.get_path("scripts")) / "caddy"
    if not os.access(caddy, os.X_OK):
        raise PlatformUnsupported(
            f"no packaged Caddy is installed; one exists for Linux on x86_64, this is {platform.system()} on "
            f"{platform.machine()}"
        )
    return str(caddy)
