"""The seven answers once more, by one plain computation over all stored events: what `lockstep verify analytics` and
the tests compare with. Pure; it knows nothing of rollups, and is as slow as it is plain.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any

from domains.shop import events
from domains.shop.analytics.asked import Asked
from domains.shop.analytics.rows import (
    FulfilmentRow,
    MonthRow,
    ProductRow,
    Promotion,
    PromotionRow,
    RegionRow,
    RepeatRow,
    SegmentRow,
)
from domains.shop.analytics.windows import Window
from domains.shop.happened import Happened, Order, refunds_of
from kernel.events import wire_time


class Reference(Happened):
    """The answers."""

    def sales_by_month(self, asked: Asked, *, current: bool = False, restated: bool = False) -> list[MonthRow]:
        told: dict[tuple[str, str | None, str | None], list[int]] = defaultdict(lambda: [0, 0, 0])
        for name, window in asked.months:
            for order in self.orders_of(asked):
                segment = self.segments[order.placed.customer_id] if current else order.placed.segment
                key = (name, segment, order.placed.currency)
                if window.holds(order.placed.placed_at):
                    told[key][0] += 1
                    told[key][1] += order.amount
                for given_at, amount in refunds_of(order):
                    if window.holds(order.placed.placed_at if restated else given_at):
                        told[key][2] += amount
                    elif window.holds(given_at) or window.holds(order.placed.placed_at):
                        told[key]
        names: list[str | None] = [*sorted({key[1] for key in told if key[1]} | set(self.segments.values()))]
        currencies = _currencies(asked, {key[2] for key in told if key[2]})
        rows = []
        for name, _ in asked.months:
            for each in names or [None]:
                for currency in currencies:
                    orders, sales, refunds = told.get((name, each, currency), [0, 0, 0])
                    rows.append(
                        MonthRow(
                            month=name, segment=each, currency=currency, orders=orders, sales=sales,
                            refunds=refunds, amount=sales - refunds, restated=refunds > 0,
                        )
                    )  # fmt: skip
        return rows

    def by_segment(self, asked: Asked) -> list[SegmentRow]:
        placed, refunded = self.placed_in(asked, asked.window), self.refunded_in(asked, asked.window)
        seen = [order.placed for order in placed] + [order.placed for order, _ in refunded]
        names = {one.segment for one in seen} | set(self.segments.values())
        rows: list[SegmentRow] = []
        for currency in _currencies(asked, {one.currency for one in seen}):
            found = []
            for name in names:
                mine = [one for one in placed if (one.placed.segment, one.placed.currency) == (name, currency)]
                sales = sum(one.amount for one in mine)
                refunds = sum(
                    amount for one, amount in refunded if (one.placed.segment, one.placed.currency) == (name, currency)
                )
                customers = list(self.segments.values()).count(name)
                buyers = len({one.placed.customer_id for one in mine})
                found.append((name, len(mine), sales, refunds, buyers, customers))
            most = sorted(found, key=lambda one: (one[3] - one[2], one[0]))
            often = sorted(found, key=lambda one: (-one[1], one[0]))
            for one in most:
                name, orders, sales, refunds, buyers, customers = one
                rows.append(
                    SegmentRow(
                        segment=name, currency=currency, orders=orders, sales=sales, refunds=refunds,
                        amount=sales - refunds, buyers=buyers, customers=customers,
                        orders_per_customer=orders / customers if customers else None,
                        by_amount=most.index(one) + 1, by_orders=often.index(one) + 1,
                    )
                )  # fmt: skip
        return rows

    def top_products(self, asked: Asked) -> list[ProductRow]:
        orders: Counter[tuple[str, str]] = Counter()
        revenue: Counter[tuple[str, str]] = Counter()
        for order in self.placed_in(asked, asked.window):
            currency = order.placed.currency
            orders.update({(currency, line.sku) for line in order.placed.lines})
            for line in order.placed.lines:
                revenue[currency, line.sku] += line.amount
        for order in self.orders_of(asked):
            for given_at, lines in order.refunds:
                for back in lines if asked.window.holds(given_at) else ():
                    revenue[order.placed.currency, back.sku] -= back.amount
        rows = []
        for currency in sorted({key[0] for key in orders}):
            for ranking, by in (("orders", orders), ("revenue", revenue)):
                best = sorted((-by[key], key[1]) for key in orders if key[0] == currency)[:5]
                for rank, (_, sku) in enumerate(best, 1):
                    rows.append(
                        ProductRow(
                            ranking="orders" if ranking == "orders" else "revenue", currency=currency, rank=rank,
                            sku=sku, name=self.names.get(sku), orders=orders[currency, sku],
                            revenue=revenue[currency, sku],
                        )
                    )  # fmt: skip
        return rows

    def repeat_customers(self, asked: Asked) -> list[RepeatRow]:
        bought = Counter(order.placed.customer_id for order in self.placed_in(asked, asked.window))
        again = sum(count >= 2 for count in bought.values())
        percentage = 100 * again / len(bought) if bought else None
        return [RepeatRow(buyers=len(bought), repeat_buyers=again, percentage=percentage)]

    def fulfilment_time(self, asked: Asked) -> list[FulfilmentRow]:
        placed = self.placed_in(asked, asked.window)
        rows = []
        for name in sorted({order.placed.segment for order in placed} | set(self.segments.values())):
            mine = [order for order in placed if order.placed.segment == name]
            took = sorted(
                (order.delivered_at - order.placed.placed_at) // timedelta(minutes=1)
                for order in mine
                if order.delivered_at
            )
            average, p50, p95 = None, None, None
            if took:
                average = sum(took) / 60 / len(took)
                p50, p95 = (min(took[math.ceil(len(took) * percent / 100) - 1] // 60, 8_784) for percent in (50, 95))
            rows.append(
                FulfilmentRow(
                    segment=name, delivered=len(took), average_hours=average, p50_hours=p50, p95_hours=p95,
                    unfulfilled=len(mine) - len(took),
                )
            )  # fmt: skip
        return rows

    def promotion_effect(self, asked: Asked) -> tuple[Promotion | None, list[PromotionRow]]:
        begun = [
            (starts_at, identifier, name, ends_at)
            for identifier, (name, starts_at, ends_at) in self.promotions.items()
            if asked.window.start <= starts_at < asked.window.end and starts_at <= asked.now and starts_at < ends_at
        ]
        if not begun:
            return None, []
        starts_at, identifier, name, ends_at = max(begun)
        running = ends_at > asked.now
        end = asked.now if running else ends_at
        length = end - starts_at
        windows: list[tuple[Any, Window]] = [
            ("before", Window(starts_at - length, starts_at)), ("during", Window(starts_at, end)),
        ]  # fmt: skip
        if not running:
            windows.append(("after", Window(end, end + length)))
        currencies: set[str] = set()
        for _, window in windows:
            currencies |= {order.placed.currency for order in self.placed_in(asked, window)}
            currencies |= {order.placed.currency for order, _ in self.refunded_in(asked, window)}
        rows = []
        for which, window in windows:
            for currency in _currencies(asked, currencies):
                mine = [order for order in self.placed_in(asked, window) if order.placed.currency == currency]
                sales = sum(order.amount for order in mine)
                refunds = sum(
                    amount for order, amount in self.refunded_in(asked, window) if order.placed.currency == currency
                )
                rows.append(
                    PromotionRow(
                        window=which, starts_at=wire_time(window.start), ends_at=wire_time(window.end),
                        currency=currency, orders=len(mine), sales=sales, refunds=refunds, amount=sales - refunds,
                    )
                )  # fmt: skip
        promotion = Promotion(
            id=identifier, name=name, starts_at=wire_time(starts_at), ends_at=wire_time(ends_at), still_running=running
        )
        return promotion, rows

    def revenue_by_region(self, asked: Asked, *, all_cells: bool = False) -> list[RegionRow]:
        placed: dict[tuple[str, str, str, str], list[Order]] = defaultdict(list)
        refunded: Counter[tuple[str, str, str, str]] = Counter()
        for order in self.placed_in(asked, asked.window):
            placed[_cell(order.placed)].append(order)
        for order, amount in self.refunded_in(asked, asked.window):
            refunded[_cell(order.placed)] += amount
        cells = sorted(placed.keys() | refunded.keys())
        people = {cell: {order.placed.customer_id for order in placed.get(cell, ())} for cell in cells}
        hidden: set[tuple[str, str, str, str]] = set()
        for currency in {cell[3] for cell in cells} if not all_cells else ():
            mine = [cell for cell in cells if cell[3] == currency]
            few = [cell for cell in mine if len(people[cell]) < 5]
            hidden |= set(few)
            if few and len({person for cell in few for person in people[cell]}) < 5:
                others = [(len(placed[cell]), cell) for cell in mine if cell not in few]
                hidden |= {min(others)[1]} if others else set()
        rows = []
        for cell in cells:
            region, band, gender, currency = cell
            orders, sales = len(placed.get(cell, ())), sum(order.amount for order in placed.get(cell, ()))
            numbers = (orders, sales, refunded[cell], sales - refunded[cell])
            told = (None, None, None, None) if cell in hidden else numbers
            rows.append(
                RegionRow(
                    region=region, age_band=band, gender=gender, currency=currency, hidden=cell in hidden,
                    orders=told[0], sales=told[1], refunds=told[2], amount=told[3],
                )
            )  # fmt: skip
        return rows


def _currencies(asked: Asked, seen: set[str]) -> list[str | None]:
    return [asked.currency] if asked.currency else [*sorted(seen)] or [None]


def _cell(placed: events.OrderPlaced) -> tuple[str, str, str, str]:
    """Region, age band, gender, currency."""
    band = "unknown"
    if placed.birth_year is not None:
        age = placed.placed_at.year - placed.birth_year
        band = "65 and over" if age >= 65 else "under 25" if age < 25 else ""
        for low in (25, 35, 45, 55):
            if low <= age < low + 10:
                band = f"{low}-{low + 9}"
    return placed.region, band, placed.gender or "unknown", placed.currency
