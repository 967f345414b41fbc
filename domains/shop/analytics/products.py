"""The products most often ordered, and those that brought most: sums over buckets of skus."""

from __future__ import annotations

from collections import defaultdict
from itertools import zip_longest

from domains.shop.analytics.asked import Asked
from domains.shop.analytics.reading import SKUS, Snapshot, chosen, read
from domains.shop.analytics.rows import ProductRow
from domains.shop.analytics.windows import nearest
from domains.shop.buckets import COUNTERS, SEPARATOR, add_skus, parts_of
from domains.shop.counters import as_counters, as_number
from domains.shop.product import PRODUCT, product_id

BEST = 5
MONTH = len("2018-11")

Sold = dict[tuple[str, str], tuple[int, int]]
"""Currency, sku → orders, revenue."""


async def top_products(snapshot: Snapshot, asked: Asked) -> list[ProductRow]:
    signed = await read(snapshot, "shop_skus", [nearest(asked.window)], (), SKUS)
    orders: dict[str, int] = defaultdict(int)
    revenue: dict[str, int] = defaultdict(int)
    months: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for document, sign in signed.buckets_of(0):
        if len(document["bucket"]) == MONTH:  # months are never subtracted
            totals = months[document["partition"]]
            for place, name in enumerate(COUNTERS):
                totals[place] += as_number(document.get(name, b""))
        else:
            for key, cell in document.items():
                if SEPARATOR in key:
                    orders[key] += sign * cell[0]
                    revenue[key] += sign * (cell[1] - cell[2])
    for catalogue in await snapshot.find("shop_catalogues", {}) if months else ():
        counters = (as_counters(total) for total in months[catalogue["partition"]])
        # numbers are given in order, so a catalogue's keys are in the order of its counters
        for key, count, sales, refunds in zip_longest(catalogue["numbers"], *counters, fillvalue=0):
            orders[key] += count
            revenue[key] += sales - refunds
    edges: tuple[dict[str, list[int]], dict[str, list[int]]] = ({}, {})
    for fact, sign in signed.facts_of(0):
        add_skus(edges[sign < 0], fact)
    for sign, cells in zip((1, -1), edges, strict=True):
        for key, cell in cells.items():
            orders[key] += sign * cell[0]
            revenue[key] += sign * (cell[1] - cell[2])
    sold: Sold = {}
    for key, count in orders.items():
        currency, sku = parts_of(key)
        if count and chosen(asked.currency, currency):
            sold[currency, sku] = (count, revenue[key])
    best = best_of(sold)
    return rows_of(best, await _names(snapshot, {sku for _, _, _, sku, _ in best}))


Best = list[tuple[str, str, int, str, tuple[int, int]]]
"""Ranking, currency, rank, sku, (orders, revenue)."""


def best_of(sold: Sold) -> Best:
    """The five best of each currency in both rankings; of equal ones the lesser sku is first."""
    best: Best = []
    for currency in sorted({currency for currency, _ in sold}):
        cells = {sku: cell for (of, sku), cell in sold.items() if of == currency}
        for place, ranking in enumerate(("orders", "revenue")):
            ranked = sorted(cells, key=lambda sku, place=place, cells=cells: (-cells[sku][place], sku))  # type: ignore[misc]
            best += [(ranking, currency, rank, sku, cells[sku]) for rank, sku in enumerate(ranked[:BEST], 1)]
    return best


def rows_of(best: Best, names: dict[str, str]) -> list[ProductRow]:
    return [
        ProductRow(
            ranking="orders" if ranking == "orders" else "revenue", currency=currency, rank=rank, sku=sku,
            name=names.get(sku), orders=cell[0], revenue=cell[1],
        )
        for ranking, currency, rank, sku, cell in best
    ]  # fmt: skip


async def _names(snapshot: Snapshot, skus: set[str]) -> dict[str, str]:
    streams = [PRODUCT.stream(product_id(sku)) for sku in sorted(skus)]
    found = await snapshot.find("products", {"_id": {"$in": streams}}, ("sku", "name"))
    return {document["sku"]: document["name"] for document in found}
