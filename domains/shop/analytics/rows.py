"""One row of each answer: the same in JSON and in CSV. Amounts are minor units of the row's currency.

`amount` is sales less refunds. A currency of null: nothing was sold, so there is none to name.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What all of them have in common: nothing."""


class MonthRow(Row, frozen=True, kw_only=True):
    month: str
    segment: str | None
    currency: str | None
    orders: int
    sales: int
    refunds: int
    amount: int
    restated: bool
    """There are refunds in it: it is not, or will not stay, what was sold."""


class SegmentRow(Row, frozen=True, kw_only=True):
    segment: str
    currency: str | None
    orders: int
    sales: int
    refunds: int
    amount: int
    buyers: int
    """Distinct customers with an order in the window, made while they were in this segment."""
    customers: int
    """Those who are in the segment now, with orders or without."""
    orders_per_customer: float | None
    by_amount: int
    """Its rank among the segments of this currency."""
    by_orders: int


class ProductRow(Row, frozen=True, kw_only=True):
    ranking: Literal["orders", "revenue"]
    currency: str
    rank: int
    sku: str
    name: str | None
    """As of now; null where the sku was never listed."""
    orders: int
    revenue: int


class RepeatRow(Row, frozen=True, kw_only=True):
    buyers: int
    repeat_buyers: int
    percentage: float | None


class FulfilmentRow(Row, frozen=True, kw_only=True):
    segment: str
    delivered: int
    average_hours: float | None
    p50_hours: int | None
    p95_hours: int | None
    """Whole hours; what took longer than a year is counted as one."""
    unfulfilled: int


class PromotionRow(Row, frozen=True, kw_only=True):
    window: Literal["before", "during", "after"]
    starts_at: str
    ends_at: str
    currency: str | None
    orders: int
    sales: int
    refunds: int
    amount: int


class RegionRow(Row, frozen=True, kw_only=True):
    region: str
    age_band: str
    gender: str
    currency: str
    hidden: bool
    """Too few people: what they did is not told."""
    orders: int | None
    sales: int | None
    refunds: int | None
    amount: int | None


class Promotion(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The promotion that an answer is about. `ends_at` is when it was ended, if that was before its time."""

    id: str
    name: str
    starts_at: str
    ends_at: str
    still_running: bool
