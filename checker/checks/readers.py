"""C11: a reader never goes back in time, never sees less than the token it sent nor more than is stored, and what it is
shown at a version is what the events say of that version. Who listens to changes hears of every stream in the end.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from checker.folds.accounts import signed
from checker.history import Operation
from checker.notes import Notes
from checker.run import Run
from checker.stored import Event


def check_readers(run: Run, notes: Notes) -> None:
    removed = {event.stream for event in run.events if event.type == "PostRemoved"}
    states = _States(run.events)
    sessions: dict[tuple[int, str], int] = {}
    for operation in run.operations:
        if operation.f != "read":
            continue
        notes.look("C11")
        for stream, asked in operation.row.token.items():
            seen = operation.versions.get(stream)
            if operation.outcome == "ok" and seen is not None and seen < asked:
                notes.breach("C11", f"asked for {stream}@{asked} and was shown {seen}: {operation}")
            if operation.outcome == "fail" and "404" in _status(operation) and stream not in removed:
                notes.breach("C11", f"asked for {stream}@{asked} and was told there is none: {operation}")
        if operation.outcome == "ok":
            for stream, seen in operation.versions.items():
                _true(run, operation, stream, seen, sessions, notes)
                states.compare(operation, stream, seen, notes)
    _listeners(run, notes)


def _status(operation: Operation) -> str:
    return operation.attempts[-1][:3] if operation.attempts else ""


def _true(
    run: Run, operation: Operation, stream: str, seen: int, sessions: dict[tuple[int, str], int], notes: Notes
) -> None:
    if seen > run.last_version.get(stream, 0):
        notes.breach("C11", f"was shown {stream}@{seen}, and stored is {run.last_version.get(stream, 0)}: {operation}")
    session = operation.row.process, stream
    if seen < sessions.get(session, 0):
        notes.breach("C11", f"was shown {stream}@{seen} after {sessions[session]}: {operation}")
    sessions[session] = max(seen, sessions.get(session, 0))


class _States:
    """A post's message and an account's balance at any version, for comparing with what readers were shown."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._changes: dict[tuple[str, str], tuple[list[int], list[Any]]] = defaultdict(lambda: ([], []))
        for event in events:
            if event.type in ("PostCreated", "MessageUpdated"):
                self._add(event, "message", str(event.data["message"]))
            elif event.type == "AccountOpened":
                self._add(event, "balance", 0)
            elif change := signed(event):
                self._add(event, "balance", self._changes[event.stream, "balance"][1][-1] + change)

    def _add(self, event: Event, name: str, value: Any) -> None:
        versions, values = self._changes[event.stream, name]
        versions.append(event.version)
        values.append(value)

    def compare(self, operation: Operation, stream: str, version: int, notes: Notes) -> None:
        for name, shown in (operation.end.seen if operation.end else {}).items():
            versions, values = self._changes[stream, name]
            at = bisect_right(versions, version)
            stored = values[at - 1] if at else None
            if shown != stored:
                notes.breach("C11", f"{stream}@{version} shows another {name}: {operation}", shown=shown, stored=stored)


def _listeners(run: Run, notes: Notes) -> None:
    heard: dict[int, dict[str, int]] = defaultdict(dict)
    since: dict[int, int] = {}
    for operation in run.operations:
        if operation.f != "hear":
            continue
        since.setdefault(operation.row.process, operation.began)
        if operation.end and operation.end.seen.get("reset"):
            since[operation.row.process] = operation.began  # it was told to read everything anew, and does
        for stream, version in operation.versions.items():
            notes.look("C11")
            own = heard[operation.row.process]
            own[stream] = max(version, own.get(stream, 0))
            if version > run.last_version.get(stream, 0):
                notes.breach("C11", f"a listener heard of {stream}@{version}, which is not stored")
    changed: dict[str, int] = {}
    for command in run.commands:
        for event in run.events_of.get(command.row.correlation, []):
            changed[event.stream] = max(command.began, changed.get(event.stream, 0))
    for process, began in since.items():
        for stream, last_change in changed.items():
            if last_change > began and heard[process].get(stream, 0) < run.last_version[stream]:
                notes.breach(
                    "C11", f"listener {process} did not hear of {stream}@{run.last_version[stream]}",
                    heard=heard[process].get(stream, 0),
                )  # fmt: skip
