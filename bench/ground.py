"""What a bench stands on: the servers it needs and only the processes it needs, on a folder of its own, all stopped
at the end however it ends.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from bench.generator import Load, Report
from stack.errors import ServerFailed, StackError
from stack.folders import claim_data_folder
from stack.launcher import Launcher
from stack.ports import Ports
from stack.probes import listens, readiness
from stack.processes import Process
from stack.server import Progress
from stack.servers import Servers, beside, own_data_folder
from stack.tokens import DevelopmentKeys
from stack.topology import DATABASE, Addresses, Counts, Plan, one_shots, processes, role_dsn

READY_SECONDS = 60.0
POSTS = "domains.posts"
"""The package of the domain that is measured where a bench names no other: what is beside it would cost, too."""

T = TypeVar("T")


class BenchFailed(StackError):
    """What was measured did not do what it was asked: a figure of it would be worth nothing."""


class Ground:
    """Running servers, and how to run our processes on them."""

    def __init__(self, servers: Servers, progress: Progress, domain: str = POSTS) -> None:
        self._environ = {**os.environ, "LOCKSTEP_DOMAINS": domain}
        self.servers, self.progress = servers, progress
        self.keys = DevelopmentKeys(servers.data_dir / "secrets")
        self._addresses = Addresses(servers.postgres.port, servers.kafka.bootstrap, servers.mongo.uri)
        plans = processes(
            Counts(), self._addresses, servers.passwords, servers.ports, self.keys.public_key_file(), self._environ
        )
        self._plans = {plan.name.removesuffix("-1"): plan for plan in plans}

    def dsn(self, role: str, database: str = DATABASE) -> str:
        """The connection URL of `app`, `relay`, `reader`, or `owner` (the superuser)."""
        if role == "owner":
            return self.servers.postgres.dsn(database)
        return role_dsn(self.servers.passwords, role, self.servers.postgres.port, database)

    def make_database(self, database: str = DATABASE, topics: Mapping[str, int] | None = None) -> None:
        """The database has roles and tables. `topics` records them without Kafka; else they are made in Kafka too."""
        self.progress("migrating")
        self.servers.postgres.ensure_database(database)
        owner_dsn = self.dsn("owner", database)
        for plan in one_shots(Counts(), self._addresses, self.servers.passwords, owner_dsn, self._environ):
            if plan.name == "topics" and topics is not None:
                continue
            process = self._process(plan, {})
            process.launch()
            if code := process.wait():
                raise ServerFailed(plan.name, f"failed with exit code {code}", process.log_path)
        if topics is not None:
            for name, count in topics.items():
                self.sql(f"INSERT INTO topics VALUES ('{name}', {count})", database)  # noqa: S608 constants of benches

    def connection(self, role: str, database: str = DATABASE) -> dict[str, str]:
        """The environment for PostgreSQL's own programs: passwords do not belong on command lines."""
        user, secret = ("postgres", "superuser") if role == "owner" else (f"lockstep_{role}", role)
        return {
            **os.environ, "PGHOST": self.servers.postgres.host, "PGPORT": str(self.servers.postgres.port),
            "PGUSER": user,
            "PGPASSWORD": self.servers.passwords.get(f"postgres-{secret}"), "PGDATABASE": database,
        }  # fmt: skip

    def sql(self, statement: str, database: str = DATABASE) -> str:
        """What the superuser's statement prints. Raises BenchFailed."""
        done = subprocess.run(
            [self.servers.postgres.home.tool("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-f", "-"],
            input=statement.encode(), env=self.connection("owner", database), cwd="/", capture_output=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise BenchFailed(f"psql: {done.stderr.decode().strip()}")
        return done.stdout.decode().strip()

    @contextmanager
    def running(self, kind: str, **settings: str) -> Iterator[Running]:
        """`app`, `relay` or `projector` is ready for the block; `settings` are laid over its environment."""
        plan = self._plans[kind]
        process = self._process(plan, settings)
        process.launch()
        try:
            patience_ends = time.monotonic() + READY_SECONDS
            while not (listens(process.pid, plan.port) and readiness(plan.port) == "ready"):
                if not process.is_running:
                    raise ServerFailed(kind, f"ended with exit code {process.wait()}", process.log_path)
                if time.monotonic() > patience_ends:
                    raise ServerFailed(kind, f"was not ready within {READY_SECONDS:.0f} s", process.log_path)
                time.sleep(0.02)
            yield Running(process.pid, plan.port)
        finally:
            process.stop()

    def tokens(self, subjects: list[str]) -> list[str]:
        return [self.keys.token(subject) for subject in subjects]

    def _process(self, plan: Plan, settings: Mapping[str, str]) -> Process:
        log = self.servers.data_dir / "logs" / f"{plan.name}.log"
        return Process(self.servers.launcher, plan.name, plan.module, {**plan.environment, **settings}, log)


class Running(msgspec.Struct, frozen=True):
    """One of our processes."""

    pid: int
    port: int


@contextmanager
def open_ground(
    data: Path | None,
    progress: Progress,
    *,
    servers: tuple[str, ...] = ("postgres", "kafka", "mongo"),
    postgres_settings: Mapping[str, str] | None = None,
    domain: str = POSTS,
) -> Iterator[Ground]:
    """Ground for the block: on `data`, wiped first and kept after, or on a temporary folder of which nothing stays."""
    with _folder(data) as folder, own_data_folder(folder, fresh=True, keep=data is not None), Launcher() as launcher:
        all_three = Servers(folder, launcher, Ports(folder / "ports.json"), progress, postgres_settings)
        wanted = tuple(server for server in all_three.all if server.name in servers)
        try:
            progress(f"starting {', '.join(server.name for server in wanted)}")
            beside(wanted, lambda server: server.start())
            yield Ground(all_three, progress, domain)
        finally:
            beside(wanted, lambda server: server.stop())


def generate(load: Load) -> Report:
    """The load's report; it was made in a process of its own. Raises BenchFailed when an answer was not 2xx."""
    report = run_module("bench.generator", msgspec.json.encode(load), Report)
    if report.failed or not report.answers:
        raise BenchFailed(f"{report.failed} of {report.answers} answers were not 2xx: {report.unexpected}")
    return report


def run_module(module: str, given: bytes, answer: type[T]) -> T:
    """What `python -m module` makes of `given`, decoded. Raises BenchFailed with its last words."""
    done = subprocess.run([sys.executable, "-m", module], input=given, capture_output=True, check=False)
    if done.returncode:
        raise BenchFailed(f"{module} failed: {done.stderr.decode(errors='replace').strip()[-2000:]}")
    return msgspec.json.decode(done.stdout, type=answer)


@contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    if data is not None:
        yield claim_data_folder(data)
        return
    with tempfile.TemporaryDirectory(prefix="lockstep-bench-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o711)  # PostgreSQL may run as another user
        yield Path(folder)
