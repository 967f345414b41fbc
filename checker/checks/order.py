"""C3: versions of a stream are 1, 2, 3, …, event ids are unique, and the order of versions agrees with what clients saw
happen one after the other. The version is the witness of linearisation, so this takes a sort and one walk a stream.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from heapq import heappop, heappush
from typing import NamedTuple

from checker.history import Operation
from checker.notes import Notes
from checker.run import Run


def check_order(run: Run, notes: Notes) -> None:
    _contiguous(run, notes)
    _rows_agree(run, notes)
    for stream, steps in _steps(run).items():
        _agrees_with_time(stream, steps, notes)


def _contiguous(run: Run, notes: Notes) -> None:
    ids: dict[str, str] = {}
    stream, version, position = "", 0, 0
    for event in run.events:
        notes.look("C3")
        if event.stream != stream:
            stream, version, position = event.stream, 0, 0
        place = f"{event.stream}@{event.version}"
        if event.version != version + 1:
            notes.breach("C3", f"{stream}: version {event.version} follows {version}")
        if event.position <= position:
            notes.breach("C3", f"{place} has a position before its predecessor's", position=event.position)
        version, position = event.version, event.position
        if ids.setdefault(event.event_id, place) != place:
            notes.breach("C3", f"{place} has the event id of {ids[event.event_id]}", event_id=event.event_id)


def _rows_agree(run: Run, notes: Notes) -> None:
    rows = {row.stream: row.version for row in run.streams}
    for stream in rows.keys() | run.last_version.keys():
        if rows.get(stream, 0) != run.last_version.get(stream, 0):
            notes.breach(
                "C3", f"the row of {stream} is not at its last version",
                row=rows.get(stream, 0), last=run.last_version.get(stream, 0),
            )  # fmt: skip


class _Step(NamedTuple):
    """An operation on one stream: the version it left, and whether it wrote it."""

    began: int
    until: int
    version: int
    wrote: bool
    operation: Operation


def _steps(run: Run) -> dict[str, list[_Step]]:
    found: dict[str, list[_Step]] = defaultdict(list)
    uses = Counter(operation.name for operation in run.commands)
    for operation in run.commands:
        wrote: dict[str, tuple[int, int]] = {}
        for event in run.events_of.get(operation.row.correlation, []):
            first, last = wrote.get(event.stream, (event.version, event.version))
            wrote[event.stream] = (min(first, event.version), max(last, event.version))
        for stream, (_, version) in wrote.items():
            found[stream].append(_Step(operation.began, operation.until, version, True, operation))
        # of a key used again the answer may be old: it was true when it was given first
        if operation.outcome == "ok" and not wrote and uses[operation.name] == 1:
            for stream, version in operation.versions.items():
                found[stream].append(_Step(operation.began, operation.until, version, False, operation))
    return found


def _agrees_with_time(stream: str, steps: list[_Step], notes: Notes) -> None:
    """Whoever began after another had ended stands above it."""
    steps.sort(key=lambda step: step.began)
    ending: list[tuple[int, int]] = []
    ended = 0  # the highest version of those that had ended
    for step in steps:
        notes.look("C3")
        while ending and ending[0][0] < step.began:
            ended = max(ended, heappop(ending)[1])
        if step.version < ended + step.wrote:
            notes.breach(
                "C3", f"{step.operation} began after {stream}@{ended} was answered, and stands at {step.version}"
            )
        heappush(ending, (step.until, step.version))
