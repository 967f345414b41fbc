"""Sends a Superstore through the API, many at once: products, then customers, then orders, each placed, shipped and
delivered; and reads every order back. A customer is there before its orders are.
"""

from __future__ import annotations

import time
from typing import Any

import msgspec

from bench.client import Caller, problem_of
from bench.wire import Answer, request
from cli.sending import each
from cli.submissions import Refusal
from cli.superstore import CURRENCY, Customer, Order, Product, Superstore, customer_id


class ShopTally(msgspec.Struct):
    """What has been done so far; the progress bars look at it."""

    products: int = 0
    customers: int = 0
    orders: int = 0
    commands: int = 0
    """Accepted by now or earlier."""
    commands_again: int = 0
    """Of these, how many had been accepted already."""
    checked: int = 0


class Read(msgspec.Struct, rename="camel"):
    """What is looked at of an order."""

    customer_id: str
    amount: int
    region: str
    status: str


class ShopSending:
    """One load, in the name of one importer. `refused` and `wrong` are complete when `run` returns."""

    def __init__(self, host: str, port: int, token: str, store: Superstore) -> None:
        self._host, self._port, self._token, self._store = host, port, token, store
        self._stored: list[Order] = []
        self.tally = ShopTally()
        self.stored_at = 0.0
        self.refused: list[Refusal] = []
        self.wrong: list[Refusal] = []

    async def run(self) -> None:
        """Everything was sent, and every order that was stored was read back. Raises Unreachable."""
        host, port = self._host, self._port
        await each(host, port, self._store.products.values(), self._product)
        await each(host, port, self._store.customers.values(), self._customer)
        await each(host, port, self._store.orders.values(), self._order)
        self.stored_at = time.monotonic()
        await each(host, port, self._stored, self._check)

    async def _product(self, caller: Caller, one: Product) -> None:
        body = {
            "sku": one.sku, "name": one.name, "category": one.category, "price": one.price, "currency": CURRENCY,
            "occurredAt": one.listed_at,
        }  # fmt: skip
        self.tally.products += await self._send(caller, one.row, one.sku, "products", f"product-{one.sku}", body)

    async def _customer(self, caller: Caller, one: Customer) -> None:
        body = {
            "id": one.customer_id, "name": one.name, "email": one.email, "phone": one.phone, "segment": one.segment,
            "region": one.region, "occurredAt": one.registered_at,
        }  # fmt: skip
        self.tally.customers += await self._send(caller, one.row, one.id, "customers", f"customer-{one.id}", body)

    async def _order(self, caller: Caller, one: Order) -> None:
        body = {
            "id": one.order_id, "customerId": customer_id(one.customer), "lines": one.lines, "currency": CURRENCY,
            "region": one.region, "occurredAt": one.placed_at,
        }  # fmt: skip
        key, path = f"order-{one.id}", f"orders/{one.order_id}"
        arrived = {"occurredAt": one.delivered_at}
        if (
            await self._send(caller, one.row, one.id, "orders", key, body)
            and await self._send(caller, one.row, one.id, f"{path}/ship", f"{key}-ship", arrived)
            and await self._send(caller, one.row, one.id, f"{path}/deliver", f"{key}-deliver", arrived)
        ):
            self.tally.orders += 1
            self._stored.append(one)

    async def _send(self, caller: Caller, row: int, identifier: str, path: str, key: str, body: dict[str, Any]) -> bool:
        """Whether the command is done, by now or earlier."""
        made = request("POST", f"/api/v1/{path}", self._token, f"superstore-{key}", msgspec.json.encode(body))
        answer = await caller.ask(made)
        there_already = _there_already(answer)
        if answer.status not in (200, 201) and not there_already:
            self.refused.append(Refusal(row, identifier, f"{path}: {answer.status}: {problem_of(answer)}"))
            return False
        self.tally.commands += 1
        self.tally.commands_again += there_already or answer.header(b"idempotency-replayed") is not None
        return True

    async def _check(self, caller: Caller, one: Order) -> None:
        """The order reads back as it was sent, all three events of it."""
        made = request("GET", f"/api/v1/orders/{one.order_id}", self._token)
        fresh = f"Consistency-Token: order-{one.order_id}@3\r\nPrefer: wait=10\r\n\r\n".encode()
        answer = await caller.ask(made[:-2] + fresh)
        self.tally.checked += 1
        if answer.status != 200:
            self.wrong.append(Refusal(one.row, one.id, f"{answer.status}: {problem_of(answer)}"))
            return
        found = msgspec.json.decode(answer.body, type=Read)
        sent = Read(str(customer_id(one.customer)), one.amount, one.region, "delivered")
        if found != sent:
            self.wrong.append(Refusal(one.row, one.id, f"it reads {found} and was sent as {sent}"))


def _there_already(answer: Answer) -> bool:
    """Loaded so long ago that its key is forgotten."""
    if answer.status != 409:
        return False
    return (
        b"already-exists" in answer.body
        or b'"orderStatus":"shipped"' in answer.body
        or (b'"orderStatus":"delivered"' in answer.body)
    )
