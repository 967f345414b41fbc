"""A shop's history made up: customers, products, promotions and orders over four years, the same for the same numbers.
For `bench analytics`, which stores it through the append path in batches.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

from domains.shop import events
from domains.shop.customer import CUSTOMER
from domains.shop.events import AnyShopEvent, OrderLine, RefundLine
from domains.shop.order import ORDER
from domains.shop.product import PRODUCT, product_id
from domains.shop.promotion import PROMOTION

DAYS = 4 * 365
ORDERS_A_CUSTOMER, PRODUCTS = 20, 2_000
SEGMENTS, REGIONS = ("Consumer", "Corporate", "Home Office"), ("Central", "East", "South", "West")
GENDERS = ("female", "male", None)
SWITCHED, CANCELLED, REFUNDED, UNDELIVERED = 0.01, 0.03, 0.03, 0.07
"""Shares: of customers who have changed their segment; of orders."""
PROMOTION_DAYS = 14


class Stream(NamedTuple):
    """A new stream with all that ever happened to it; `key` orders it among others."""

    name: str
    category: str
    key: str
    events: list[AnyShopEvent]


class Person(NamedTuple):
    id: str
    segments: list[str]
    region: str
    birth_year: int | None
    gender: str | None


def made_up(orders: int, end: datetime, seed: int = 1) -> Iterator[Stream]:
    """Customers, products and promotions first, then orders from the oldest to the newest, which is at `end`."""
    chance = random.Random(seed)
    begin = end - timedelta(days=DAYS)
    people = []
    for number in range(max(1, orders // ORDERS_A_CUSTOMER)):
        person = _person(chance, number)
        people.append(person)
        yield _customer(person, number, begin)
    for number in range(PRODUCTS):
        sku = _sku(number)
        listed = events.ProductListed(
            occurred_at=begin, sku=sku, name=f"Product {number}", category="Things", price=1_000, currency="USD"
        )
        name = PRODUCT.stream(product_id(sku))
        yield Stream(name, "product", name, [listed])
    for number in range(8):
        starts_at = end - timedelta(days=45 + 150 * number)
        started = events.PromotionStarted(
            occurred_at=starts_at, name=f"Promotion {number}", starts_at=starts_at,
            ends_at=starts_at + timedelta(days=PROMOTION_DAYS),
        )  # fmt: skip
        name = PROMOTION.stream(_id("promotion", number))
        yield Stream(name, "promotion", name, [started])
    for number in range(orders):
        yield _order(chance, number, chance.choice(people), begin + (end - begin) * ((number + 1) / orders), end)


def _person(chance: random.Random, number: int) -> Person:
    segments = chance.choices(SEGMENTS, (5, 3, 2), k=1)
    if chance.random() < SWITCHED:
        segments.append(chance.choice([each for each in SEGMENTS if each != segments[0]]))
    year = None if chance.random() < 0.1 else chance.randint(1940, 2005)
    return Person(_id("customer", number), segments, chance.choice(REGIONS), year, chance.choice(GENDERS))


def _customer(person: Person, number: int, begin: datetime) -> Stream:
    happened: list[AnyShopEvent] = [
        events.CustomerRegistered(
            occurred_at=begin, name=f"Person {number}", email=f"person-{number}@example.com", phone="+1 555 0100",
            segment=person.segments[0], region=person.region, birth_year=person.birth_year, gender=person.gender,
        )
    ]  # fmt: skip
    for previous, segment in zip(person.segments, person.segments[1:], strict=False):
        happened.append(events.CustomerSegmentChanged(occurred_at=begin, segment=segment, previous=previous))
    stream = CUSTOMER.stream(person.id)
    return Stream(stream, "customer", stream, happened)


def _order(chance: random.Random, number: int, person: Person, placed_at: datetime, end: datetime) -> Stream:
    lines = tuple(
        OrderLine(
            sku=_sku(int(PRODUCTS * chance.random() ** 2)), quantity=chance.randint(1, 9),
            amount=chance.randint(100, 99_999),
        )
        for _ in range(chance.randint(1, 3))
    )  # fmt: skip
    common: dict[str, Any] = {
        "customer_id": person.id, "placed_at": placed_at, "currency": "USD", "segment": chance.choice(person.segments),
        "region": chance.choice(REGIONS) if chance.random() < 0.3 else person.region, "birth_year": person.birth_year,
        "gender": person.gender, "promotion_id": None,
    }  # fmt: skip
    happened: list[AnyShopEvent] = [events.OrderPlaced(occurred_at=placed_at, lines=lines, **common)]
    fate = chance.random()
    later = min(placed_at + timedelta(minutes=chance.randint(600, 10_000)), end)
    if fate < CANCELLED:
        happened.append(events.OrderCancelled(occurred_at=later, lines=lines, **common))
    elif fate > CANCELLED + UNDELIVERED:
        happened.append(events.OrderShipped(occurred_at=placed_at, **common))
        happened.append(events.OrderDelivered(occurred_at=later, shipped_at=placed_at, **common))
        if fate > 1 - REFUNDED:
            back = (RefundLine(sku=lines[0].sku, amount=max(1, lines[0].amount // 2)),)
            happened.append(events.OrderRefunded(occurred_at=later, lines=back, **common))
    return Stream(ORDER.stream(_id("order", number)), "order", CUSTOMER.stream(person.id), happened)


def _sku(number: int) -> str:
    return f"SKU-{number:05d}"


def _id(kind: str, number: int) -> str:
    return str(UUID(int=uuid5(NAMESPACE_URL, f"lockstep-bench/{kind}").int ^ number))
