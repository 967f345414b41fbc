"""Answers as they came over HTTP, against the plain computation. Pure: asking and reading events are elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from domains.shop.analytics.asked import Asked
from domains.shop.analytics.windows import month_of
from domains.shop.reference import Reference
from kernel.events import wire_time

LONGEST = timedelta(days=3_650)
"""About what a window may have."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One question with its parameters. `as_admin`: asked with the scope admin, which shows every cell."""

    name: str
    first: date
    until: date
    tz: str = "UTC"
    currency: str | None = None
    as_of: datetime | None = None
    as_admin: bool = False
    current: bool = False
    restated: bool = False

    @property
    def parameters(self) -> dict[str, str]:
        given = {"from": self.first.isoformat(), "until": self.until.isoformat(), "tz": self.tz}
        if self.currency is not None:
            given["currency"] = self.currency
        if self.as_of is not None:
            given["as_of"] = wire_time(self.as_of)
        if self.current:
            given["segment"] = "current"
        if self.restated:
            given["restated"] = "true"
        return given

    def asked(self, now: datetime) -> Asked:
        zone: tzinfo = ZoneInfo(self.tz)
        return Asked(
            first=self.first, until=self.until, zone=zone, currency=self.currency, now=self.as_of or now,
            as_of=self.as_of,
        )  # fmt: skip


_ANSWERS: dict[str, Callable[[Reference, Asked, Question], Any]] = {
    "sales-by-month": lambda plain, asked, question: plain.sales_by_month(
        asked, current=question.current, restated=question.restated
    ),
    "segments": lambda plain, asked, _: plain.by_segment(asked),
    "top-products": lambda plain, asked, _: plain.top_products(asked),
    "repeat-customers": lambda plain, asked, _: plain.repeat_customers(asked),
    "fulfilment-time": lambda plain, asked, _: plain.fulfilment_time(asked),
    "promotion-effect": lambda plain, asked, _: plain.promotion_effect(asked),
    "revenue-by-region": lambda plain, asked, question: plain.revenue_by_region(asked, all_cells=question.as_admin),
}
NAMES = tuple(_ANSWERS)


def questions_about(plain: Reference, now: datetime) -> list[Question]:
    """What to ask of a shop with this history: all of it, its last year, and days that begin and end anywhere."""
    moments = [order.placed.placed_at for order in plain.orders.values()]
    last = max(moments, default=now).date()
    first = max(min(moments, default=now).date(), last - LONGEST)
    whole = (month_of(first), month_of(last, 1))
    year = (month_of(last, -11), month_of(last, 1))
    odd = (max(first, last - timedelta(days=200)), last - timedelta(days=9))
    asked = []
    for name in NAMES:
        asked += [
            Question(name=name, first=whole[0], until=whole[1], as_admin=True),
            Question(name=name, first=year[0], until=year[1]),
            Question(name=name, first=odd[0], until=max(odd), tz="Asia/Kathmandu"),
            Question(name=name, first=year[0], until=year[1], as_of=now - timedelta(days=40), tz="America/New_York"),
        ]
        for currency in sorted({order.placed.currency for order in plain.orders.values()}):
            asked.append(Question(name=name, first=year[0], until=year[1], currency=currency))
    asked.append(Question(name="sales-by-month", first=whole[0], until=whole[1], current=True))
    asked.append(Question(name="sales-by-month", first=whole[0], until=whole[1], restated=True, tz="Europe/Berlin"))
    return asked


def differences(question: Question, plain: Reference, answer: Mapping[str, Any], now: datetime) -> list[str]:
    """In what the answer is another one, each in a sentence. `now`: about when it was asked."""
    expected = _ANSWERS[question.name](plain, question.asked(now), question)
    found = []
    if question.name == "promotion-effect":
        promotion, expected = expected
        wanted = None if promotion is None else msgspec.to_builtins(promotion)
        if answer["promotion"] != wanted:
            found.append(f"the promotion is {answer['promotion']} and should be {wanted}")
    rows = msgspec.to_builtins(expected)
    if len(rows) != len(answer["rows"]):
        found.append(f"{len(answer['rows'])} rows, and should be {len(rows)}")
    for number, (told, should) in enumerate(zip(answer["rows"], rows, strict=False), 1):
        if told != should:
            found.append(f"row {number} is {told} and should be {should}")
    return found
