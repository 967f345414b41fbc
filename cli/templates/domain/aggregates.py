"""The aggregates of notes: what history and snapshots find of this domain."""

from __future__ import annotations

from typing import Any

from kernel.aggregate import Aggregate

from notes.note import NOTE

AGGREGATES: list[Aggregate[Any]] = [NOTE]
