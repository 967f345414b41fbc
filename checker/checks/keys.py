"""C4: an Idempotency-Key has one effect and one answer, the same to the byte each time it is given, and its answer is
never given to another principal.
"""

from __future__ import annotations

from collections import defaultdict

import msgspec

from checker.history import Operation
from checker.notes import Notes
from checker.run import Run
from checker.spec import EFFECTS


def check_keys(run: Run, notes: Notes) -> None:
    uses: dict[tuple[str, str], list[Operation]] = defaultdict(list)
    for operation in run.commands:
        if operation.row.key:
            uses[operation.row.principal, operation.row.key].append(operation)
    for (principal, key), operations in uses.items():
        notes.look("C4")
        name = f"key {key} of {principal}"
        _one_effect(run, name, operations, notes)
        _one_answer(name, operations, run.answered.get((principal, key)), notes)
    _nobody_elses(run, notes)


def _one_effect(run: Run, name: str, operations: list[Operation], notes: Notes) -> None:
    writers = [operation for operation in operations if run.events_of.get(operation.row.correlation)]
    if len(writers) > 1:
        notes.breach("C4", f"{name} took effect {len(writers)} times", operations=[str(one) for one in writers])
    accepted = [operation for operation in operations if operation.outcome == "ok"]
    if len(accepted) < 2:
        return
    requests = {msgspec.json.encode([one.f, one.row.stream, one.row.args], order="sorted") for one in accepted}
    if len(requests) > 1:
        notes.breach("C4", f"{name} was accepted for {len(requests)} different requests", first=str(accepted[0]))


def _one_answer(name: str, operations: list[Operation], stored: str | None, notes: Notes) -> None:
    given = [answer for operation in operations if operation.end for answer in operation.end.answers]
    notes.counts["answers given again"] += max(0, len(given) - 1)
    if len(set(given)) > 1:
        notes.breach("C4", f"{name} was answered in {len(set(given))} different ways", operation=str(operations[0]))
    if stored is None:
        return
    body = msgspec.json.decode(stored, type=_Stored).body
    for operation in operations:
        if operation.outcome == "ok" and operation.end and operation.end.body:
            notes.look("C4")
            if operation.end.body.encode() != bytes(body):
                notes.breach("C4", f"{name} was answered otherwise than is stored: {operation}", stored=stored)


class _Stored(msgspec.Struct):
    body: msgspec.Raw


def _nobody_elses(run: Run, notes: Notes) -> None:
    """What one principal's command made was told to no other as made by them."""
    made: dict[str, str] = {}
    for operation in run.commands:
        effect = EFFECTS.get(operation.f)
        if operation.outcome != "ok" or effect is None or not effect.creates or operation.end is None:
            continue
        for stream in operation.end.versions:
            other = made.setdefault(stream, operation.row.principal)
            if other != operation.row.principal:
                notes.breach("C4", f"{stream} was told to {other} and to {operation.row.principal}, each as theirs")
