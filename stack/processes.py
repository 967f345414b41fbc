"""Our own processes as children, and the supervisor that starts again whatever ends unasked.

Invariant: a process that dies is started again after a pause that doubles while it keeps dying; when the supervisor is
told to stop, nothing is started any more.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from stack.launcher import Launcher, kill_tree

PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 15.0
STEADY_SECONDS = 30.0
"""Alive for this long, a process has earned the shortest pause again."""
LOOK_SECONDS = 0.25


class Supervised(Protocol):
    """What the supervisor looks after: our processes and the servers alike."""

    name: str

    @property
    def pid(self) -> int: ...
    @property
    def is_running(self) -> bool: ...
    def launch(self) -> None: ...


class Process:
    """One of our processes: `python -P -m module` with its own environment and log. It works in our folder, for
    paths in settings, and imports nothing from there that is not on PYTHONPATH (-P)."""

    stop_seconds = 20.0

    def __init__(
        self, launcher: Launcher, name: str, module: Sequence[str], environment: Mapping[str, str], log_path: Path
    ) -> None:
        self.name = name
        self.log_path = log_path
        self._launcher = launcher
        self._module = module
        self._environment = environment
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        return self._child.pid if self._child else 0

    @property
    def is_running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def launch(self) -> None:
        """The process runs; it may not be ready yet."""
        self._child = self._launcher.launch(
            [sys.executable, "-P", "-m", *self._module],
            log=self.log_path,
            environment=self._environment,
            folder=Path.cwd(),
        )

    def wait(self) -> int:
        """The exit code, once the process has ended."""
        assert self._child is not None
        return self._child.wait()

    def ask_to_stop(self) -> None:
        if self.is_running and self._child:
            self._child.send_signal(signal.SIGCONT)
            self._child.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        """The process has ended: in order, or by force when it took too long."""
        if self._child is None:
            return
        self.ask_to_stop()
        try:
            self._child.wait(timeout=self.stop_seconds)
        except subprocess.TimeoutExpired:
            kill_tree(self._child)


class Seen(msgspec.Struct):
    """What the supervisor knows of one process."""

    restarts: int = 0
    failures: int = 0
    """Deaths in a row."""
    started: float = 0.0
    due: float | None = None
    """When it is started again; None while it runs."""


class Supervisor:
    """Looks after processes in the order given."""

    def __init__(self, processes: Sequence[Supervised], changed: Callable[[], object]) -> None:
        self._seen = {process.name: Seen(started=time.monotonic()) for process in processes}
        self._processes = processes
        self._changed = changed

    def run(self, stop: threading.Event) -> None:
        """Until `stop`: whatever ended is started again."""
        while not stop.wait(LOOK_SECONDS):
            looks = [self._look_after(process) for process in self._processes]
            if any(looks):
                self._changed()

    def state(self, process: Supervised) -> str:
        """`running`, or `restarting` while it waits for its next start."""
        return "running" if process.is_running else "restarting"

    def restarts(self, process: Supervised) -> int:
        return self._seen[process.name].restarts

    def _look_after(self, process: Supervised) -> bool:
        """Whether something about `process` has changed."""
        seen, now = self._seen[process.name], time.monotonic()
        if process.is_running:
            return False
        if seen.due is None:
            seen.failures = 1 if now - seen.started > STEADY_SECONDS else seen.failures + 1
            seen.due = now + min(PAUSE_SECONDS * 2 ** (seen.failures - 1), LONGEST_PAUSE_SECONDS)
            return True
        if now < seen.due:
            return False
        process.launch()
        seen.started, seen.due, seen.restarts = now, None, seen.restarts + 1
        return True
