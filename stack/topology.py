"""Which processes a stack has, and what each is told: every process gets its own needs and nobody else's secrets.

The app knows no Kafka, the projector no PostgreSQL; app and relay have a database role each.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote

import msgspec

from kernel.settings import Settings
from stack.passwords import Passwords
from stack.ports import HOST, Ports

DATABASE = "lockstep"
ISSUER, AUDIENCE = "lockstep-dev", "lockstep"
ROLES = ("app", "relay", "reader")
APP_ROLES = ("commands", "queries", "history")
"""What an app process can be when it is not all of them."""
PREFIX = "LOCKSTEP_"
GIVEN_HERE = {
    f"{PREFIX}{name}{suffix}"
    for name in (
        "POSTGRES_DSN", "KAFKA_BOOTSTRAP", "MONGO_URI", "MONGO_DATABASE", "HTTP_HOST", "HTTP_PORT", "JWT_PUBLIC_KEYS",
        "APP_PASSWORD", "RELAY_PASSWORD", "READER_PASSWORD",
    )
    for suffix in ("", "_FILE")
}  # fmt: skip


class Counts(msgspec.Struct, frozen=True):
    """How many of each process. With a gateway there are `apps` of each role and it stands before them; without one,
    `apps` of all roles at once, on one port."""

    apps: int = 1
    relays: int = 1
    projectors: int = 1
    gateway: bool = False


class Plan(msgspec.Struct, frozen=True):
    """One process: its name, the module it runs, its environment, and the port it answers probes on."""

    name: str
    module: tuple[str, ...]
    environment: dict[str, str]
    port: int = 0


class Addresses(msgspec.Struct, frozen=True):
    """Where the servers are."""

    postgres_port: int
    kafka_bootstrap: str
    mongo_uri: str


def role_dsn(passwords: Passwords, role: str, port: int, database: str = DATABASE) -> str:
    """The connection URL of one of the run-time roles: app, relay or reader."""
    return f"postgresql://lockstep_{role}:{quote(passwords.get(f'postgres-{role}'))}@{HOST}:{port}/{database}"


def one_shots(
    counts: Counts, addresses: Addresses, passwords: Passwords, owner_dsn: str, environ: Mapping[str, str]
) -> list[Plan]:
    """What must have succeeded before any process starts: tables and roles, then topics. A fresh database gets a lane
    for every relay, so that none is a mere standby; one that has lanes keeps them."""
    secrets = {f"{PREFIX}{role.upper()}_PASSWORD_FILE": str(passwords.path(f"postgres-{role}")) for role in ROLES}
    for role in ROLES:
        passwords.get(f"postgres-{role}")
    base = {"LOCKSTEP_LANES": str(max(counts.relays, 1))} | base_environment(environ)
    relay = relay_environment(addresses, passwords)
    return [
        Plan("migrate", ("migrations",), base | secrets | {"LOCKSTEP_POSTGRES_DSN": owner_dsn}),
        Plan("topics", ("relay.topics",), base | relay),
    ]


def processes(
    counts: Counts,
    addresses: Addresses,
    passwords: Passwords,
    ports: Ports,
    public_key: Path,
    environ: Mapping[str, str],
) -> list[Plan]:
    """The running processes, in the order they start."""
    base = base_environment(environ)
    mongo = {"LOCKSTEP_MONGO_URI": addresses.mongo_uri, "LOCKSTEP_MONGO_DATABASE": DATABASE}
    postgres = {"LOCKSTEP_POSTGRES_DSN": role_dsn(passwords, "app", addresses.postgres_port)}
    keys = {
        "LOCKSTEP_JWT_PUBLIC_KEYS_FILE": str(public_key),
        "LOCKSTEP_JWT_ISSUER": ISSUER,
        "LOCKSTEP_JWT_AUDIENCE": AUDIENCE,
    }
    apps = (
        {"commands": postgres, "queries": mongo, "history": postgres} if counts.gateway else {"app": postgres | mongo}
    )
    relay = relay_environment(addresses, passwords)
    projector = mongo | {"LOCKSTEP_KAFKA_BOOTSTRAP": addresses.kafka_bootstrap}
    kinds = [(kind, counts.apps, keys | needs) for kind, needs in apps.items()]
    kinds += [("relay", counts.relays, relay), ("projector", counts.projectors, projector)]
    plans = []
    for kind, count, needs in kinds:
        for number in range(1, count + 1):
            name = f"{kind}-{number}"
            port = ports.take("api" if kind == "app" else name)  # apps of all roles share one port, by SO_REUSEPORT
            own = {"LOCKSTEP_HTTP_HOST": HOST, "LOCKSTEP_HTTP_PORT": str(port)}
            if kind in APP_ROLES:
                own["LOCKSTEP_ROLE"] = kind
            plans.append(Plan(name, ("app" if kind in APP_ROLES else kind,), base | needs | own, port))
    return plans


def description(folder: Path, environ: Mapping[str, str]) -> Plan:
    """What must have succeeded before the gateway starts: it serves these files and routes by one of them."""
    return Plan("describe", ("cli.main", "describe", "all", "--folder", str(folder)), base_environment(environ))


def ports_of(kind: str, plans: Iterable[Plan]) -> list[int]:
    """Where the processes of a kind answer."""
    return [plan.port for plan in plans if plan.name.rpartition("-")[0] == kind]


def relay_environment(addresses: Addresses, passwords: Passwords) -> dict[str, str]:
    dsn = role_dsn(passwords, "relay", addresses.postgres_port)
    return {"LOCKSTEP_POSTGRES_DSN": dsn, "LOCKSTEP_KAFKA_BOOTSTRAP": addresses.kafka_bootstrap}


def base_environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What every process gets: our environment without what is given one by one; tuning passes through."""
    kept = {name: value for name, value in environ.items() if name not in GIVEN_HERE}
    defaults = {"ENVIRONMENT": "development", "NAMESPACE": "lockstep", "DOMAINS": Settings().domains}
    return {f"{PREFIX}{name}": value for name, value in defaults.items()} | {"PYTHONUNBUFFERED": "1"} | kept
