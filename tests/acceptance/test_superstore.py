"""Four years of a real shop, loaded through the API: every report and every question equals SQL over the same rows in
normalised tables, to the cent. Loading that was interrupted goes on, and doubles nothing.
"""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import uvloop

from chaos.system import Ground, System
from cli.shop_sending import ShopSending
from cli.superstore import read_superstore
from lockstep_testing.facts import eventually
from tests.system import superstore_sql as sql
from tests.system.superstore_sql import normalised

pytestmark = pytest.mark.timeout(180)
FILE = Path(__file__).parents[1] / "data" / "superstore.csv"
SCOPES = ("shop:read", "shop:write", "import")
ALL, YEAR = ("2015-01-01", "2019-01-01"), ("2018-01-01", "2019-01-01")
INTERRUPTED_AFTER = 3_200


@pytest.fixture(scope="module")
def shop(ground: Ground) -> Iterator[System]:
    """A system of its own that the whole file was loaded into, in two goes."""
    system = System.open(ground, f"superstore-{uuid4().hex[:8]}", domains="domains.shop")
    uvloop.run(_load(system))
    yield system
    system.close()


async def _load(system: System) -> None:
    await system.start_all()
    store, token = read_superstore(FILE), system.token("importer", SCOPES)
    assert store.refused == []
    first = ShopSending("127.0.0.1", system.api_port, token, store)
    going = asyncio.create_task(first.run())
    await eventually(lambda: first.tally.commands >= INTERRUPTED_AFTER or going.done(), within=60)
    going.cancel()
    with suppress(asyncio.CancelledError):
        await going
    assert first.tally.orders > 0, "the interruption was to come in the middle of the orders"
    again = ShopSending("127.0.0.1", system.api_port, token, store)
    await again.run()
    assert again.refused == again.wrong == []
    assert again.tally.commands_again >= INTERRUPTED_AFTER
    assert (again.tally.products, again.tally.customers, again.tally.orders) == (1_862, 793, 5_009)


async def asked(shop: System, path: str, **parameters: str) -> dict[str, Any]:
    async with shop.client("reader", ("shop:read",)) as client:
        answer = await client.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        assert answer.json()["freshness"]["parkedStreams"] == 0
        found: dict[str, Any] = answer.json()
        return found


def window(days: tuple[str, str], tz: str = "UTC") -> dict[str, str]:
    return {"from": days[0], "until": days[1], "tz": tz}


async def test_nothing_is_doubled(shop: System) -> None:
    rows = await shop.sql("SELECT category, count(*), sum(version)::int FROM streams GROUP BY 1 ORDER BY 1")
    assert [tuple(row) for row in rows] == [("customer", 793, 793), ("order", 5_009, 15_027), ("product", 1_862, 1_862)]


async def test_every_report_and_question_equals_sql_to_the_cent(shop: System, ground: Ground) -> None:
    scratch = f"{shop.name}-sql"
    ground.servers.postgres.ensure_database(scratch)
    async with normalised(ground.servers.postgres.dsn(scratch), FILE) as tables:
        for zone in ("UTC", "America/New_York"):
            found = (await asked(shop, "/reports/daily-purchases", **window(YEAR, zone)))["days"]
            assert [
                {name: each[name] for name in ("day", "orders", "amount")} for each in found if each["orders"]
            ] == await tables.rows(sql.DAILY, *YEAR, zone)
            (totals,) = (await asked(shop, "/reports/purchases", **window(ALL, zone)))["totals"]
            (expected,) = await tables.rows(sql.PURCHASES, *ALL, zone)
            assert (totals["orders"], totals["amount"]) == (expected["orders"], expected["amount"])

            months = (await asked(shop, "/analytics/sales-by-month", **window(ALL, zone)))["rows"]
            assert [
                {name: each[name] for name in ("month", "segment", "orders", "amount")} for each in months
            ] == await tables.rows(sql.SALES_BY_MONTH, *ALL, zone)
            assert len(months) == 48 * 3

            segments = (await asked(shop, "/analytics/segments", **window(YEAR, zone)))["rows"]
            wanted = await tables.rows(sql.SEGMENTS, *YEAR, zone)
            names = {"by_amount": "byAmount", "by_orders": "byOrders"}
            assert [{name: each[names.get(name, name)] for name in wanted[0]} for each in segments] == wanted

            quarter = ("2018-07-01", "2018-10-01")
            products = (await asked(shop, "/analytics/top-products", **window(quarter, zone)))["rows"]
            best = await tables.rows(sql.TOP_PRODUCTS, *quarter, zone)
            assert [{name: each[name] for name in best[0]} for each in products] == best

            half = ("2018-07-01", "2019-01-01")
            (repeat,) = (await asked(shop, "/analytics/repeat-customers", **window(half, zone)))["rows"]
            (bought,) = await tables.rows(sql.REPEAT_CUSTOMERS, *half, zone)
            assert (repeat["buyers"], repeat["repeatBuyers"]) == (bought["buyers"], bought["repeat_buyers"])
            assert repeat["percentage"] == pytest.approx(100 * bought["repeat_buyers"] / bought["buyers"])

            for row, took in zip(
                (await asked(shop, "/analytics/fulfilment-time", **window(YEAR, zone)))["rows"],
                await tables.rows(sql.FULFILMENT_TIME, *YEAR, zone),
                strict=True,
            ):
                assert (row["segment"], row["delivered"], row["unfulfilled"]) == (
                    took["segment"], took["delivered"], 0,
                )  # fmt: skip
                assert row["averageHours"] == pytest.approx(took["average_hours"])
                assert (row["p50Hours"], row["p95Hours"]) == (took["p50"], took["p95"])

            regions = (await asked(shop, "/analytics/revenue-by-region", **window(YEAR, zone)))["rows"]
            assert {(row["ageBand"], row["gender"], row["hidden"]) for row in regions} == {
                ("unknown", "unknown", False)
            }
            assert [
                {name: row[name] for name in ("region", "orders", "amount")} for row in regions
            ] == await tables.rows(sql.REVENUE_BY_REGION, *YEAR, zone)


