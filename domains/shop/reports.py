"""The shop's two reports: purchases between two dates, and daily purchases. Finders: no driver, no HTTP.

A purchase is an order that was not cancelled, on the day it was placed in the report's time zone. `as_of` leaves out
orders placed later; what is left is told as it is now: cancelled since means left out, refunded since is told beside.
Sums are made by MongoDB from the keys of an index alone.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import msgspec

from app.queries.documents import Documents
from app.queries.progress import Progress, find_progress
from app.queries.windows import Buckets, Window
from domains.shop.dtos import CustomerOrderDto, Dto
from domains.shop.finders import page
from domains.shop.shown import customer_order_dto
from domains.shop.views_customer_orders import NAME as CUSTOMER_ORDERS

PROJECTION = "shop"


class Totals(Dto, frozen=True, kw_only=True):
    """Of one currency. `amount` is what was sold, `refunded` what of that was given back since."""

    currency: str
    orders: int
    amount: int
    refunded: int


class DailyPurchases(Dto, frozen=True, kw_only=True):
    """One day in one currency; a day without purchases is 0 in every currency of the report (null: it has none)."""

    day: str
    currency: str | None
    orders: int
    amount: int
    refunded: int


class Report(Dto, frozen=True, kw_only=True):
    """What every report says of itself: whose days, nothing later than when, and how fresh it is."""

    first: str = msgspec.field(name="from")
    last: str = msgspec.field(name="until")
    tz: str
    as_of: str
    freshness: Progress


class PurchasesReport(Report, frozen=True, kw_only=True):
    """Purchases in the order they were placed; `cursor` gets the next page, and is null on the last one. `totals` are
    of the whole window, whatever the page."""

    totals: list[Totals]
    purchases: list[CustomerOrderDto]
    cursor: str | None


class DailyReport(Report, frozen=True, kw_only=True):
    """Every day of the window, in order."""

    days: list[DailyPurchases]


async def find_purchases(
    documents: Documents, window: Window, tz: str, customer_id: str | None, limit: int, cursor: str | None
) -> PurchasesReport:
    """Purchases in the window, or one customer's."""
    freshness = await find_progress(documents, PROJECTION)
    where: dict[str, Any] = {"cancelled": False, "placedAt": window.moments}
    if customer_id is not None:
        where["customerId"] = customer_id
    name = f"purchases/{window.first}/{window.last}/{tz}/{customer_id}"
    grouped, (found, following) = await asyncio.gather(
        documents.aggregate(CUSTOMER_ORDERS, _sums(where, "$currency")),
        page(documents, CUSTOMER_ORDERS, where, "placedAt", limit, cursor, ascending=True, name=name),
    )
    return PurchasesReport(
        **_head(window, tz, freshness),
        totals=[
            msgspec.convert({**one, "currency": one["_id"]}, Totals)
            for one in sorted(grouped, key=lambda one: str(one["_id"]))
        ],
        purchases=[customer_order_dto(one) for one in found],
        cursor=following,
    )


async def find_daily_purchases(documents: Documents, window: Window, tz: str) -> DailyReport:
    """What was bought on each day of the window."""
    freshness = await find_progress(documents, PROJECTION)
    buckets = Buckets(window)
    where = {"cancelled": False, "placedAt": window.moments}
    by = {"moment": buckets.key("$placedAt"), "currency": "$currency"}
    sums: defaultdict[tuple[str, str | None], list[int]] = defaultdict(lambda: [0, 0, 0])
    for one in await documents.aggregate(CUSTOMER_ORDERS, _sums(where, by)):
        day = sums[buckets.day(one["_id"]["moment"]).isoformat(), one["_id"]["currency"]]
        for place, field in enumerate(("orders", "amount", "refunded")):
            day[place] += one[field]
    currencies: list[str | None] = [*sorted({currency for _, currency in sums if currency})]
    days = []
    for each in buckets.days:
        for currency in currencies or [None]:
            orders, amount, refunded = sums[each.isoformat(), currency]
            days.append(
                DailyPurchases(day=each.isoformat(), currency=currency, orders=orders, amount=amount, refunded=refunded)
            )
    return DailyReport(**_head(window, tz, freshness), days=days)


def _head(window: Window, tz: str, freshness: Progress) -> dict[str, Any]:
    return {
        "first": window.first.isoformat(),
        "last": window.last.isoformat(),
        "tz": tz,
        "as_of": window.stands(datetime.now(UTC)),
        "freshness": freshness,
    }


def _sums(where: dict[str, Any], by: Any) -> list[dict[str, Any]]:
    return [
        {"$match": where},
        {
            "$group": {
                "_id": by,
                "orders": {"$sum": 1},
                "amount": {"$sum": "$amount"},
                "refunded": {"$sum": "$refunded"},
            }
        },
    ]
