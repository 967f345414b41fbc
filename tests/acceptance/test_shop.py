"""What the shop allows and refuses, from command to readable document, over HTTP."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from tests.acceptance.problems import changed, refused
from tests.acceptance.shop import SKU, place, register, unique_email, waiting
from tests.system.system import System


async def test_a_customer_is_registered_changed_and_read(staff: httpx.AsyncClient) -> None:
    email = unique_email()
    made = await register(staff, "Zoë", email=email, birthYear=1984, gender="f")
    customer = made.json()["id"]
    assert made.headers["Location"] == f"/api/v1/customers/{customer}"
    assert changed(made, 1) == f"customer-{customer}@1"
    path = f"/customers/{customer}"
    changed(await staff.put(f"{path}/contact", json={"phone": "555 0199"}), 2)
    changed(await staff.put(f"{path}/segment", json={"segment": "Corporate"}), 3)
    changed(await staff.put(f"{path}/segment", json={"segment": "Corporate"}), 3)
    last = await staff.put(f"{path}/region", json={"region": "East"})
    changed(last, 4)
    seen = (await staff.get(path, headers=waiting(last))).json()
    assert seen.pop("registeredAt").endswith("Z")
    assert seen == {
        "customerId": customer, "name": "Zoë", "email": email, "phone": "555 0199", "segment": "Corporate",
        "region": "East", "birthYear": 1984, "gender": "f", "version": 4,
    }  # fmt: skip
    found = (await staff.get("/customers", params={"email": email.upper()})).json()["customers"]
    assert [one["customerId"] for one in found] == [customer]
    then = (await staff.get(f"{path}/history?version=2")).json()
    assert (then["phone"], then["segment"], then["version"]) == ("555 0199", "Consumer", 2)
    trail = (await staff.get(f"{path}/events?limit=3")).json()
    assert [event["type"] for event in trail["events"]] == [
        "CustomerRegistered", "CustomerContactChanged", "CustomerSegmentChanged",
    ]  # fmt: skip
    assert (trail["next"], trail["events"][0]["principal"]) == (3, "sue")


async def test_of_64_simultaneous_registrations_of_one_email_one_succeeds(house: System) -> None:
    email = unique_email()
    async with house.client("sue", ("shop:write", "shop:read")) as staff:

        async def try_it(number: int) -> httpx.Response:
            spelt = email if number % 2 else email.upper()
            body = {"name": f"n{number}", "email": spelt, "phone": "55", "segment": "s", "region": "r"}
            return await staff.post("/customers", json=body)

        answers = await asyncio.gather(*(try_it(number) for number in range(64)))
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 63
        for answer in answers:
            if answer.status_code == 409:
                refused(answer, 409, "email-taken")
        (made,) = (answer for answer in answers if answer.status_code == 201)
        stored = await house.sql("SELECT stream FROM events WHERE lower(data->>'email') = $1", email)
        assert [row["stream"] for row in stored] == [f"customer-{made.json()['id']}"]


async def test_an_email_given_up_is_free_for_others_and_not_before(staff: httpx.AsyncClient) -> None:
    email = unique_email()
    first, second = await register(staff, email=email), await register(staff)
    contact = f"/customers/{second.json()['id']}/contact"
    refused(await staff.put(contact, json={"email": email}), 409, "email-taken")
    changed(await staff.put(f"/customers/{first.json()['id']}/contact", json={"email": unique_email()}), 2)
    changed(await staff.put(contact, json={"email": email}), 2)
    body = {"name": "x", "email": email, "phone": "55", "segment": "s", "region": "r"}
    refused(await staff.post("/customers", json=body), 409, "email-taken")


async def test_a_product_is_listed_once_under_its_sku(staff: httpx.AsyncClient) -> None:
    sku = f"T-{uuid4().hex[:8]}.x~1"
    body = {"sku": sku, "name": "Binder", "category": "Office", "price": 2**33, "currency": "USD"}
    made = await staff.post("/products", json=body)
    assert (made.status_code, made.headers["Location"]) == (201, f"/api/v1/products/{sku}")
    refused(await staff.post("/products", json=body), 409, "already-exists")
    changed(await staff.put(f"/products/{sku}/name", json={"name": "Ring binder"}), 2)
    last = await staff.put(f"/products/{sku}/price", json={"price": 999})
    assert changed(last, 3) == f"product-{made.json()['id']}@3"
    seen = await staff.get(f"/products/{sku}", headers=waiting(last))
    assert (seen.json()["name"], seen.json()["price"], seen.json()["sku"]) == ("Ring binder", 999, sku)
    assert seen.headers["ETag"] == '"3"'
    assert (await staff.get(f"/products/{sku}/history?version=1")).json()["price"] == 2**33
    assert len((await staff.get(f"/products/{sku}/events")).json()["events"]) == 3
    refused(await staff.put(f"/products/none-{sku}/name", json={"name": "x"}), 404, "not-found")


async def test_lists_are_paged_without_gap_or_repetition(staff: httpx.AsyncClient) -> None:
    made = [await register(staff) for _ in range(5)]
    skus = sorted(f"PAGED-{uuid4().hex[:8]}" for _ in range(5))
    for sku in skus:
        body = {"sku": sku, "name": "n", "category": "c", "price": 2**40, "currency": "USD"}
        made.append(await staff.post("/products", json=body))
    customers = [answer.json()["id"] for answer in made[:5]]
    orders = [await place(staff, customers[0], 2**40) for _ in range(5)]
    made += orders

    async def walk(path: str, entries: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            answer = await staff.get(f"{path}{'&' if '?' in path else '?'}limit=3{cursor}", headers=waiting(*made))
            assert answer.status_code == 200, answer.text
            found += answer.json()[entries]
            if answer.json()["cursor"] is None:
                return found
            cursor = f"&cursor={answer.json()['cursor']}"

    shown = [one["customerId"] for one in await walk("/customers", "customers") if one["customerId"] in customers]
    assert shown == customers[::-1]
    listed = [one["sku"] for one in await walk("/products", "products")]
    assert listed == sorted(listed)
    assert set(skus) <= set(listed)
    newest_first = [answer.json()["id"] for answer in orders][::-1]
    for path, entries in (
        ("/orders?status=placed", "orders"), ("/orders", "orders"), ("/customer-orders", "customerOrders"),
        (f"/customer-orders?customer={customers[0]}", "customerOrders"),
    ):  # fmt: skip
        found = [one["orderId"] for one in await walk(path, entries)]
        assert [one for one in found if one in newest_first] == newest_first, path
        assert len(set(found)) == len(found)


async def test_an_order_goes_its_way(staff: httpx.AsyncClient) -> None:
    customer = (await register(staff)).json()["id"]
    made = await place(staff, customer, 5_000)
    order = f"/orders/{made.json()['id']}"
    assert made.headers["Location"] == f"/api/v1{order}"
    refused(await staff.post(f"{order}/deliver"), 409, "wrong-status")
    changed(await staff.post(f"{order}/ship"), 2)
    refused(await staff.post(f"{order}/cancel"), 409, "wrong-status")
    changed(await staff.post(f"{order}/deliver", json={}), 3)
    too_much = refused(await staff.post(f"{order}/refund", json=refund(5_001)), 422, "too-much-refunded")
    assert (too_much["sku"], too_much["left"]) == (SKU, 5_000)
    changed(await staff.post(f"{order}/refund", json=refund(3_000)), 4)
    refused(await staff.post(f"{order}/refund", json=refund(2_001)), 422, "too-much-refunded")
    last = await staff.post(f"{order}/refund", json=refund(2_000))
    seen = (await staff.get(order, headers=waiting(last))).json()
    assert (seen["status"], seen["amount"], seen["refunded"], seen["version"]) == ("delivered", 5_000, 5_000, 5)
    assert seen["placedAt"] < seen["shippedAt"] < seen["deliveredAt"]
    then = (await staff.get(f"{order}/history?version=4")).json()
    assert (then["refunds"], then["version"]) == ([{"sku": SKU, "amount": 3_000}], 4)
    assert [each["type"] for each in (await staff.get(f"{order}/events")).json()["events"]] == [
        "OrderPlaced", "OrderShipped", "OrderDelivered", "OrderRefunded", "OrderRefunded",
    ]  # fmt: skip


async def test_a_cancelled_order_is_over(staff: httpx.AsyncClient) -> None:
    customer = (await register(staff)).json()["id"]
    order = f"/orders/{(await place(staff, customer)).json()['id']}"
    last = await staff.post(f"{order}/cancel")
    changed(last, 2)
    for step, body in (("ship", {}), ("deliver", {}), ("cancel", {}), ("refund", refund(1))):
        refused(await staff.post(f"{order}/{step}", json=body), 409, "wrong-status")
    assert (await staff.get(order, headers=waiting(last))).json()["status"] == "cancelled"
    (row,) = (await staff.get(f"/customer-orders?customer={customer}")).json()["customerOrders"]
    assert row["cancelled"] is True


async def test_an_order_keeps_the_segment_and_region_of_when_it_was_placed(staff: httpx.AsyncClient) -> None:
    customer = (await register(staff)).json()["id"]
    before = await place(staff, customer)
    await staff.put(f"/customers/{customer}/segment", json={"segment": "Corporate"})
    await staff.put(f"/customers/{customer}/region", json={"region": "East"})
    after, elsewhere = await place(staff, customer), await place(staff, customer, region="South")
    read = [
        (await staff.get(f"/orders/{answer.json()['id']}", headers=waiting(answer))).json()
        for answer in (before, after, elsewhere)
    ]
    assert [(one["segment"], one["region"]) for one in read] == [
        ("Consumer", "West"), ("Corporate", "East"), ("Corporate", "South"),
    ]  # fmt: skip


async def test_an_order_under_a_promotion_needs_it_running(staff: httpx.AsyncClient) -> None:
    customer, now = (await register(staff)).json()["id"], datetime.now(UTC)
    made = await staff.post("/promotions", json=promotion(now - timedelta(days=1), now + timedelta(days=1)))
    ahead = await staff.post("/promotions", json=promotion(now + timedelta(days=1), now + timedelta(days=2)))
    running = made.json()["id"]
    placed = await place(staff, customer, promotion=running)
    assert f"promotion-{running}@1" in placed.headers["Consistency-Token"]
    read = await staff.get(f"/orders/{placed.json()['id']}", headers=waiting(placed))
    assert read.json()["promotionId"] == running
    changed(await staff.post(f"/promotions/{running}/end"), 2)
    last = await staff.post(f"/promotions/{running}/end")
    changed(last, 2)
    lines = [{"sku": SKU, "quantity": 1, "amount": 1}]
    order = {"customerId": customer, "lines": lines, "currency": "USD"}
    for other, kind in ((running, "bad-field"), (ahead.json()["id"], "bad-field"), (str(uuid4()), "unknown-reference")):
        problem = refused(await staff.post("/orders", json=order | {"promotion": other}), 422, kind)
        assert problem["field"] == "promotion"
    ended = (await staff.get(f"/promotions/{running}", headers=waiting(last))).json()
    assert datetime.fromisoformat(ended["until"]) < now + timedelta(hours=1)
    unknown = refused(await staff.post("/orders", json=order | {"customerId": str(uuid4())}), 422, "unknown-reference")
    assert unknown["field"] == "customerId"


def refund(amount: int) -> dict[str, Any]:
    return {"lines": [{"sku": SKU, "amount": amount}]}


def promotion(first: datetime, last: datetime) -> dict[str, Any]:
    return {"name": "Spring", "from": first.isoformat(), "until": last.isoformat()}
