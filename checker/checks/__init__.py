"""The checks C1 to C13, one module for one of them or a few that look at the same things.

Each is a function of a run that writes into the notes what it looked at and what it found broken.
"""

from __future__ import annotations

from collections.abc import Callable

from checker.checks.answers import check_answers
from checker.checks.counts import check_counts
from checker.checks.documents import check_documents
from checker.checks.effects import check_effects
from checker.checks.keys import check_keys
from checker.checks.order import check_order
from checker.checks.outbox import check_outbox
from checker.checks.published import check_published
from checker.checks.readers import check_readers
from checker.checks.rules_accounts import check_accounts
from checker.checks.rules_posts import check_posts
from checker.checks.rules_shop import check_shop
from checker.notes import Notes
from checker.run import Run

CHECKS: list[Callable[[Run, Notes], None]] = [
    check_effects,
    check_order,
    check_keys,
    check_published,
    check_posts,
    check_accounts,
    check_shop,
    check_outbox,
    check_documents,
    check_readers,
    check_counts,
    check_answers,
]
TITLES = {
    "C1": "acknowledged: stored exactly once, as it was said",
    "C2": "refused: nowhere; in doubt: at most once; nothing that nobody asked for",
    "C3": "versions 1, 2, 3, ... in the order that clients saw",
    "C4": "one key: one effect, one answer, one principal",
    "C5": "every event in Kafka, no record without its event, the same words",
    "C6": "the rules of the domains hold at every prefix",
    "C7": "a key in one partition, its streams in order",
    "C8": "no record twice",
    "C9": "the outbox is drained, by owners of their time",
    "C10": "documents equal the fold of the events",
    "C11": "no reader goes back in time, or behind its token",
    "C12": "counters and lists equal a recount",
    "C13": "only documented answers; no secret, no trace of code",
}
