"""Stored events decode for ever: each released shape is lifted step by step to today's class."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kernel.codec import Codec, UnknownEvent
from kernel.events import Event, EventSchema, Published


class Paid(Event, frozen=True, kw_only=True):
    """Today's shape, its third: at first {"euros": 5}, then {"cents": 500}."""

    amount: int
    currency: str


class PaidV1(Published, frozen=True, kw_only=True):
    amount: int


def to_cents(body: dict[str, Any]) -> dict[str, Any]:
    return {"cents": body["euros"] * 100}


def to_amount(body: dict[str, Any]) -> dict[str, Any]:
    return {"amount": body["cents"], "currency": "EUR"}


SCHEMA = EventSchema(
    types={"Paid": (Paid, 3)},
    upcasters={("Paid", 1): to_cents, ("Paid", 2): to_amount},
    published={"shop.Paid.v1": PaidV1},
    publish=lambda stream, event: PaidV1(amount=event.amount),
)
CODEC = Codec([SCHEMA])


@pytest.mark.parametrize(
    ("version", "data"),
    [(1, b'{"euros": 5}'), (2, b'{"cents": 500}'), (3, b'{"amount": 500, "currency": "EUR"}')],
)
def test_every_released_shape_becomes_todays(version: int, data: bytes) -> None:
    assert CODEC.decode("Paid", version, data) == Paid(amount=500, currency="EUR")


def test_what_is_encoded_is_decoded() -> None:
    name, version, data = CODEC.encode(Paid(amount=1, currency="USD"))
    assert (name, version) == ("Paid", 3)
    assert CODEC.decode(name, version, data) == Paid(amount=1, currency="USD")
    kind, payload = CODEC.encode_published(PaidV1(amount=1))
    assert CODEC.decode_published(kind, payload) == PaidV1(amount=1)


def test_what_is_not_known_is_never_guessed() -> None:
    with pytest.raises(UnknownEvent, match="stores events named Refunded"):
        CODEC.decode("Refunded", 1, b"{}")
    with pytest.raises(UnknownEvent, match="update it first"):
        CODEC.decode("Paid", 4, b"{}")
    with pytest.raises(UnknownEvent, match=r"publishes shop\.Paid\.v2"):
        CODEC.decode_published("shop.Paid.v2", b"{}")
    with pytest.raises(UnknownEvent, match="no upcaster for Paid from schema 2"):
        Codec([msgspec.structs.replace(SCHEMA, upcasters={("Paid", 1): to_cents})]).decode("Paid", 1, b'{"euros": 5}')
    with pytest.raises(msgspec.ValidationError):
        CODEC.decode("Paid", 3, b'{"amount": "much", "currency": "EUR"}')


def test_two_domains_cannot_store_the_same_name() -> None:
    with pytest.raises(ValueError, match="two domains"):
        Codec([SCHEMA, SCHEMA])
