"""CustomerOrders and the two reports: the article's customers and orders, to the cent, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.acceptance.problems import refused
from tests.acceptance.shop import place, register, waiting
from tests.system.facts import eventually
from tests.system.system import System

# days of the past that no other test of this house puts an order on
WINDOW = {"from": "2022-02-01", "until": "2022-03-01"}
ORDERS = [
    ("Alice", "2022-02-01T00:00:00Z", 15_000), ("Bob", "2022-02-01T23:59:59.999999Z", 20_000),
    ("Alice", "2022-02-03T12:00:00Z", 25_000), ("Carol", "2022-02-03T23:30:00Z", 12_000),
    ("Bob", "2022-02-28T23:59:59Z", 10_000),
]  # fmt: skip


class Article:
    """The article's three customers and five orders."""

    def __init__(self, answers: dict[str, httpx.Response], orders: list[httpx.Response]) -> None:
        self.customers = {name: answer.json()["id"] for name, answer in answers.items()}
        self.orders = [answer.json()["id"] for answer in orders]
        self.fresh = waiting(*answers.values(), *orders)


@pytest.fixture(scope="module")
def told() -> dict[str, Article]:
    """The article, once it has been told to the house."""
    return {}


@pytest.fixture
async def article(importer: httpx.AsyncClient, told: dict[str, Article]) -> Article:
    if "it" not in told:
        customers = {name: await register(importer, name, phone=f"+1 555-010{n}") for n, name in
                     enumerate(("Alice", "Bob", "Carol"))}  # fmt: skip
        orders = [
            await place(importer, customers[name].json()["id"], amount, occurredAt=at) for name, at, amount in ORDERS
        ]
        told["it"] = Article(customers, orders)
    return told["it"]


async def test_the_articles_orders_come_to_820(staff: httpx.AsyncClient, article: Article) -> None:
    report = (await staff.get("/reports/purchases", params=WINDOW, headers=article.fresh)).json()
    assert report["totals"] == [{"currency": "USD", "orders": 5, "amount": 82_000, "refunded": 0}]
    assert [(one["name"], one["amount"]) for one in report["purchases"]] == [(name, each) for name, _, each in ORDERS]
    assert [one["orderId"] for one in report["purchases"]] == article.orders
    for name, total in (("Alice", 40_000), ("Bob", 30_000), ("Carol", 12_000)):
        own = (await staff.get("/reports/purchases", params=WINDOW | {"customer": article.customers[name]})).json()
        assert own["totals"][0]["amount"] == total
        rows = (await staff.get("/customer-orders", params={"customer": article.customers[name]})).json()
        assert sum(row["amount"] for row in rows["customerOrders"]) == total
        assert {(row["customerId"], row["name"]) for row in rows["customerOrders"]} == {(article.customers[name], name)}


async def test_a_changed_phone_shows_on_all_of_a_customers_rows_and_on_no_others(
    staff: httpx.AsyncClient, article: Article
) -> None:
    alice = article.customers["Alice"]
    last = await staff.put(f"/customers/{alice}/contact", json={"phone": "+49 30 1234"})
    report = (await staff.get("/reports/purchases", params=WINDOW, headers=waiting(last))).json()
    phones = {(one["name"], one["phone"]) for one in report["purchases"]}
    assert phones == {("Alice", "+49 30 1234"), ("Bob", "+1 555-0101"), ("Carol", "+1 555-0102")}
    order = (await staff.get(f"/orders/{article.orders[0]}")).json()
    assert order["version"] == 1  # the order itself has not changed, so what its ETag names has not


