"""An instant in a stream's history as a question names it: a version, when it happened, when it was known; or now."""

from __future__ import annotations

from app.history.moments import moment
from app.history.reader import EVERYTHING, Until

VERSION_LIMIT = 2**62


def instant(version: int | None, as_of: str | None, as_known_at: str | None, prefix: str = "") -> Until:
    """What the parameters name together; all of them limit. Raises Problem 422 that names the one that does not fit."""
    return Until(version, moment(f"{prefix}as_of", as_of), moment(f"{prefix}as_known_at", as_known_at))


def beginning(start: Until) -> Until:
    """Where a range starts: at version 0, before the first event, unless something is named."""
    return Until(version=0) if start == EVERYTHING else start
