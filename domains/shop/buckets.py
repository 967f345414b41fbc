"""What is kept of the orders of a stretch of time, in one partition: sums, who bought, how long delivery took. Pure.

A bucket is a month or a day in UTC, and one partition of the topic, so two projectors never write the same one; or it
is made on the spot of single facts, by the same functions. What was added and taken away again leaves nothing.

`sales`    currency, segment → [orders, sales, refunds given now, refunds of the orders placed now]
`once`     currency, segment → a bit for each customer (by its number in the partition) with at least one order
`twice`    the same, with at least two; `more`: currency, segment, customer → orders, where there are three or more
`hours`    currency, segment → counters (domains/shop/counters.py): how many orders took that many whole hours
`minutes`  currency, segment → minutes from order to delivery, of all of them
`cells`    counters of orders, sales and refunds, by the number that a cell (currency, region, age band, gender) has in
           the partition; `people`: cell → customers, by number, four bytes for each order
`skus`     in buckets of their own: currency, sku → [orders, sales, refunds]; those of a month hold most skus, so they
           are counters by the number that the sku has in the partition

Orders are where they were placed, refunds where they were given. A customer has all its events in one partition, so
distinct customers are added up over partitions, and put together by bits over time: no set is ever unpacked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from domains.shop.counters import raised

Bucket = dict[str, Any]
Fact = Mapping[str, Any]
"""One sale or one refund, as the collection shop_facts keeps it."""

SEPARATOR = "\x1f"
"""Between the parts of a key; the shop's rules let no such character into a text."""
MAPS = ("sales", "once", "twice", "more", "hours", "minutes", "cells", "people")
MOST_HOURS = 366 * 24
"""What took longer is counted as this long; its minutes are its own."""

_BANDS = ((25, "under 25"), (35, "25-34"), (45, "35-44"), (55, "45-54"), (65, "55-64"))
UNKNOWN = "unknown"


COUNTERS = ("orders", "sales", "refunds")


def key_of(*parts: str) -> str:
    return SEPARATOR.join(parts)


def parts_of(key: str) -> list[str]:
    return key.split(SEPARATOR)


def age_band(birth_year: int | None, placed_at: str) -> str:
    """The band of the age that is reached in the year of the order."""
    if birth_year is None:
        return UNKNOWN
    age = int(placed_at[:4]) - birth_year
    return next((band for below, band in _BANDS if age < below), "65 and over")


