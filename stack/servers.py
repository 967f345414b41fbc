"""The three servers together, and nothing of ours: what tests, benchmarks and `lockstep up` stand on.

Invariant: on leaving, no process of them is left, however the block ended; the data stays unless `keep` is false.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

from stack.errors import StackError
from stack.folders import MARKER, claim_data_folder, wipe_data_folder
from stack.kafka import Kafka
from stack.launcher import Launcher
from stack.mongo import Mongo
from stack.passwords import Passwords
from stack.ports import Ports
from stack.postgres import Postgres
from stack.postgres_home import forget_home
from stack.server import Progress, Server


def silent(message: str) -> None:
    """Progress for those who want none."""


class Servers:
    """PostgreSQL, Kafka and MongoDB on one data folder."""

    def __init__(
        self,
        data_dir: Path,
        launcher: Launcher,
        ports: Ports,
        progress: Progress = silent,
        postgres_settings: Mapping[str, str] | None = None,
    ) -> None:
        logs = data_dir / "logs"
        self.data_dir = data_dir
        self.launcher = launcher
        self.ports = ports
        self.passwords = Passwords(data_dir / "secrets")
        self.postgres = Postgres(
            launcher, data_dir, logs / "postgres.log", ports.take("postgres"), self.passwords, postgres_settings
        )
        self.kafka = Kafka(
            launcher,
            data_dir / "kafka",
            logs / "kafka.log",
            ports.take("kafka"),
            ports.take("kafka-controller"),
            progress,
        )
        self.mongo = Mongo(launcher, data_dir / "mongo", logs / "mongo.log", ports.take("mongo"))

    @property
    def all(self) -> tuple[Server, ...]:
        return (self.postgres, self.kafka, self.mongo)

    @classmethod
    @contextmanager
    def start(
        cls,
        data_dir: Path,
        *,
        base_port: int | None = None,
        fresh: bool = False,
        keep: bool = True,
        progress: Progress = silent,
        postgres_settings: Mapping[str, str] | None = None,
    ) -> Iterator[Servers]:
        """The three servers, usable until the block ends; `fresh` starts from nothing, without `keep` nothing stays."""
        with own_data_folder(data_dir, fresh=fresh, keep=keep) as folder, Launcher() as launcher:
            ports = Ports(folder / "ports.json", base_port)
            servers = cls(folder, launcher, ports, progress, postgres_settings)
            try:
                servers.start_all(progress)
                yield servers
            finally:
                servers.stop_all()

    def start_all(self, progress: Progress = silent) -> None:
        """All three answer; each is prepared and started beside the others."""
        progress("starting PostgreSQL, Kafka and MongoDB")
        beside(self.all, lambda server: server.start())

    def stop_all(self) -> None:
        """None of the three runs."""
        beside(self.all, lambda server: server.stop())


def beside(servers: tuple[Server, ...], do: Callable[[Server], None]) -> None:
    """`do` was done to every server, side by side; the first failure is raised once all have finished."""
    with ThreadPoolExecutor(len(servers)) as pool:
        results = [pool.submit(do, server) for server in servers]
    for result in results:
        result.result()


@contextmanager
def own_data_folder(data_dir: Path, *, fresh: bool = False, keep: bool = True) -> Iterator[Path]:
    """`data_dir` belongs to this process alone until the block ends; another one asking meanwhile gets a StackError."""
    folder = claim_data_folder(data_dir)
    with (folder / MARKER).open("a") as lock:
        try:
            flock(lock, LOCK_EX | LOCK_NB)
        except OSError as error:
            raise StackError(
                f"{folder} is in use by a running lockstep; stop it with: lockstep down --data {folder}"
            ) from error
        if fresh:
            wipe(folder)
        try:
            yield folder
        finally:
            if not keep:
                wipe(folder)


def wipe(folder: Path) -> None:
    """The data of all servers is gone, wherever it was kept."""
    forget_home(folder)
    wipe_data_folder(folder)
    claim_data_folder(folder)
