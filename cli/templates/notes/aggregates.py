"""The aggregates of this domain: what history and snapshots find of it."""

from typing import Any

from kernel.aggregate import Aggregate

from notes.note import NOTE

AGGREGATES: list[Aggregate[Any]] = [NOTE]
