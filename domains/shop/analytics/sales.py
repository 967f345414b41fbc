"""Sales by month, and segments: sums over buckets, and distinct customers by their bits."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from itertools import product

from domains.shop.analytics.asked import Asked
from domains.shop.analytics.reading import SALES, Snapshot, chosen, customers_by_segment, read, read_whole
from domains.shop.analytics.rows import MonthRow, SegmentRow
from domains.shop.analytics.windows import nearest, whole
from domains.shop.buckets import Fact, parts_of
from kernel.events import wire_time

Sums = dict[tuple[str, str], list[int]]
"""Currency, segment → orders, sales, refunds given, refunds of what was sold."""


async def sales_by_month(snapshot: Snapshot, asked: Asked, *, current: bool, restated: bool) -> list[MonthRow]:
    """`current`: by today's segment of each customer. `restated`: refunds in the month of the sale."""
    months = asked.months
    signed = await read(snapshot, "shop_buckets", [nearest(window) for _, window in months], ("bucket", "sales"), SALES)
    sums: list[Sums] = [defaultdict(lambda: [0, 0, 0, 0]) for _ in months]
    for place, month in enumerate(sums):
        for document, sign in signed.buckets_of(place):
            for key, cell in document["sales"].items():
                currency, segment = parts_of(key)
                _add(month[currency, segment], cell, sign)
        for fact, sign in signed.facts_of(place):
            _add(month[fact["currency"], fact["segment"]], _cell(fact), sign)
    if current:
        starts = [wire_time(window.start) for _, window in months]
        for fact, segment in await _of_switchers(snapshot, starts[0], wire_time(asked.window.end)):
            month = sums[bisect_right(starts, fact["at"]) - 1]
            _add(month[fact["currency"], fact["segment"]], _cell(fact), -1)
            _add(month[fact["currency"], segment], _cell(fact), 1)
    found = {key for month in sums for key, cell in month.items() if any(cell) and chosen(asked.currency, key[0])}
    customers = await customers_by_segment(snapshot)
    names: list[str | None] = [*sorted({segment for _, segment in found} | customers.keys())]
    currencies: list[str | None] = [asked.currency] if asked.currency else [*sorted({each for each, _ in found})]
    rows = []
    for (name, _), month in zip(months, sums, strict=True):
        for each, unit in product(names or [None], currencies or [None]):
            orders, sales, given, of_these = month.get((unit or "", each or ""), (0, 0, 0, 0))
            refunds = of_these if restated else given
            rows.append(
                MonthRow(
                    month=name, segment=each, currency=unit, orders=orders, sales=sales, refunds=refunds,
                    amount=sales - refunds, restated=refunds > 0,
                )
            )  # fmt: skip
    return rows


async def segments(snapshot: Snapshot, asked: Asked) -> list[SegmentRow]:
    sums: Sums = defaultdict(lambda: [0, 0, 0, 0])
    bits: dict[tuple[str, str, int], int] = defaultdict(int)
    for partition, bucket in await read_whole(snapshot, whole(asked.window), ("sales", "once")):
        for key, cell in bucket["sales"].items():
            currency, segment = parts_of(key)
            if chosen(asked.currency, currency):
                _add(sums[currency, segment], cell, 1)
        for key, held in bucket["once"].items():
            currency, segment = parts_of(key)
            bits[currency, segment, partition] |= int.from_bytes(held, "little")
    buyers: dict[tuple[str, str], int] = defaultdict(int)
    for (currency, segment, _), held_bits in bits.items():
        buyers[currency, segment] += held_bits.bit_count()
    customers = await customers_by_segment(snapshot)
    return segment_rows(sums, buyers, customers, asked.currency)


def segment_rows(
    sums: Sums, buyers: dict[tuple[str, str], int], customers: dict[str, int], wanted: str | None
) -> list[SegmentRow]:
    """The segments of each currency, those that bought most first."""
    currencies: list[str | None] = [wanted] if wanted else [*sorted({currency for currency, _ in sums})]
    names = sorted({segment for _, segment in sums} | customers.keys())
    rows = []
    for currency in currencies or [None]:
        cells = {name: sums.get((currency or "", name), (0, 0, 0, 0)) for name in names}
        by_amount = sorted(names, key=lambda name: (cells[name][2] - cells[name][1], name))
        by_orders = sorted(names, key=lambda name: (-cells[name][0], name))
        for rank, name in enumerate(by_amount, 1):
            orders, sales, refunds, _ = cells[name]
            have = customers.get(name, 0)
            rows.append(
                SegmentRow(
                    segment=name, currency=currency, orders=orders, sales=sales, refunds=refunds,
                    amount=sales - refunds, buyers=buyers.get((currency or "", name), 0), customers=have,
                    orders_per_customer=orders / have if have else None, by_amount=rank,
                    by_orders=by_orders.index(name) + 1,
                )
            )  # fmt: skip
    return rows


async def _of_switchers(snapshot: Snapshot, start: str, end: str) -> list[tuple[Fact, str]]:
    """What customers bought or gave back in a segment that is not today's, with today's."""
    today = {document["_id"]: document["segment"] for document in await snapshot.find("shop_switchers", {})}
    if not today:
        return []
    where = {"customerId": {"$in": sorted(today)}, "at": {"$gte": start, "$lt": end}}
    facts = await snapshot.find("shop_facts", where, ("customerId", *SALES))
    return [(fact, today[fact["customerId"]]) for fact in facts if fact["segment"] != today[fact["customerId"]]]


def _cell(fact: Fact) -> tuple[int, int, int, int]:
    return (1, fact["sales"], 0, fact["refunded"]) if fact["kind"] == "sale" else (0, 0, fact["refunds"], 0)


def _add(cell: list[int], change: Iterable[int], sign: int) -> None:
    for place, value in enumerate(change):
        cell[place] += sign * value
