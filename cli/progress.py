"""Shows what is going on: one moving line for a person at a terminal, plain lines otherwise. Always standard error."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.status import Status


class ProgressLine:
    """Call it with each new step; a step that is over stays on the screen with the time it took."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = None
        self._step, self._since = "", time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.done()

    def __call__(self, step: str) -> None:
        """`step` is what happens from now on. The same words with other numbers are the same step."""
        if not self._console.is_terminal:
            if self._stem(step) != self._stem(self._step):
                self._console.print(f"{step} ...", highlight=False, markup=False)
        elif self._status and self._stem(step) == self._stem(self._step):
            self._status.update(step)
        else:
            self.done()
            self._status = self._console.status(step)
            self._status.start()
            self._since = time.monotonic()
        self._step = step

    def done(self) -> None:
        """The present step is over."""
        if self._status:
            self._status.stop()
            self._status = None
            self._console.print(f"{self._step} [dim]{time.monotonic() - self._since:.1f} s[/dim]", highlight=False)
        self._step = ""

    @staticmethod
    def _stem(step: str) -> str:
        return step.partition(":")[0]
