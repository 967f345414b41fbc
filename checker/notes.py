"""What the checks found: how much each looked at, how many breaches, and the first few with their evidence."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import msgspec

EXAMPLES = 10


class Breach(msgspec.Struct, frozen=True):
    """One breach of a promise: a sentence, and what it was seen in."""

    check: str
    sentence: str
    evidence: dict[str, Any]


class Notes:
    """One judge's notebook."""

    def __init__(self) -> None:
        self.examined: Counter[str] = Counter()
        self.breaches: Counter[str] = Counter()
        self.examples: dict[str, list[Breach]] = defaultdict(list)
        self.counts: Counter[str] = Counter()
        """What happened, for the report: duplicates, commands in doubt, aborted records."""

    def look(self, check: str, times: int = 1) -> None:
        """The check looked at so many things."""
        self.examined[check] += times

    def breach(self, check: str, sentence: str, **evidence: Any) -> None:
        self.breaches[check] += 1
        if len(self.examples[check]) < EXAMPLES:
            self.examples[check].append(Breach(check, sentence, evidence))