async def test_pages_of_purchases_go_on_as_json_and_as_csv(staff: httpx.AsyncClient, article: Article) -> None:
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await staff.get("/reports/purchases", params=WINDOW | {"limit": "2"} | cursor)).json()
        found += [one["orderId"] for one in page["purchases"]]
        assert page["totals"][0]["amount"] == 82_000  # of the whole window, whatever the page
        if page["cursor"] is None:
            break
        cursor = {"cursor": page["cursor"]}
    assert found == article.orders
    other = WINDOW | cursor | {"until": "2022-03-02"}
    refused(await staff.get("/reports/purchases", params=other), 400, "bad-cursor")

    answer = await staff.get("/reports/purchases", params=WINDOW | {"limit": "2"}, headers={"Accept": "text/csv"})
    rows: list[dict[str, str]] = []
    for _ in range(3):
        assert answer.headers["Content-Type"].startswith("text/csv")
        assert answer.headers["Data-As-Of"].endswith("Z")
        rows += csv.DictReader(io.StringIO(answer.text, newline=""))
        if "Link" not in answer.headers:
            break
        answer = await staff.get(answer.links["next"]["url"].removeprefix("/api/v1"), headers={"Accept": "text/csv"})
    assert [row["orderId"] for row in rows] == article.orders
    assert sum(int(row["amount"]) for row in rows) == 82_000
    assert all(row["phone"].startswith("'+") for row in rows)  # no spreadsheet takes it for a formula


@pytest.mark.parametrize(
    ("more", "days"),
    [
        ({}, {"2022-02-01": (2, 35_000), "2022-02-03": (2, 37_000), "2022-02-28": (1, 10_000)}),
        # in Berlin an hour is gone already, and the last order is of a day outside the window
        ({"tz": "Europe/Berlin"}, {"2022-02-01": (1, 15_000), "2022-02-02": (1, 20_000), "2022-02-03": (1, 25_000),
                                   "2022-02-04": (1, 12_000)}),
        ({"tz": "Asia/Kathmandu"}, {"2022-02-01": (1, 15_000), "2022-02-02": (1, 20_000), "2022-02-03": (1, 25_000),
                                    "2022-02-04": (1, 12_000)}),
        # on this side of the ocean the first is still of January
        ({"tz": "America/New_York"}, {"2022-02-01": (1, 20_000), "2022-02-03": (2, 37_000), "2022-02-28": (1, 10_000)}),
        ({"as_of": "2022-02-03T12:00:00Z"}, {"2022-02-01": (2, 35_000), "2022-02-03": (1, 25_000)}),
        ({"as_of": "2022-02-02"}, {"2022-02-01": (2, 35_000)}),
    ],
)  # fmt: skip
async def test_days_add_up_where_the_reader_lives_and_as_of_when(
    staff: httpx.AsyncClient, article: Article, more: dict[str, str], days: dict[str, tuple[int, int]]
) -> None:
    answer = await staff.get("/reports/daily-purchases", params=WINDOW | more, headers=article.fresh)
    assert answer.status_code == 200, answer.text
    report = answer.json()
    assert [one["day"] for one in report["days"]] == [f"2022-02-{day:02}" for day in range(1, 29)]
    assert {one["currency"] for one in report["days"]} == {"USD"}
    assert {one["day"]: (one["orders"], one["amount"]) for one in report["days"] if one["orders"]} == days
    purchases = (await staff.get("/reports/purchases", params=WINDOW | more)).json()
    assert purchases["totals"][0]["amount"] == sum(amount for _, amount in days.values())
    table = (await staff.get("/reports/daily-purchases", params=WINDOW | more | {"format": "csv"})).text
    rows = list(csv.DictReader(io.StringIO(table, newline="")))
    assert {row["day"]: (int(row["orders"]), int(row["amount"])) for row in rows if row["orders"] != "0"} == days


