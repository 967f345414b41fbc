"""What a question is asked about, and what it answers with when nothing was said. Pure."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from domains.shop.analytics.windows import Window, month_of, window_of


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Days from `first` until just before `until`, in a zone; `currency` None: a row for each."""

    first: date
    until: date
    zone: ZoneInfo
    currency: str | None
    now: datetime

    @property
    def window(self) -> Window:
        return window_of(self.first, self.until, self.zone)


def last_months(count: int, today: date) -> tuple[date, date]:
    """This month, which is not over, and those before it: `count` in all."""
    return month_of(today, 1 - count), month_of(today, 1)


def last_quarter(today: date) -> tuple[date, date]:
    """The calendar quarter before the one that today is in."""
    begun = month_of(today, -((today.month - 1) % 3))
    return month_of(begun, -3), begun
