"""Many of the staff at once, and in the end PostgreSQL, Kafka and MongoDB agree on all that the shop has ever seen."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from typing import Any

import httpx
from pymongo import AsyncMongoClient

from tests.acceptance.shop import SKU, place, register, unique_email, waiting
from tests.system.facts import eventually
from tests.system.fold_shop import PRIMARY, Collections, fold_shop
from tests.system.raw import published_records, stored_events
from tests.system.system import System

WRITERS, STEPS, CUSTOMERS, ORDERS = 12, 25, 4, 8
ALLOWED = {200, 201, 409, 422}


class Work:
    """What one of the staff does: whatever comes to mind, on customers and orders that all share."""

    def __init__(self, staff: httpx.AsyncClient, seed: int, customers: list[str], orders: list[str]) -> None:
        self._staff, self._random = staff, random.Random(seed)
        self._customers, self._orders = customers, orders

    async def go(self) -> int:
        """How many commands were accepted."""
        accepted = 0
        for _ in range(STEPS):
            answer = await self._step()
            assert answer.status_code in ALLOWED, answer.text
            accepted += answer.status_code < 300
        return accepted

    async def _step(self) -> httpx.Response:
        pick = self._random
        customer, order = f"/customers/{pick.choice(self._customers)}", f"/orders/{pick.choice(self._orders)}"
        amount = {"lines": [{"sku": SKU, "amount": pick.randint(1, 4_000)}]}
        steps: list[tuple[str, str, dict[str, Any]]] = [
            ("PUT", f"{customer}/contact", {"phone": f"555 {pick.randint(10, 99)}"}),
            ("PUT", f"{customer}/contact", {"email": unique_email()}),
            ("PUT", f"{customer}/segment", {"segment": pick.choice(("Consumer", "Corporate"))}),
            ("PUT", f"{customer}/region", {"region": pick.choice(("East", "West"))}),
            ("POST", f"{order}/ship", {}),
            ("POST", f"{order}/deliver", {}),
            ("POST", f"{order}/cancel", {}),
            ("POST", f"{order}/refund", amount),
        ]
        if pick.random() < 0.3:
            placed = await place(self._staff, pick.choice(self._customers), pick.randint(1, 10_000))
            self._orders.append(placed.json()["id"])
            return placed
        method, path, body = pick.choice(steps)
        return await self._staff.request(method, path, json=body)


async def test_whatever_staff_does_at_once_the_documents_equal_the_fold_of_the_stored_events(
    house: System, staff: httpx.AsyncClient
) -> None:
    customers = [(await register(staff)).json()["id"] for _ in range(CUSTOMERS)]
    orders = [(await place(staff, customers[n % CUSTOMERS])).json()["id"] for n in range(ORDERS)]
    accepted = await asyncio.gather(*(Work(staff, seed, customers, orders).go() for seed in range(WRITERS)))
    assert sum(accepted) > WRITERS * STEPS / 4  # refusals are part of it, but not all of it
    listed = {"sku": f"AGREE-{random.random()}", "name": "n", "category": "c", "price": 1, "currency": "USD"}
    await staff.get("/products", headers=waiting(await staff.post("/products", json=listed)))

    async def agree() -> bool:
        events = await stored_events(house)
        expected = fold_shop((event.stream, event.version, event.type, event.data) for event in events)
        assert await _documents(house, *expected) == expected
        return True

    await eventually(agree, within=20, every=0.2)
    await _a_customer_and_its_orders_come_in_one_order(house, set(customers))


async def _documents(house: System, *collections: str) -> Collections:
    async with AsyncMongoClient[dict[str, Any]](house.servers.mongo.uri) as client:
        database = client[house.name]
        return {name: {one["_id"]: one async for one in database[name].find()} for name in collections}


async def _a_customer_and_its_orders_come_in_one_order(house: System, customers: set[str]) -> None:
    """All that happens to a customer and its orders is under one key, in one partition, in the order it was stored."""
    stored = {event.event_id: event for event in await stored_events(house)}
    partitions: dict[str, set[int]] = defaultdict(set)
    positions: dict[str, list[int]] = defaultdict(list)
    for record in await published_records(house):
        event = stored.pop(record.event_id)
        if record.topic != f"{house.name}.shop":
            assert event.stream.partition("-")[0] not in PRIMARY
            continue
        if event.stream.startswith("order-"):
            assert record.key == f"customer-{event.data['customerId']}"
        else:
            assert record.key == event.stream
        partitions[record.key].add(record.partition)
        positions[record.key].append(event.position)
    assert not [event for event in stored.values() if event.stream.partition("-")[0] in PRIMARY]
    assert all(len(found) == 1 for found in partitions.values())
    for customer in customers:
        own = positions[f"customer-{customer}"]
        assert len(own) > 5
        # one app commits one batch after the other; of several, an order's commit locks its customer's row
        assert own == sorted(own)