async def test_cancelled_orders_are_no_purchases_and_refunds_stand_beside(
    staff: httpx.AsyncClient, importer: httpx.AsyncClient
) -> None:
    window = {"from": "2022-05-01", "until": "2022-05-03"}
    customer = (await register(staff)).json()["id"]
    at = {"occurredAt": "2022-05-02T10:00:00Z"}
    gone = await place(importer, customer, 5_000, **at)
    kept, euros = await place(importer, customer, 2**40, **at), await place(importer, customer, 7, currency="EUR", **at)
    cancelled = await staff.post(f"/orders/{gone.json()['id']}/cancel")
    sku = {"sku": "OFF-BI-10003910", "amount": 2**35}
    refund = await staff.post(f"/orders/{kept.json()['id']}/refund", json={"lines": [sku]})
    fresh = waiting(cancelled, refund, euros)
    report = (await staff.get("/reports/purchases", params=window, headers=fresh)).json()
    assert report["totals"] == [
        {"currency": "EUR", "orders": 1, "amount": 7, "refunded": 0},
        {"currency": "USD", "orders": 1, "amount": 2**40, "refunded": 2**35},
    ]
    assert len(report["purchases"]) == 2
    days = (await staff.get("/reports/daily-purchases", params=window)).json()["days"]
    assert [(one["day"], one["currency"], one["amount"], one["refunded"]) for one in days] == [
        ("2022-05-01", "EUR", 0, 0), ("2022-05-01", "USD", 0, 0), ("2022-05-02", "EUR", 7, 0),
        ("2022-05-02", "USD", 2**40, 2**35),
    ]  # fmt: skip


async def test_a_window_without_purchases_is_all_noughts(staff: httpx.AsyncClient) -> None:
    window = {"from": "1950-01-01", "until": "1950-01-03"}
    days = (await staff.get("/reports/daily-purchases", params=window)).json()["days"]
    nothing = {"currency": None, "orders": 0, "amount": 0, "refunded": 0}
    assert days == [{"day": "1950-01-01"} | nothing, {"day": "1950-01-02"} | nothing]
    report = (await staff.get("/reports/purchases", params=window)).json()
    assert (report["totals"], report["purchases"], report["cursor"]) == ([], [], None)


async def test_a_report_says_how_fresh_it_is(house: System, staff: httpx.AsyncClient) -> None:
    """It becomes complete beyond a moment at which it had everything; a projector that stands still leaves it there."""

    async def freshness(**headers: str) -> dict[str, Any]:
        report = (await staff.get("/reports/daily-purchases", params=WINDOW, headers=headers)).json()
        assert abs(datetime.fromisoformat(report["asOf"]) - datetime.now(UTC)) < timedelta(minutes=1)
        found: dict[str, Any] = report["freshness"]
        return found

    async def complete_beyond(moment: str) -> bool:
        until: str | None = (await freshness())["completeUntil"]
        return until is not None and until > moment

    made = await register(staff)
    await freshness(**waiting(made))
    readable = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    assert await eventually(lambda: complete_beyond(readable), within=15)
    known = await freshness()
    assert (known["parkedStreams"], known["paused"]) == (0, False)
    assert known["behindSeconds"] < 15
    projector = house.one("projector")
    projector.freeze()
    try:
        first, second = await freshness(), await freshness()
        assert first["completeUntil"] == second["completeUntil"]
        assert second["behindSeconds"] > first["behindSeconds"]
    finally:
        projector.revive()


@pytest.mark.parametrize(
    ("params", "kind"),
    [
        ({"from": "2022-03-01", "until": "2022-02-01"}, "bad-window"),
        ({"from": "2000-02-01", "until": "2022-02-01"}, "bad-window"),
        (WINDOW | {"tz": "Europe/Nowhere"}, "bad-time-zone"),
        (WINDOW | {"as_of": "then"}, "bad-moment"),
        ({"from": "2022-02-01"}, "invalid-request"),
        (WINDOW | {"from": "yesterday"}, "invalid-request"),
        (WINDOW | {"format": "xml"}, "invalid-request"),
    ],
)
async def test_what_is_no_window_is_refused(staff: httpx.AsyncClient, params: dict[str, str], kind: str) -> None:
    for report in ("purchases", "daily-purchases"):
        refused(await staff.get(f"/reports/{report}", params=params), 422, kind)
