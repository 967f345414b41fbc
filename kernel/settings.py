"""Every setting of every process, read once from the environment.

A name is `LOCKSTEP_` and the field in capitals; `LOCKSTEP_<FIELD>_FILE` names a file that holds the value instead, for
secrets. A setting a process needs and has not been given is an error that names it; nothing is guessed in production.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

PREFIX = "LOCKSTEP_"
Role = Literal["all", "commands", "queries", "history"]


class SettingsError(Exception):
    """A setting is missing or cannot be read; the message names it and says what to do."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """One process's settings. Units are in the names; an empty string means not given."""

    environment: Literal["development", "production"] = "production"
    namespace: str = "lockstep"
    """First part of every topic, group and transactional id: two systems on one Kafka differ here."""
    domains: str = "domains.posts,domains.accounts,domains.shop"
    """The packages of the domains that run, comma separated."""
    lanes: int = 1
    """How many lanes a fresh database is given; afterwards the database's own record rules."""

    postgres_dsn: str = ""
    postgres_pool_size: int = 8
    kafka_bootstrap: str = ""
    mongo_uri: str = ""
    mongo_database: str = "lockstep"

    role: Role = "all"
    http_host: str = "127.0.0.1"
    http_port: int = 8000
    """The API's port for the app, the health port for relay and projector (0: any free one)."""
    max_body_bytes: int = 262_144
    jwt_public_keys: str = ""
    """One or two Ed25519 public keys, PEM; two while a key is being replaced."""
    jwt_issuer: str = "lockstep-dev"
    jwt_audience: str = "lockstep"

    grace_seconds: float = 10.0
    """How long a stopping process may take to finish what it has in hand."""
    watchdog_seconds: float = 60.0
    """No progress for this long with work waiting ends the process."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    append_batch: int = 256
    """Commands in one commit at most."""
    command_seconds: float = 5.0
    """A command that could not be stored within this is answered 503."""
    outbox_cap: int = 2_000_000
    """Unpublished rows from which commands are refused with 503."""
    answers_kept_hours: float = 48.0
    """How long an Idempotency-Key is remembered; longer than any client's longest retry."""

    relay_batch: int = 5_000
    """Events in one Kafka transaction at most."""
    lease_seconds: float = 3.0
    poll_max_seconds: float = 1.0

    project_batch: int = 4_000
    """Records folded in one MongoDB transaction at most."""
    projections: str = ""
    """The projections this projector runs, comma separated; empty: all of its domains."""

    def require(self, *names: str) -> None:
        """Raise SettingsError naming the first of `names` that has no value."""
        for name in names:
            if not getattr(self, name):
                raise SettingsError(f"{PREFIX}{name.upper()} is not set: give it, or {PREFIX}{name.upper()}_FILE")

    @property
    def domain_packages(self) -> list[str]:
        return [name.strip() for name in self.domains.split(",") if name.strip()]

    def topic(self, domain: str) -> str:
        """The topic of a domain's published events."""
        return f"{self.namespace}.{domain}"

    @property
    def cursor_topic(self) -> str:
        """The topic (one partition a lane) on whose group offsets the relay's cursors are committed."""
        return f"{self.namespace}.relay-cursors"


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment. Raises SettingsError for a value that does not fit or a file it cannot read."""
    given: dict[str, str] = {}
    for field in msgspec.structs.fields(Settings):
        variable = PREFIX + field.name.upper()
        path = environ.get(f"{variable}_FILE")
        if path:
            try:
                given[field.name] = Path(path).read_text().strip()
            except OSError as error:
                raise SettingsError(f"{variable}_FILE names {path}, which cannot be read: {error.strerror}") from error
        elif variable in environ:
            given[field.name] = environ[variable]
    try:
        return msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(f"a {PREFIX}* setting does not fit: {error}") from error
