"""How long orders take until they are delivered. Minutes are kept for each order: percentiles are exact."""

from __future__ import annotations

import sys
from array import array
from collections import Counter, defaultdict

from domains.shop.analytics.asked import Asked
from domains.shop.analytics.reading import Snapshot, chosen, customers_by_segment, read_whole
from domains.shop.analytics.rows import FulfilmentRow
from domains.shop.analytics.windows import whole
from domains.shop.buckets import parts_of


async def fulfilment_time(snapshot: Snapshot, asked: Asked) -> list[FulfilmentRow]:
    """Of the orders placed in the window."""
    orders: dict[str, int] = defaultdict(int)
    minutes: dict[str, bytearray] = defaultdict(bytearray)
    for _, bucket in await read_whole(snapshot, whole(asked.window), ("sales", "minutes")):
        for key, cell in bucket["sales"].items():
            currency, segment = parts_of(key)
            if chosen(asked.currency, currency):
                orders[segment] += cell[0]
        for key, held in bucket["minutes"].items():
            currency, segment = parts_of(key)
            if chosen(asked.currency, currency):
                minutes[segment] += held
    names = {name for name, count in orders.items() if count} | (await customers_by_segment(snapshot)).keys()
    return [fulfilment_row(name, orders.get(name, 0), _numbers(minutes.get(name, b""))) for name in sorted(names)]


def _numbers(held: bytes | bytearray) -> array[int]:
    numbers = array("I", bytes(held))
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def fulfilment_row(segment: str, orders: int, minutes: array[int] | list[int]) -> FulfilmentRow:
    """Percentiles by nearest rank."""
    counts = sorted(Counter(minutes).items())
    delivered = len(minutes)
    return FulfilmentRow(
        segment=segment, delivered=delivered, average_hours=sum(minutes) / 60 / delivered if delivered else None,
        p50_hours=_percentile(counts, delivered, 50), p95_hours=_percentile(counts, delivered, 95),
        unfulfilled=orders - delivered,
    )  # fmt: skip


def _percentile(counts: list[tuple[int, int]], total: int, percent: int) -> float | None:
    rank = -(-total * percent // 100)
    for minutes, count in counts:
        rank -= count
        if rank <= 0:
            return minutes / 60
    return None
