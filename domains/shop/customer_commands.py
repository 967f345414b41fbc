"""The commands of customers over HTTP: bodies in, commands out, versions back. Translates and nothing more."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from app.commands.http import CommandGate
from app.commands.pipeline import Target
from app.door import DoorRequest
from app.routing import post, put
from domains.shop.customer import (
    CUSTOMER,
    ChangeContact,
    ChangeSegment,
    CustomerCommand,
    MoveCustomer,
    RegisterCustomer,
    decide,
)
from domains.shop.sending import STEP, WRITE, Body, ShopChanged, new_id, send_changed, when

TAGS: dict[str, Any] = {"tags": ["customers"]}


class NewCustomer(Body, frozen=True, kw_only=True):
    name: str
    email: str
    phone: str
    segment: str
    region: str
    birth_year: int | None = None
    gender: str | None = None
    id: UUID | None = None


class NewContact(Body, frozen=True, kw_only=True):
    """What is left out stays as it is."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


class NewSegment(Body, frozen=True, kw_only=True):
    segment: str


class NewRegion(Body, frozen=True, kw_only=True):
    region: str


@post("/customers", summary="Register a customer; an email belongs to one", **WRITE, **TAGS)
async def register_customer(
    request: DoorRequest, gate: NamedDependency[CommandGate], data: JSONBody[NewCustomer]
) -> Response[ShopChanged]:
    customer_id = new_id(request, data.id, "customers")
    command = RegisterCustomer(
        name=data.name,
        email=data.email,
        phone=data.phone,
        segment=data.segment,
        region=data.region,
        birth_year=data.birth_year,
        gender=data.gender,
    )
    return await _send(gate, request, customer_id, command, data, f"/api/v1/customers/{customer_id}")


@put("/customers/{customer_id:uuid}/contact", summary="Change name, email or phone", **STEP, **TAGS)
async def change_contact(
    request: DoorRequest, gate: NamedDependency[CommandGate], customer_id: FromPath[UUID], data: JSONBody[NewContact]
) -> Response[ShopChanged]:
    command = ChangeContact(name=data.name, email=data.email, phone=data.phone)
    return await _send(gate, request, str(customer_id), command, data)


@put("/customers/{customer_id:uuid}/segment", summary="Put a customer into another segment", **STEP, **TAGS)
async def change_segment(
    request: DoorRequest, gate: NamedDependency[CommandGate], customer_id: FromPath[UUID], data: JSONBody[NewSegment]
) -> Response[ShopChanged]:
    return await _send(gate, request, str(customer_id), ChangeSegment(segment=data.segment), data)


@put("/customers/{customer_id:uuid}/region", summary="Say that a customer has moved", **STEP, **TAGS)
async def move_customer(
    request: DoorRequest, gate: NamedDependency[CommandGate], customer_id: FromPath[UUID], data: JSONBody[NewRegion]
) -> Response[ShopChanged]:
    return await _send(gate, request, str(customer_id), MoveCustomer(region=data.region), data)


CUSTOMER_COMMANDS = [register_customer, change_contact, change_segment, move_customer]


async def _send(
    gate: CommandGate,
    request: DoorRequest,
    customer_id: str,
    command: CustomerCommand,
    body: Body,
    location: str | None = None,
) -> Response[ShopChanged]:
    happened = when(request, body)
    return await send_changed(
        gate,
        request,
        customer_id,
        [Target(CUSTOMER, CUSTOMER.stream(customer_id), new=location is not None)],
        lambda customer, now: [decide(customer, command, customer_id, happened.at(now))],
        location,
    )
