"""Repeat customers, and revenue by region against age and gender: distinct people, and cells of too few hidden."""

from __future__ import annotations

from array import array
from collections import defaultdict
from functools import lru_cache
from itertools import zip_longest

from domains.shop.analytics.asked import Asked
from domains.shop.analytics.reading import Snapshot, chosen, read_whole
from domains.shop.analytics.rows import RegionRow, RepeatRow
from domains.shop.analytics.windows import whole
from domains.shop.buckets import COUNTERS, parts_of
from domains.shop.counters import as_counters, as_number

_FIELDS = {False: ("cells", "people"), True: ("cells",)}
FEW = 5
"""Fewer people than this are hidden."""

Cell = tuple[str, str, str, str]
"""Region, age band, gender, currency."""


async def repeat_customers(snapshot: Snapshot, asked: Asked) -> RepeatRow:
    once: dict[int, int] = defaultdict(int)
    twice: dict[int, int] = defaultdict(int)
    for partition, bucket in await read_whole(snapshot, whole(asked.window), ("once", "twice")):
        for key, held in bucket["once"].items():
            if chosen(asked.currency, parts_of(key)[0]):
                some = int.from_bytes(held, "little")
                many = int.from_bytes(bucket["twice"].get(key, b""), "little")
                twice[partition] |= many | once[partition] & some
                once[partition] |= some
    return repeat_row(sum(bits.bit_count() for bits in once.values()), sum(bits.bit_count() for bits in twice.values()))


def repeat_row(buyers: int, repeat_buyers: int) -> RepeatRow:
    percentage = 100 * repeat_buyers / buyers if buyers else None
    return RepeatRow(buyers=buyers, repeat_buyers=repeat_buyers, percentage=percentage)


async def revenue_by_region(snapshot: Snapshot, asked: Asked, *, all_cells: bool) -> list[RegionRow]:
    """`all_cells`: those of too few people too."""
    totals: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    people: dict[Cell, set[tuple[int, int]]] = defaultdict(set)
    for partition, bucket in await read_whole(snapshot, whole(asked.window), _FIELDS[all_cells]):
        total = totals[partition]
        for place, name in enumerate(COUNTERS):
            total[place] += as_number(bucket["cells"].get(name, b""))
        for key, members in bucket["people"].items() if not all_cells else ():
            found = people[_cell(key)]
            if len(found) < FEW:
                found.update((partition, member) for member in array("I", members))
    sums: dict[Cell, list[int]] = defaultdict(lambda: [0, 0, 0])
    for document in await snapshot.find("shop_partitions", {}):
        counters = (as_counters(total) for total in totals[document["partition"]])
        # numbers are given in order, so the cells are in the order of their counters
        for key, *counted in zip_longest(document["cells"], *counters, fillvalue=0):
            cell = _cell(key)
            if any(counted) and chosen(asked.currency, cell[3]):
                sums[cell] = [before + more for before, more in zip(sums[cell], counted, strict=True)]
    return region_rows(sums, None if all_cells else people)


@lru_cache(maxsize=10_000)
def _cell(key: str) -> Cell:
    currency, region, band, gender = parts_of(key)
    return region, band, gender, currency


def region_rows(sums: dict[Cell, list[int]], people: dict[Cell, set[tuple[int, int]]] | None) -> list[RegionRow]:
    """A row a cell. `people`: at least the first few of each; None: nothing is to be hidden."""
    hidden = _hidden(sums, people) if people is not None else set()
    rows = []
    for cell in sorted(sums):
        region, band, gender, currency = cell
        orders, sales, refunds = sums[cell]
        told = (None, None, None, None) if cell in hidden else (orders, sales, refunds, sales - refunds)
        rows.append(
            RegionRow(
                region=region, age_band=band, gender=gender, currency=currency, hidden=cell in hidden,
                orders=told[0], sales=told[1], refunds=told[2], amount=told[3],
            )
        )  # fmt: skip
    return rows


def _hidden(sums: dict[Cell, list[int]], people: dict[Cell, set[tuple[int, int]]]) -> set[Cell]:
    """The cells of too few people, in each currency. Where these hold too few even together, somebody who knows the
    total could subtract the rest of it: then the cell with the fewest orders is hidden with them."""
    hidden: set[Cell] = set()
    for currency in {cell[3] for cell in sums}:
        cells = [cell for cell in sums if cell[3] == currency]
        few = {cell for cell in cells if len(people[cell]) < FEW}
        if few and len(set().union(*(people[cell] for cell in few))) < FEW:
            few |= set(sorted((cell for cell in cells if cell not in few), key=lambda cell: (sums[cell][0], cell))[:1])
        hidden |= few
    return hidden
