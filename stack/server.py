"""What PostgreSQL, Kafka and MongoDB have in common as child processes.

Invariant: `start` returns only when the server answers a real question; after `stop` or `kill` none of its processes is
left. What each server needs to exist, how it is called and what the question is stay with the server.
"""

from __future__ import annotations

import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
import psutil

from stack.errors import ServerFailed
from stack.launcher import Account, Launcher, kill_tree, signal_tree
from stack.ports import HOST

Progress = Callable[[str], None]


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """How a server is called."""

    arguments: Sequence[str]
    environment: Mapping[str, str] | None = None
    account: Account | None = None


class Server(ABC):
    """One server: prepared once, started and ended as often as wanted, on the same port with the same data."""

    name: str
    host: str = HOST
    stop_signal: signal.Signals = signal.SIGTERM
    start_seconds: float = 60.0
    stop_seconds: float = 30.0

    def __init__(self, launcher: Launcher, data_dir: Path, log_path: Path, port: int) -> None:
        self._launcher = launcher
        self._child: subprocess.Popen[bytes] | None = None
        self.data_dir = data_dir
        self.log_path = log_path
        self.port = port

    @abstractmethod
    def prepare(self) -> None:
        """What must exist before the first start exists: binaries and a formatted data folder."""

    @abstractmethod
    def command(self) -> Command:
        """How the server is called."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether the server answers a real question now."""

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def pid(self) -> int:
        return self._running().pid

    @property
    def is_running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def start(self) -> None:
        """The server is usable."""
        self.prepare()
        self.launch()
        self.await_answer()

    def launch(self) -> None:
        """The server's process runs; it may not answer yet."""
        command = self.command()
        self._child = self._launcher.launch(
            command.arguments,
            log=self.log_path,
            environment=command.environment,
            account=command.account,
            when_orphaned=self.stop_signal,
        )

    def await_answer(self) -> None:
        """The server answers. Raises ServerFailed, and leaves no process, when it ended or took too long."""
        child = self._running()
        patience_ends = time.monotonic() + self.start_seconds
        while not self.answers():
            if child.poll() is not None:
                raise ServerFailed(self.name, f"ended with exit code {child.returncode}", self.log_path)
            if time.monotonic() > patience_ends:
                kill_tree(child)
                raise ServerFailed(self.name, f"did not answer within {self.start_seconds:.0f} s", self.log_path)
            time.sleep(0.05)

    def stop(self) -> None:
        """The server has ended in order, or by force when it took too long."""
        if self._child is None or self._child.poll() is not None:
            return
        signal_tree(self._child, signal.SIGCONT)  # a suspended server could not hear the request
        self._child.send_signal(self.stop_signal)
        try:
            self._child.wait(timeout=self.stop_seconds)
        except subprocess.TimeoutExpired:
            kill_tree(self._child)

    def kill(self) -> None:
        """Every process of the server was killed with SIGKILL at once, as in a crash."""
        kill_tree(self._running())

    def suspend(self) -> None:
        """Every process of the server is frozen: connections stay open and nobody answers."""
        child = self._running()
        signal_tree(child, signal.SIGSTOP)
        while child.poll() is None and psutil.Process(child.pid).status() != psutil.STATUS_STOPPED:
            time.sleep(0.001)  # on a busy machine the signal takes its time

    def resume(self) -> None:
        """The frozen server goes on."""
        signal_tree(self._running(), signal.SIGCONT)

    def restart(self) -> None:
        """The server was stopped in order if it ran, and is usable again at the same address with the same data."""
        self.stop()
        self.launch()
        self.await_answer()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            raise ServerFailed(self.name, "was not started", self.log_path)
        return self._child
