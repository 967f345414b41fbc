"""The commands of orders over HTTP: bodies in, commands out, versions back.

Placing an order also reads its customer, and the promotion it names: the commit holds if these stand unchanged.
"""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from app.commands.http import CommandGate
from app.commands.pipeline import Target
from app.door import DoorRequest
from app.routing import post
from domains.shop.customer import CUSTOMER
from domains.shop.events import OrderLine, RefundLine
from domains.shop.order import (
    ORDER,
    CancelOrder,
    DeliverOrder,
    OrderCommand,
    PlaceOrder,
    RefundOrder,
    ShipOrder,
    decide,
    place,
)
from domains.shop.promotion import PROMOTION
from domains.shop.rules import LINES_LIMIT
from domains.shop.sending import BARE_STEP, STEP, WRITE, Bare, Body, ShopChanged, new_id, send_changed, when
from kernel.aggregate import Decision

TAGS: dict[str, Any] = {"tags": ["orders"]}
Several = msgspec.Meta(min_length=1, max_length=LINES_LIMIT)


class NewLine(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """`amount` is the line's revenue after discount, in minor units."""

    sku: str
    quantity: int
    amount: int


class LineRefund(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """`amount` is what is given back, in minor units."""

    sku: str
    amount: int


class NewOrder(Body, frozen=True, kw_only=True):
    """`region` is where it goes; left out, to where its customer lives."""

    customer_id: UUID
    lines: Annotated[list[NewLine], Several]
    currency: str
    region: str | None = None
    promotion: UUID | None = None
    id: UUID | None = None


class NewRefund(Body, frozen=True, kw_only=True):
    lines: Annotated[list[LineRefund], Several]


@post("/orders", summary="Place an order", **WRITE, **TAGS)
async def place_order(
    request: DoorRequest, gate: NamedDependency[CommandGate], data: JSONBody[NewOrder]
) -> Response[ShopChanged]:
    happened, order_id = when(request, data), new_id(request, data.id, "orders")
    command = PlaceOrder(
        customer_id=str(data.customer_id),
        lines=tuple(OrderLine(sku=line.sku, quantity=line.quantity, amount=line.amount) for line in data.lines),
        currency=data.currency,
        region=data.region,
        promotion_id=None if data.promotion is None else str(data.promotion),
    )
    targets = [
        Target(ORDER, ORDER.stream(order_id), new=True),
        Target(CUSTOMER, CUSTOMER.stream(command.customer_id)),
    ]
    if data.promotion is not None:
        targets.append(Target(PROMOTION, PROMOTION.stream(data.promotion)))

    def decide_all(order: Any, customer: Any, *rest: Any) -> list[Decision]:
        *promotions, now = rest
        promotion = promotions[0] if promotions else None
        placed = place(order, customer, promotion, command, order_id, happened.at(now))
        return [placed, *(Decision() for _ in targets[1:])]

    return await send_changed(gate, request, order_id, targets, decide_all, f"/api/v1/orders/{order_id}")


@post("/orders/{order_id:uuid}/ship", summary="Ship a placed order", **BARE_STEP, **TAGS)
async def ship_order(
    request: DoorRequest,
    gate: NamedDependency[CommandGate],
    order_id: FromPath[UUID],
    data: JSONBody[Bare | None] = None,
) -> Response[ShopChanged]:
    return await _send(gate, request, str(order_id), ShipOrder(), data)


@post("/orders/{order_id:uuid}/deliver", summary="Say that a shipped order has arrived", **BARE_STEP, **TAGS)
async def deliver_order(
    request: DoorRequest,
    gate: NamedDependency[CommandGate],
    order_id: FromPath[UUID],
    data: JSONBody[Bare | None] = None,
) -> Response[ShopChanged]:
    return await _send(gate, request, str(order_id), DeliverOrder(), data)


@post("/orders/{order_id:uuid}/cancel", summary="Cancel an order that was not shipped", **BARE_STEP, **TAGS)
async def cancel_order(
    request: DoorRequest,
    gate: NamedDependency[CommandGate],
    order_id: FromPath[UUID],
    data: JSONBody[Bare | None] = None,
) -> Response[ShopChanged]:
    return await _send(gate, request, str(order_id), CancelOrder(), data)


@post("/orders/{order_id:uuid}/refund", summary="Give money back, at most what was paid", **STEP, **TAGS)
async def refund_order(
    request: DoorRequest, gate: NamedDependency[CommandGate], order_id: FromPath[UUID], data: JSONBody[NewRefund]
) -> Response[ShopChanged]:
    lines = tuple(RefundLine(sku=line.sku, amount=line.amount) for line in data.lines)
    return await _send(gate, request, str(order_id), RefundOrder(lines=lines), data)


ORDER_COMMANDS = [place_order, ship_order, deliver_order, cancel_order, refund_order]


async def _send(
    gate: CommandGate, request: DoorRequest, order_id: str, command: OrderCommand, body: Body | None
) -> Response[ShopChanged]:
    happened = when(request, body)
    return await send_changed(
        gate,
        request,
        order_id,
        [Target(ORDER, ORDER.stream(order_id))],
        lambda order, now: [decide(order, command, order_id, happened.at(now))],
    )
