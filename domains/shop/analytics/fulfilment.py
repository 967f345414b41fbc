"""How long orders take until they are delivered: averages by the minute, percentiles by the whole hour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from domains.shop.analytics.asked import Asked
from domains.shop.analytics.reading import Snapshot, chosen, customers_by_segment, read_whole
from domains.shop.analytics.rows import FulfilmentRow
from domains.shop.analytics.windows import whole
from domains.shop.buckets import parts_of
from domains.shop.counters import as_counters, as_number


async def fulfilment_time(snapshot: Snapshot, asked: Asked) -> list[FulfilmentRow]:
    """Of the orders placed in the window."""
    orders: dict[str, int] = defaultdict(int)
    hours: dict[str, int] = defaultdict(int)
    minutes: dict[str, int] = defaultdict(int)
    for _, bucket in await read_whole(snapshot, whole(asked.window), ("sales", "hours", "minutes")):
        for key, cell in bucket["sales"].items():
            currency, segment = parts_of(key)
            if chosen(asked.currency, currency):
                orders[segment] += cell[0]
        for key, row in bucket["hours"].items():
            currency, segment = parts_of(key)
            if chosen(asked.currency, currency):
                hours[segment] += as_number(row)
                minutes[segment] += bucket["minutes"][key]
    names = {name for name, count in orders.items() if count} | (await customers_by_segment(snapshot)).keys()
    return [_row(name, orders.get(name, 0), as_counters(hours[name]), minutes[name]) for name in sorted(names)]


def _row(segment: str, orders: int, hours: Sequence[int], minutes: int) -> FulfilmentRow:
    delivered = sum(hours)
    return FulfilmentRow(
        segment=segment, delivered=delivered, average_hours=minutes / 60 / delivered if delivered else None,
        p50_hours=_percentile(hours, delivered, 50), p95_hours=_percentile(hours, delivered, 95),
        unfulfilled=orders - delivered,
    )  # fmt: skip


def _percentile(hours: Sequence[int], total: int, percent: int) -> int | None:
    """By nearest rank."""
    rank = -(-total * percent // 100)
    for hour, count in enumerate(hours):
        rank -= count
        if rank <= 0 < total:
            return hour
    return None
