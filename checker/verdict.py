"""The verdict on a run: what each check looked at and found, whether the faults bit, and one word for it all.

pass      every check looked at something and found no breach, the system caught up, every fault bit
fail      a promise was broken, or it did not catch up
vacuous   nothing was broken, but too little of what the scenario is about happened: it proves nothing
invalid   the run itself is worth nothing: no history, or a kind of operation that never succeeded
"""

from __future__ import annotations

from collections import Counter
from typing import Literal

import msgspec

from checker.checks import CHECKS, TITLES
from checker.history import BadHistory
from checker.liveness import Liveness, liveness_of
from checker.notes import Breach, Notes
from checker.run import Run
from checker.stored import About, Bite

Word = Literal["pass", "fail", "vacuous", "invalid"]


class Check(msgspec.Struct, frozen=True):
    """One check's result."""

    title: str
    examined: int
    breaches: int
    examples: list[Breach]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    word: Word
    scenario: str
    seed: int
    scale: str = ""
    why: list[str]
    """Why it is not a pass, in sentences."""
    checks: dict[str, Check]
    bite: dict[str, Bite]
    liveness: Liveness | None
    operations: dict[str, dict[str, int]]
    """Kind of operation → outcome → how many."""
    counts: dict[str, int]


NEEDED = frozenset({"C1", "C3", "C4", "C5", "C6", "C7", "C8", "C9", "C10", "C13"})
"""The checks that have something to look at in any run; without it there was no run."""


def judge(run: Run) -> Verdict:
    """The verdict on a frozen run."""
    notes = Notes()
    try:
        operations = _tally(run)
        for check in CHECKS:
            check(run, notes)
    except (BadHistory, msgspec.DecodeError, OSError) as error:
        return _verdict(run, "invalid", [f"{type(error).__name__}: {error}"], notes, {}, None)
    liveness = liveness_of(run)
    word, why = _word(run, notes, operations, liveness)
    return _verdict(run, word, why, notes, operations, liveness)


def _word(run: Run, notes: Notes, operations: dict[str, dict[str, int]], liveness: Liveness) -> tuple[Word, list[str]]:
    broken = [
        f"{check}: {notes.breaches[check]} breaches ({TITLES[check]})" for check in TITLES if notes.breaches[check]
    ]
    if run.about.broke_off:
        broken.append(f"it could not be played to its end: {run.about.broke_off}")
    if not liveness.is_alive:
        broken.append(_not_alive(liveness))
    if broken:
        return "fail", broken
    never = [f"no {kind} ever succeeded" for kind, found in operations.items() if not found.get("ok")]
    never += [f"{check} had nothing to look at" for check in sorted(NEEDED) if not notes.examined[check]]
    if never:
        return "invalid", never
    blunt = [
        f"{name}: {bite.seen} of at least {bite.least}"
        for name, bite in run.about.bite.items()
        if bite.seen < bite.least
    ]
    return ("vacuous", blunt) if blunt else ("pass", [])


def _not_alive(liveness: Liveness) -> str:
    if liveness.caught_up_seconds is None:
        return f"it did not catch up by itself within {liveness.allowed_seconds:.0f} s"
    return f"catching up took {liveness.caught_up_seconds:.1f} s of {liveness.allowed_seconds:.0f} s"


def _tally(run: Run) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {}
    for operation in run.operations:
        found.setdefault(operation.f, Counter())[operation.outcome] += 1
    return {kind: dict(counts) for kind, counts in sorted(found.items())}


def _verdict(
    run: Run, word: Word, why: list[str], notes: Notes, operations: dict[str, dict[str, int]], liveness: Liveness | None
) -> Verdict:
    try:
        about = run.about
    except (OSError, msgspec.DecodeError):
        about = About(scenario="?", seed=0)
    checks = {
        name: Check(title, notes.examined[name], notes.breaches[name], notes.examples.get(name, []))
        for name, title in TITLES.items()
    }
    return Verdict(
        word=word, scenario=about.scenario, seed=about.seed, scale=about.scale, why=why, checks=checks, bite=about.bite,
        liveness=liveness,
        operations=operations, counts=dict(notes.counts),
    )  # fmt: skip
