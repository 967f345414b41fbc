"""Moments as clients give them: a date means its end in UTC, a time must carry its offset."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from app.problems import Problem


def moment(name: str, value: str | None) -> datetime | None:
    """The moment that `value` names, in UTC; None for None. Raises Problem 422 that names the parameter."""
    if value is None:
        return None
    try:
        if len(value) == 10:
            return datetime.combine(date.fromisoformat(value), time.max, UTC)
        parsed = datetime.fromisoformat(value)
        if parsed.tzinfo is None:
            raise ValueError
        return parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Problem(
            422, "bad-moment", f"{name} must be a date (2023-05-28) or a time with its offset (2023-05-28T12:00:00Z)"
        ) from None
