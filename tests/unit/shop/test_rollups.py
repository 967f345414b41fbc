"""Rollups: what was added and taken away leaves nothing, and people who are few are not told of."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domains.shop import events
from domains.shop.analytics import people, promotions, sales
from domains.shop.analytics.asked import Asked
from domains.shop.events import AnyShopEvent, OrderLine, RefundLine
from domains.shop.rollups import COLLECTIONS
from domains.shop.views import PARTS
from kernel.projection import Ref
from tests.unit.shop.read_model import ReadModel

DAY = datetime(2024, 2, 5, 12, tzinfo=UTC)
ASKED = Asked(first=date(2024, 2, 1), until=date(2024, 3, 1), zone=UTC, currency=None, now=DAY)
LINES = (OrderLine(sku="a", quantity=1, amount=100), OrderLine(sku="a", quantity=1, amount=23))


def common(person: str, region: str = "East") -> dict[str, Any]:
    return {"customer_id": person, "placed_at": DAY, "currency": "USD", "segment": "S", "region": region,
            "birth_year": 1990, "gender": None, "promotion_id": None}  # fmt: skip


def placed(person: str, region: str = "East") -> AnyShopEvent:
    return events.OrderPlaced(occurred_at=DAY, lines=LINES, **common(person, region))


def registered(person: str) -> tuple[str, AnyShopEvent]:
    return f"customer-{person}", events.CustomerRegistered(
        occurred_at=DAY, name="n", email="e", phone="1", segment="S", region="East", birth_year=1990, gender=None
    )


def rollups(model: ReadModel) -> dict[Ref, Any]:
    """The buckets' content."""
    return {
        ref: {name: value for name, value in document.items() if name not in ("_id", "bucket", "partition")}
        for ref, document in model.documents.items()
        if ref.collection in ("shop_buckets", "shop_skus")
    }


@pytest.mark.parametrize("already", [0, 1, 2, 3, 4])
def test_a_cancelled_order_leaves_the_buckets_as_they_were(already: int) -> None:
    model = ReadModel([registered("ann"), *((f"order-{number}", placed("ann")) for number in range(already))])
    before = rollups(model)
    model.happened("order-x", placed("ann"))
    assert rollups(model) != before
    model.happened("order-x", events.OrderCancelled(occurred_at=DAY, lines=LINES, **common("ann")))
    empty: dict[str, Any] = {
        "sales": {},
        "once": {},
        "twice": {},
        "more": {},
        "hours": {},
        "minutes": {},
        "cells": {},
        "people": {},
    }
    assert rollups(model) == (
        before or {ref: empty if ref.collection == "shop_buckets" else {} for ref in rollups(model)}
    )


async def test_an_order_that_names_a_sku_twice_is_one_order_of_it() -> None:
    model = ReadModel([registered("ann"), ("order-1", placed("ann"))])
    (cell,) = {tuple(each) for ref, document in model.documents.items() if ref.collection == "shop_skus"
               for key, each in document.items() if key.startswith("USD")}  # fmt: skip
    assert cell == (1, 123, 0)


async def test_an_empty_month_is_0_in_every_segment() -> None:
    model = ReadModel([registered("ann"), ("order-1", placed("ann"))])
    asked = Asked(first=date(2024, 1, 1), until=date(2024, 4, 1), zone=UTC, currency=None, now=DAY)
    rows = await sales.sales_by_month(model, asked, current=False, restated=False)
    assert [(row.month, row.segment, row.currency, row.orders, row.amount) for row in rows] == [
        ("2024-01", "S", "USD", 0, 0), ("2024-02", "S", "USD", 1, 123), ("2024-03", "S", "USD", 0, 0),
    ]  # fmt: skip


async def test_customers_without_orders_count_in_their_segment() -> None:
    model = ReadModel([registered("ann"), registered("bob"), ("order-1", placed("ann"))])
    (row,) = await sales.segments(model, ASKED)
    assert (row.customers, row.buyers, row.orders, row.orders_per_customer) == (2, 1, 1, 0.5)


@pytest.mark.parametrize(("restated", "months"), [(False, [0, 123, 0, -23]), (True, [0, 100, 0, 0])])
async def test_a_refund_is_in_its_own_month_or_restated_in_that_of_the_sale(restated: bool, months: list[int]) -> None:
    back = events.OrderRefunded(
        occurred_at=datetime(2024, 4, 2, tzinfo=UTC), lines=(RefundLine(sku="a", amount=23),), **common("ann")
    )
    model = ReadModel([registered("ann"), ("order-1", placed("ann")), ("order-1", back)])
    asked = Asked(first=date(2024, 1, 1), until=date(2024, 5, 1), zone=UTC, currency=None, now=DAY)
    rows = await sales.sales_by_month(model, asked, current=False, restated=restated)
    assert [row.amount for row in rows] == months
    assert [row.restated for row in rows] == [amount in (-23, 100) for amount in months]


async def test_a_promotion_that_still_runs_says_so_and_one_that_never_ran_is_none() -> None:
    start, end = datetime(2024, 2, 1, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC)
    started = events.PromotionStarted(occurred_at=start, name="p", starts_at=start, ends_at=end)
    model = ReadModel([("promotion-1", started), registered("ann"), ("order-1", placed("ann"))])
    promotion, rows = await promotions.promotion_effect(model, ASKED)
    assert promotion is not None
    assert promotion.still_running
    assert [(row.window, row.orders) for row in rows] == [("before", 0), ("during", 0)], "up to now, without it"
    model.happened("promotion-1", events.PromotionEnded(occurred_at=start - timedelta(days=1)))
    assert await promotions.promotion_effect(model, ASKED) == (None, [])


def orders_in(region: str, count: int, first: int = 0) -> list[tuple[str, AnyShopEvent]]:
    """One of each of so many people."""
    return [(f"order-{region}{number}", placed(f"p{number}", region)) for number in range(first, first + count)]


async def hidden(*history: tuple[str, AnyShopEvent], all_cells: bool = False) -> list[str]:
    everyone = [registered(f"p{number}") for number in range(20)]
    rows = await people.revenue_by_region(ReadModel([*everyone, *history]), ASKED, all_cells=all_cells)
    assert all((row.amount is None) == row.hidden for row in rows)
    return [row.region for row in rows if row.hidden]


async def test_a_cell_of_four_people_is_hidden_and_one_of_five_is_told() -> None:
    assert await hidden(*orders_in("East", 4), *orders_in("West", 4, 4), *orders_in("North", 5)) == ["East", "West"]
    assert await hidden(*orders_in("East", 4), *orders_in("West", 5), all_cells=True) == []


async def test_a_hidden_cell_cannot_be_had_by_subtracting_the_others_from_the_total() -> None:
    assert await hidden(*orders_in("East", 2), *orders_in("North", 5), *orders_in("West", 9)) == ["East", "North"]


def test_the_rollups_are_a_part_of_the_shops_one_projection() -> None:
    assert any(part.COLLECTIONS is COLLECTIONS for part in PARTS)
