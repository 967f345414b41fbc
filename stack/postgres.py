"""PostgreSQL 18 as a child process: durable settings, scram passwords, loopback only, no Unix socket.

What the databases hold (roles, tables) is the migrations' business.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from stack.errors import ServerFailed
from stack.launcher import Launcher, as_account
from stack.passwords import Passwords
from stack.postgres_home import PostgresHome, find_home
from stack.server import Command, Server

SUPERUSER = "postgres"
SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_level": "replica",
    "wal_compression": "off",
    "track_commit_timestamp": "off",
    "max_connections": "200",
    "max_prepared_transactions": "0",  # a forgotten prepared transaction holds the horizon for ever
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "jit": "off",  # short statements only: compiling them costs more than they do
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u %a ",
    "password_encryption": "scram-sha-256",
    "unix_socket_directories": "",
}


class Postgres(Server):
    """One PostgreSQL cluster. `settings` are laid over SETTINGS, and kept over restarts."""

    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": sessions are ended, everything is written

    def __init__(
        self,
        launcher: Launcher,
        folder: Path,
        log_path: Path,
        port: int,
        passwords: Passwords,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(launcher, folder, log_path, port)
        self._folder = folder
        self._passwords = passwords
        self._home: PostgresHome | None = None
        self.settings = {**SETTINGS, **(settings or {})}

    @property
    def home(self) -> PostgresHome:
        """Where binaries and data are; known once prepared."""
        if self._home is None:
            self._home = find_home(self._folder)
            self.data_dir = self._home.data
        return self._home

    def prepare(self) -> None:
        if (self.home.data / "PG_VERSION").exists():
            return
        password_file = self.home.folder / "superuser-password"
        password_file.touch(mode=0o600)
        password_file.write_text(self._passwords.get("postgres-superuser"))
        if self.home.account:
            os.chown(password_file, self.home.account.uid, self.home.account.gid)
        arguments = ["--pgdata", str(self.home.data), "--username", SUPERUSER, "--pwfile", str(password_file)]
        # the builtin locale sorts the same on every machine
        arguments += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        arguments += ["--auth=scram-sha-256", "--no-instructions", "--data-checksums"]
        with self.log_path.open("ab") as log:
            made = subprocess.run(
                [self.home.tool("initdb"), *arguments], cwd="/", stdout=log, stderr=log, check=False,
                **as_account(self.home.account),
            )  # fmt: skip
        password_file.unlink()
        if made.returncode:
            raise ServerFailed(self.name, "could not make its data folder", self.log_path)

    def command(self) -> Command:
        given = dict(self.settings)
        if any(self.home.install.glob("lib/**/pg_stat_statements.so")):
            given.setdefault("shared_preload_libraries", "pg_stat_statements")
        settings = [part for name, value in given.items() for part in ("-c", f"{name}={value}")]
        call = [self.home.tool("postgres"), "-D", str(self.home.data), "-h", self.host, "-p", str(self.port), *settings]
        return Command(arguments=call, account=self.home.account)

    def answers(self) -> bool:
        return self._psql("SELECT 1", SUPERUSER).returncode == 0

    def dsn(self, database: str = SUPERUSER, user: str = SUPERUSER, password: str | None = None) -> str:
        """A connection URL with its password: the superuser's, unless another user's is given."""
        secret = password if password is not None else self._passwords.get("postgres-superuser")
        return f"postgresql://{quote(user)}:{quote(secret)}@{self.address}/{quote(database)}"

    def query(self, statement: str, database: str = SUPERUSER) -> str:
        """The bare answer to one statement, by the superuser. Raises ServerFailed with PostgreSQL's own words."""
        answer = self._psql(statement, database)
        if answer.returncode:
            raise ServerFailed(self.name, f"refused: {answer.stderr.decode().strip()}", self.log_path)
        return answer.stdout.decode().rstrip("\n")

    def ensure_database(self, name: str) -> None:
        """The database `name` exists."""
        literal, identifier = name.replace("'", "''"), name.replace('"', '""')
        if not self.query(f"SELECT 1 FROM pg_database WHERE datname = '{literal}'"):  # noqa: S608 quoted above
            self.query(f'CREATE DATABASE "{identifier}"')

    def _psql(self, statement: str, database: str) -> subprocess.CompletedProcess[bytes]:
        command = [self.home.tool("psql"), "--no-psqlrc", "--tuples-only", "--no-align", "--quiet", "-c", statement]
        # the password travels by the environment: command lines are public
        connection = {
            "PGHOST": self.host, "PGPORT": str(self.port), "PGUSER": SUPERUSER, "PGDATABASE": database,
            "PGPASSWORD": self._passwords.get("postgres-superuser"), "PGCONNECT_TIMEOUT": "5",
        }  # fmt: skip
        return subprocess.run(command, env={**os.environ, **connection}, cwd="/", capture_output=True, check=False)