async def test_the_last_promotion_is_compared_with_what_came_before_and_after(shop: System, ground: Ground) -> None:
    body = {"name": "November", "from": "2018-11-05T00:00:00Z", "until": "2018-11-19T00:00:00Z",
            "occurredAt": "2018-11-01T00:00:00Z"}  # fmt: skip
    async with shop.client("staff", SCOPES) as client:
        announced = await client.post("/promotions", json=body)
        assert announced.status_code == 201, announced.text
        answer = await client.get(
            "/analytics/promotion-effect",
            headers={"Consistency-Token": announced.headers["Consistency-Token"], "Prefer": "wait=10"},
        )
    assert answer.status_code == 200, answer.text
    assert (answer.json()["promotion"]["name"], answer.json()["promotion"]["stillRunning"]) == ("November", False)
    scratch = f"{shop.name}-promotion"
    ground.servers.postgres.ensure_database(scratch)
    async with normalised(ground.servers.postgres.dsn(scratch), FILE) as tables:
        days = ("2018-10-22", "2018-11-05", "2018-11-19", "2018-12-03")
        expected = [(await tables.rows(sql.PURCHASES, *pair))[0] for pair in pairwise(days)]
    assert [(row["window"], row["orders"], row["amount"]) for row in answer.json()["rows"]] == [
        (name, one["orders"], one["amount"]) for name, one in zip(("before", "during", "after"), expected, strict=True)
    ]


async def test_an_answer_is_a_table_too_and_says_how_fresh_it_is(shop: System) -> None:
    async with shop.client("reader", ("shop:read",)) as client:
        answer = await client.get("/analytics/sales-by-month", params=window(YEAR) | {"format": "csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert {"data-as-of", "data-complete-until", "data-parked-streams"} <= set(answer.headers)
    rows = (await asked(shop, "/analytics/sales-by-month", **window(YEAR)))["rows"]
    found = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(one["month"], one["segment"], int(one["amount"])) for one in found] == [
        (row["month"], row["segment"], row["amount"]) for row in rows
    ]


@pytest.mark.parametrize(
    ("parameters", "status"),
    [({"tz": "Europe/Atlantis"}, 422), ({"from": "2018-02-30"}, 422), ({"currency": "dollars"}, 422),
     ({"from": "2018-02-02", "until": "2018-02-01"}, 422)],
)  # fmt: skip
async def test_a_question_that_cannot_be_is_refused(shop: System, parameters: dict[str, str], status: int) -> None:
    async with shop.client("reader", ("shop:read",)) as client:
        answer: httpx.Response = await client.get("/analytics/segments", params=parameters)
    assert answer.status_code == status, answer.text


async def test_the_analytics_are_staffs(shop: System) -> None:
    async with shop.client("stranger", ("posts:read",)) as client:
        for name in ("sales-by-month", "segments", "top-products", "repeat-customers", "fulfilment-time",
                     "promotion-effect", "revenue-by-region"):  # fmt: skip
            assert (await client.get(f"/analytics/{name}")).status_code == 403, name
