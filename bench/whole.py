"""A whole running system for a bench: servers and every process, as `lockstep up` runs them."""

from __future__ import annotations

import queue
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stack.server import Progress
from stack.stack import Options, run_stack
from stack.state import StackState
from stack.tokens import DevelopmentKeys

START_SECONDS = 180.0


class Whole:
    """The system's state, and tokens for it."""

    def __init__(self, state: StackState, folder: Path) -> None:
        self.state, self.folder = state, folder
        self._keys = DevelopmentKeys(folder / "secrets")

    def tokens(self, subjects: list[str]) -> list[str]:
        return [self._keys.token(subject) for subject in subjects]


@contextmanager
def open_whole(data: Path | None, progress: Progress) -> Iterator[Whole]:
    """Everything runs for the block; fresh, and nothing stays of it unless a folder was given."""
    with tempfile.TemporaryDirectory(prefix="lockstep-bench-", ignore_cleanup_errors=True) as temporary:
        Path(temporary).chmod(0o711)  # PostgreSQL may run as another user
        folder = data or Path(temporary)
        stop = threading.Event()
        told: queue.SimpleQueue[StackState | BaseException] = queue.SimpleQueue()

        def run() -> None:
            try:
                run_stack(Options(data=folder, fresh=True), stop, progress, told.put)
            except BaseException as error:
                told.put(error)

        running = threading.Thread(target=run, name="stack")
        running.start()
        try:
            first = told.get(timeout=START_SECONDS)
            if isinstance(first, BaseException):
                raise first
            yield Whole(first, folder)
        finally:
            stop.set()
            running.join()
