"""Writes down what the campaign's clients ask and are told, in the checker's own format.

Each client goes under a process number, and under a new one after an outcome it never learnt.
"""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from checker.history import Recorder, Row, outcome_of


class Client:
    """One client's number."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.process = journal.new_process()

    def retire(self) -> None:
        self.process = self._journal.new_process()


class Journal:
    """One run's history; a context, at whose end it is on disk."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb", buffering=1 << 16)
        self._recorder = Recorder(self._file)
        self._operations, self._processes = itertools.count(1), itertools.count(1)
        self.outcomes: Counter[str] = Counter()
        """Of commands and reads, by `f` and outcome: `like ok`."""
        self.acknowledged = 0
        """Commands."""
        self.in_doubt = 0
        """Attempts whose outcome was not told."""

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def new_process(self) -> int:
        return next(self._processes)

    def asked(
        self,
        client: Client,
        f: str,
        *,
        principal: str,
        stream: str = "",
        key: str = "",
        args: Mapping[str, Any] | None = None,
        token: Mapping[str, int] | None = None,
        expected: int | None = None,
    ) -> Row:
        row = Row(
            type="invoke", index=next(self._operations), process=client.process, ns=time.monotonic_ns(), f=f,
            principal=principal, key=key, correlation=str(uuid4()), stream=stream, args=dict(args or {}),
            token=dict(token or {}), expected=expected,
        )  # fmt: skip
        self._recorder.write(row)
        return row

    def told(
        self,
        client: Client,
        asked: Row,
        attempts: Sequence[str],
        *,
        answers: Sequence[str] = (),
        body: str = "",
        versions: Mapping[str, int] | None = None,
        seen: Mapping[str, Any] | None = None,
    ) -> Row:
        row = Row(
            type=outcome_of(attempts), index=asked.index, process=asked.process, ns=time.monotonic_ns(),
            attempts=list(attempts), answers=list(answers), body=body, versions=dict(versions or {}),
            seen=dict(seen or {}),
        )  # fmt: skip
        self._recorder.write(row)
        self.outcomes[f"{asked.f} {row.type}"] += 1
        self.acknowledged += row.type == "ok" and bool(asked.key)
        self.in_doubt += sum(outcome_of([attempt]) == "info" for attempt in attempts)
        if row.type == "info":
            client.retire()
        return row
