"""Many counters in one row of bytes, eight each: rows are added up as one number each, whatever they hold. Pure.

A counter is never negative, and no sum of them reaches 2**64 (an amount is at most 10**13), so none runs over into the
next. What counter belongs to what is somebody else's to know.
"""

from __future__ import annotations

import sys
from array import array

WIDTH = 8


def raised(row: bytes, place: int, by: int) -> bytes:
    """The row with the counter at `place` raised, or lowered; zeros at its end are left out."""
    counters = bytearray(row)
    start, end = place * WIDTH, (place + 1) * WIDTH
    counters.extend(bytes(max(0, end - len(counters))))
    counters[start:end] = (int.from_bytes(counters[start:end], "little") + by).to_bytes(WIDTH, "little")
    if any(counters[-WIDTH:]):
        return bytes(counters)
    left = len(counters.rstrip(b"\0"))
    return bytes(counters[: -(-left // WIDTH) * WIDTH])


def as_number(row: bytes) -> int:
    """What rows are added up as."""
    return int.from_bytes(row, "little")


def as_counters(total: int) -> array[int]:
    """The counters of rows that were added up."""
    size = -(-total.bit_length() // (8 * WIDTH)) * WIDTH
    counters = array("Q", total.to_bytes(size, "little"))
    if sys.byteorder == "big":
        counters.byteswap()
    return counters
