"""Starts child processes that do not outlive us, and ends whatever is left of them.

Invariant: every process started here gets a signal when this process dies, even by SIGKILL. Linux ties that signal to
the *thread* that forked, so one thread of the launcher's own forks them all and lives as long as the launcher.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self, TypedDict

import msgspec
import psutil

PR_SET_PDEATHSIG = 1
LOG_LIMIT_BYTES = 20 * 1024 * 1024


class Account(msgspec.Struct, frozen=True):
    """A system user that a child runs as."""

    name: str
    uid: int
    gid: int


class Launcher:
    """Forks children and remembers them in order."""

    def __init__(self) -> None:
        self._forker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="launcher")
        self._children: list[subprocess.Popen[bytes]] = []
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def launch(
        self,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        account: Account | None = None,
        folder: Path | None = None,
        when_orphaned: signal.Signals = signal.SIGTERM,
    ) -> subprocess.Popen[bytes]:
        """The running child, its output appended to `log`. It leads a session of its own: Ctrl-C reaches only us.
        Raises RuntimeError once the launcher is closed."""

        def fork() -> subprocess.Popen[bytes]:
            if self._closed:
                raise RuntimeError(f"everything was stopped before {command[0]} could start")
            rotate(log)
            with log.open("ab") as output:
                child = subprocess.Popen(
                    list(command),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=dict(os.environ if environment is None else environment),
                    cwd=folder or "/",
                    start_new_session=True,
                    preexec_fn=orphan_signal(when_orphaned),
                    **as_account(account),
                )
            self._children.append(child)
            return child

        return self._forker.submit(fork).result()

    def close(self) -> None:
        """No child is left, the youngest ended first, and none will be. The orderly stop came before: this is for what
        resisted it, and for what another thread was just starting."""
        self._closed = True
        self._forker.submit(int).result()  # a fork that is under way is finished, and its child known
        for child in reversed(self._children):
            if child.poll() is None:
                kill_tree(child)
        self._forker.shutdown()


def orphan_signal(number: signal.Signals) -> Callable[[], None]:
    """To be run in the child: asks for `number` when the parent dies, also if it died already."""
    libc, parent = ctypes.CDLL(None), os.getpid()

    def arrange() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:
            os._exit(1)

    return arrange


class Identity(TypedDict):
    """Popen's arguments for running as somebody else; None leaves things as they are."""

    user: int | None
    group: int | None
    extra_groups: list[int] | None


def as_account(account: Account | None) -> Identity:
    """Popen arguments that change to `account`, dropping our own groups."""
    if account is None:
        return {"user": None, "group": None, "extra_groups": None}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def rotate(log: Path) -> None:
    """A log beyond the limit becomes `.1`; one generation is kept."""
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".log.1"))


def kill_tree(child: subprocess.Popen[bytes]) -> None:
    """The child and all its descendants are gone, by SIGKILL; the head is frozen first so that it forks no more."""
    try:
        head = psutil.Process(child.pid)
        head.suspend()
        family = [*head.children(recursive=True), head]
    except psutil.NoSuchProcess:
        family = []
    for member in reversed(family):
        try:
            member.kill()
        except psutil.NoSuchProcess:
            continue
    child.wait()
    psutil.wait_procs(family, timeout=10)


def signal_tree(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """`number` to the child and all its descendants, the head first."""
    head = psutil.Process(child.pid)
    head.send_signal(number)
    for member in head.children(recursive=True):
        try:
            member.send_signal(number)
        except psutil.NoSuchProcess:
            continue
