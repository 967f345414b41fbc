"""C9: once everything was published, every row of the outbox lies behind its lane's cursor, and no lane was ever moved
by an owner whose time was over.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from checker.notes import Notes
from checker.run import Run
from checker.stored import LaneRow


def check_outbox(run: Run, notes: Notes) -> None:
    passed = {row.lane: _Snapshot(row.passed) for row in run.lanes}
    for row in run.outbox:
        notes.look("C9")
        snapshot = passed.get(row.lane)
        if snapshot is None or not snapshot.sees(row.txid):
            notes.breach("C9", f"{row.stream}@{row.version} lies before the cursor of lane {row.lane}", txid=row.txid)
    stored = {event.event_id for event in run.events}
    for row in run.outbox:
        if row.event_id not in stored:
            notes.breach("C9", f"the outbox holds {row.stream}@{row.version}, which is not stored")
    _owners(run, notes)


class _Snapshot:
    """A pg_snapshot as PostgreSQL writes it; None sees nothing."""

    def __init__(self, text: str | None) -> None:
        _, xmax, running = (text or "1:1:").split(":")
        self._xmax, self._running = int(xmax), {int(each) for each in running.split(",") if each}

    def sees(self, txid: int) -> bool:
        return txid < self._xmax and txid not in self._running


def _owners(run: Run, notes: Notes) -> None:
    """From look to look epochs and positions only rise, and an epoch has one owner."""
    looks: dict[int, list[LaneRow]] = defaultdict(list)
    for look in [*run.lanes_seen, *run.lanes]:
        looks[look.lane].append(look)
    for lane, rows in looks.items():
        owners: dict[int, str] = {}
        for before, after in pairwise(rows):
            notes.look("C9")
            notes.counts["takeovers"] += max(0, after.epoch - before.epoch)
            if after.epoch < before.epoch or after.position < before.position:
                notes.breach("C9", f"lane {lane} went back", before=before, after=after)
            if after.owner is not None and owners.setdefault(after.epoch, after.owner) != after.owner:
                notes.breach("C9", f"lane {lane}: two owners in the epoch {after.epoch}", after=after)
