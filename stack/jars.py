"""Kafka's jars: which ones, fetched once into the user's cache, each checked against the hash written down here.

`stack/jars.lock` names them all, `group:artifact:version sha256`; `python -m stack.jars` writes it anew after a change
of version. Nothing is resolved at start-up: what runs is what was locked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from stack.errors import PlatformUnsupported, StackError
from stack.folders import cache_folder

if TYPE_CHECKING:
    from jgo.maven import MavenContext

KAFKA_VERSION = "4.1.1"
LOCK = Path(__file__).with_name("jars.lock")
SERVER = f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}"
ALONE = (
    f"org.apache.kafka:kafka-tools:{KAFKA_VERSION}",  # without the Connect and web servers that it would pull in
    "org.slf4j:slf4j-simple:1.7.36",  # the log goes to standard error
)
FETCHERS = 8


class Jar(msgspec.Struct, frozen=True):
    """One jar by its Maven coordinate, and the SHA-256 it must have."""

    coordinate: str
    sha256: str


def locked_jars(lock: Path = LOCK) -> list[Jar]:
    """The jars of the lock, in class path order."""
    return [Jar(*line.split()) for line in lock.read_text().splitlines() if line and not line.startswith("#")]


def kafka_class_path(progress: Callable[[str], None]) -> str:
    """Java's class path for Kafka, every jar on it fetched and checked."""
    jars, folder = locked_jars(), cache_folder() / "jars"
    missing = [jar for jar in jars if not is_here(folder, jar)]
    if missing:
        progress(f"fetching {len(missing)} Kafka jars, about 60 MB, once")
        context = repository(folder / "incoming")
        with ThreadPoolExecutor(FETCHERS) as pool:
            for count, _ in enumerate(pool.map(lambda jar: fetch(context, folder, jar), missing), start=1):
                progress(f"fetching Kafka jars: {count} of {len(missing)}")
    return ":".join(str(jar_path(folder, jar)) for jar in jars)


def repository(folder: Path) -> MavenContext:
    """Where jars come from, kept in `folder` as they arrive."""
    try:
        from jgo.maven import MavenContext, PythonResolver
    except ImportError as error:  # an installation without the servers, as in the container image
        raise PlatformUnsupported("the packages of the servers are not installed here") from error
    return MavenContext(resolver=PythonResolver(), repo_cache=folder, timeout=60)


def jar_path(folder: Path, jar: Jar) -> Path:
    _, artifact, version = jar.coordinate.split(":")
    return folder / f"{artifact}-{version}-{jar.sha256[:12]}.jar"


def is_here(folder: Path, jar: Jar) -> bool:
    """Whether the jar is in the cache; it was checked before it got its name there."""
    return jar_path(folder, jar).exists()


def fetch(context: MavenContext, folder: Path, jar: Jar) -> None:
    """The jar is in the cache under its final name. Raises StackError when it is out of reach or not the locked one."""
    try:
        incoming = download(context, jar.coordinate)
    except Exception as error:  # whatever the network and the resolver may raise
        raise StackError(
            f"{jar.coordinate} could not be fetched ({error}); with a network in reach, try again"
        ) from error
    if digest(incoming) != jar.sha256:
        incoming.unlink()
        raise StackError(f"{jar.coordinate} is not the file that stack/jars.lock names; nothing of it was used")
    incoming.replace(jar_path(folder, jar))


def download(context: MavenContext, coordinate: str) -> Path:
    group, artifact, version = coordinate.split(":")
    path: Path = context.project(group, artifact).at_version(version).artifact().resolve()
    return path


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_lock(lock: Path = LOCK) -> None:
    """The lock names what the versions above need today."""
    context = repository(cache_folder() / "resolve")
    roots, below = context.resolver.resolve([context.create_dependency(SERVER)])
    needed = [*roots, *(one for one in below if one.scope in ("compile", "runtime") and not one.optional)]
    coordinates = {f"{one.groupId}:{one.artifactId}:{one.version}" for one in needed} | set(ALONE)
    lines = [f"{coordinate} {digest(download(context, coordinate))}" for coordinate in sorted(coordinates)]
    lock.write_text("# Written by python -m stack.jars\n" + "\n".join(lines) + "\n")


if __name__ == "__main__":
    write_lock()
