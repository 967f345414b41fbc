"""Counters in rows of bytes add up as they would one by one, and leave nothing when they are taken back."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from domains.shop.counters import as_counters, as_number, raised

changes = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 10**13)), max_size=20)


def row_of(raises: list[tuple[int, int]]) -> bytes:
    row = b""
    for place, by in raises:
        row = raised(row, place, by)
    return row


@given(rows=st.lists(changes, max_size=6))
def test_rows_are_added_up_as_one_number(rows: list[list[tuple[int, int]]]) -> None:
    expected: Counter[int] = Counter()
    for raises in rows:
        for place, by in raises:
            expected[place] += by
    counters = as_counters(sum(as_number(row_of(raises)) for raises in rows))
    assert {place: count for place, count in enumerate(counters) if count} == dict(expected)


@given(kept=changes, taken_back=changes)
def test_what_is_taken_back_leaves_nothing(kept: list[tuple[int, int]], taken_back: list[tuple[int, int]]) -> None:
    assert row_of([*kept, *taken_back, *((place, -by) for place, by in taken_back)]) == row_of(kept)
