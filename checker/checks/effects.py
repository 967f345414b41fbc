"""C1 and C2: what was acknowledged is stored exactly once, where the answer said; what was refused is nowhere; what is
in doubt is there whole or not at all; and every event has somebody who asked for it.
"""

from __future__ import annotations

from collections import Counter

from checker.history import Operation
from checker.notes import Notes
from checker.run import Run
from checker.spec import EFFECTS
from checker.stored import Event


def check_effects(run: Run, notes: Notes) -> None:
    acknowledged = {operation.name for operation in run.commands if operation.outcome == "ok"}
    writer_of_key: dict[tuple[str, str], str] = {}
    for operation in run.commands:
        events = run.events_of.get(operation.row.correlation, [])
        if events:
            writer_of_key.setdefault(operation.name, operation.row.correlation)
        _once_or_not_at_all(operation, events, notes)
        if operation.outcome == "fail":
            notes.look("C2")
            if events:
                notes.breach("C2", f"refused and stored: {operation}", events=places(events))
            remembered = run.answered.get(operation.name)
            if remembered and operation.name not in acknowledged and not _is_anothers_key(operation):
                notes.breach("C2", f"refused and remembered: {operation}", answer=remembered)
        elif operation.outcome == "info":
            notes.look("C2")
            notes.counts["in doubt"] += 1
            notes.counts["in doubt and stored"] += bool(events)
    for operation in run.commands:
        if operation.outcome == "ok":
            _stored_as_said(run, operation, writer_of_key, notes)
    _nobody_asked(run, notes)


def _once_or_not_at_all(operation: Operation, events: list[Event], notes: Notes) -> None:
    """All of its events, once, or none of them."""
    effect = EFFECTS.get(operation.f)
    if effect is None or not events:
        return
    check = "C1" if operation.outcome == "ok" else "C2"
    found, wanted = Counter(event.type for event in events), Counter(effect.types)
    if found != wanted:
        more = any(found[kind] > wanted[kind] for kind in found)
        what = "more than once, or more than it asked for" if more else "in part"
        notes.breach(check, f"stored {what}: {operation}", events=places(events))
    for event in events:
        if event.metadata.get("principal") != operation.row.principal:
            notes.breach(check, f"stored under another's name: {operation}", events=places([event]))
        said = operation.row.args.get(effect.argument) if effect.argument else None
        if said is not None and event.data.get(effect.argument) != said:
            notes.breach(check, f"stored with other words than were sent: {operation}", events=places([event]))


def _stored_as_said(run: Run, operation: Operation, writer_of_key: dict[tuple[str, str], str], notes: Notes) -> None:
    notes.look("C1")
    if operation.row.key and operation.name not in run.answered:
        notes.breach("C1", f"acknowledged and not remembered: {operation}")
    # a repeated key was answered with what its first use had stored
    events = run.events_of.get(writer_of_key.get(operation.name, operation.row.correlation), [])
    effect = EFFECTS.get(operation.f)
    if effect is None:
        notes.breach("C1", f"the checker knows no command {operation.f}")
        return
    if not events:
        if not effect.may_be_none:
            notes.breach("C1", f"acknowledged and lost: {operation}")
        for stream, version in operation.versions.items():
            if version > run.last_version.get(stream, 0):
                notes.breach("C1", f"acknowledged at a version that is not there: {operation}", version=version)
        return
    told = dict(operation.versions)
    stored = {event.stream: event.version for event in events}  # the last of each stream
    if told != stored:
        notes.breach("C1", f"stored elsewhere than was said: {operation}", said=told, stored=stored)


def _nobody_asked(run: Run, notes: Notes) -> None:
    asked = {operation.row.correlation for operation in run.commands}
    for correlation, events in run.events_of.items():
        if correlation not in asked:
            notes.breach("C2", "events that no client asked for", events=places(events), correlation=correlation)


def _is_anothers_key(operation: Operation) -> bool:
    """Whether it was refused because its key is another request's, which is remembered, rightly."""
    return any("idempotency-key-reused" in attempt for attempt in operation.attempts)


def places(events: list[Event]) -> list[str]:
    return [f"{event.stream}@{event.version} {event.type}" for event in events[:8]]