def minutes_between(placed_at: str, delivered_at: str) -> int:
    """Whole minutes, rounded down."""
    seconds = (datetime.fromisoformat(delivered_at) - datetime.fromisoformat(placed_at)).total_seconds()
    return max(int(seconds // 60), 0)


def empty() -> Bucket:
    return {name: {} for name in MAPS}


def writable(bucket: Mapping[str, Any]) -> Bucket:
    """A copy that the functions below may change."""
    return {**bucket, **{name: dict(bucket[name]) for name in MAPS}}


def add_sale(bucket: Bucket, fact: Fact) -> None:
    segment = key_of(fact["currency"], fact["segment"])
    _add(bucket["sales"], segment, (1, fact["sales"], 0, 0))
    _count_up(bucket, segment, fact["member"])
    raise_counters(bucket["cells"], fact["cell"], (1, fact["sales"], 0))
    bucket["people"][cell_of(fact)] = bucket["people"].get(cell_of(fact), b"") + fact["member"].to_bytes(4, "little")


def take_sale(bucket: Bucket, fact: Fact) -> None:
    """The bucket as if the sale had never been: nothing of it was delivered or refunded."""
    segment = key_of(fact["currency"], fact["segment"])
    _add(bucket["sales"], segment, (-1, -fact["sales"], 0, 0))
    _count_down(bucket, segment, fact["member"])
    raise_counters(bucket["cells"], fact["cell"], (-1, -fact["sales"], 0))
    left = _without(bucket["people"].pop(cell_of(fact)), fact["member"].to_bytes(4, "little"))
    if left:
        bucket["people"][cell_of(fact)] = left


def add_refund(bucket: Bucket, fact: Fact) -> None:
    """In the bucket of the day it was given."""
    _add(bucket["sales"], key_of(fact["currency"], fact["segment"]), (0, 0, fact["refunds"], 0))
    raise_counters(bucket["cells"], fact["cell"], (0, 0, fact["refunds"]))


def add_restated(bucket: Bucket, fact: Fact, amount: int) -> None:
    """In the bucket of the day of the sale: `amount` of it has been given back, some day."""
    _add(bucket["sales"], key_of(fact["currency"], fact["segment"]), (0, 0, 0, amount))


def add_delivery(bucket: Bucket, fact: Fact, minutes: int) -> None:
    """In the bucket of the day of the sale."""
    segment = key_of(fact["currency"], fact["segment"])
    bucket["hours"][segment] = raised(bucket["hours"].get(segment, b""), min(minutes // 60, MOST_HOURS), 1)
    bucket["minutes"][segment] = bucket["minutes"].get(segment, 0) + minutes


def add_skus(skus: dict[str, Any], fact: Fact, sign: int = 1) -> None:
    """`skus` is a bucket of skus; a sku that stands in several lines of an order is in one order."""
    if fact["kind"] == "sale":
        for sku, amount in fact["skus"].items():
            _add(skus, key_of(fact["currency"], sku), (sign, sign * amount, 0))
    else:
        for sku, amount in fact["skus"].items():
            _add(skus, key_of(fact["currency"], sku), (0, 0, sign * amount))


def _add(cells: dict[str, Any], key: str, change: tuple[int, ...]) -> None:
    before = cells.get(key)
    after = list(change) if before is None else [a + b for a, b in zip(before, change, strict=True)]
    if any(after):
        cells[key] = after
    else:
        cells.pop(key, None)


def raise_counters(counters: dict[str, Any], place: int, by: Sequence[int]) -> None:
    """`counters` by name, as COUNTERS names them; one that is 0 everywhere is not there."""
    for name, change in zip(COUNTERS, by, strict=True):
        if change:
            counters[name] = raised(counters.get(name, b""), place, change)
            if not counters[name]:
                del counters[name]


def cell_of(fact: Fact) -> str:
    return key_of(fact["currency"], fact["region"], fact["band"], fact["gender"])


def _without(members: bytes, one: bytes) -> bytes:
    for at in range(0, len(members), 4):
        if members[at : at + 4] == one:
            return members[:at] + members[at + 4 :]
    raise KeyError(one)


def _count_up(bucket: Bucket, segment: str, member: int) -> None:
    if not _has(bucket["once"], segment, member):
        _flip(bucket["once"], segment, member)
    elif not _has(bucket["twice"], segment, member):
        _flip(bucket["twice"], segment, member)
    else:
        key = key_of(segment, str(member))
        bucket["more"][key] = bucket["more"].get(key, 2) + 1


def _count_down(bucket: Bucket, segment: str, member: int) -> None:
    key = key_of(segment, str(member))
    if key in bucket["more"]:
        left = bucket["more"].pop(key) - 1
        if left > 2:
            bucket["more"][key] = left
    elif _has(bucket["twice"], segment, member):
        _flip(bucket["twice"], segment, member)
    elif _has(bucket["once"], segment, member):
        _flip(bucket["once"], segment, member)
    else:
        raise KeyError(key)


def _has(bits: dict[str, bytes], key: str, number: int) -> bool:
    held = bits.get(key, b"")
    return number // 8 < len(held) and bool(held[number // 8] >> number % 8 & 1)


def _flip(bits: dict[str, bytes], key: str, number: int) -> None:
    held = bytearray(bits.get(key, b""))
    held.extend(bytes(max(0, number // 8 + 1 - len(held))))
    held[number // 8] ^= 1 << number % 8
    left = bytes(held).rstrip(b"\0")
    if left:
        bits[key] = left
    else:
        bits.pop(key, None)
