"""What Kafka must say of a stored event: the same words, the aggregate's id beside them, moments in UTC, six digits."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from checker.spec import DOMAIN_OF, category_of
from checker.stored import Event

MOMENTS = frozenset(
    {"datePosted", "commentDate", "editDate", "bookedAt", "placedAt", "shippedAt", "startsAt", "endsAt"}
)
SUMMED = frozenset({"OrderPlaced", "OrderCancelled", "OrderRefunded"})
"""Published with the sum of their lines."""
BESIDE = frozenset({"occurredAt"})
"""Said by the record's own time, ce_time."""


def six_digits(moment: str) -> str:
    """The moment in UTC with microseconds and Z."""
    return datetime.fromisoformat(moment).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def published_value(event: Event) -> dict[str, Any]:
    """The record's value."""
    category, _, identifier = event.stream.partition("-")
    said = {
        name: six_digits(value) if name in MOMENTS else value
        for name, value in event.data.items()
        if name not in BESIDE
    }
    if event.type in SUMMED:
        said["amount"] = sum(line["amount"] for line in event.data["lines"])
    return {f"{category}Id": identifier, **said}


def published_type(event: Event) -> str:
    return f"{DOMAIN_OF.get(category_of(event.stream), '?')}.{event.type}.v1"
