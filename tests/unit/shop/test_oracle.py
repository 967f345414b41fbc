"""Whatever is decided, the projection's documents equal the fold of the stored events, made apart from the
specification: histories of random commands, from the rules to the documents without a server between."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from domains.shop import customer, order, product, promotion
from domains.shop.aggregates import AGGREGATES
from domains.shop.events import OrderLine, RefundLine
from domains.shop.published import publish
from kernel.aggregate import Decision, DomainError
from kernel.domain import load_codec
from kernel.events import wire_time
from tests.system.fold_shop import fold_shop
from tests.unit.shop.given import NOW
from tests.unit.shop.seen import Seen

CODEC = load_codec(["domains.shop"])
BY_CATEGORY = {aggregate.category: aggregate for aggregate in AGGREGATES}
STEPS = 400


class Shop:
    """Streams that take commands; what is decided is stored, published and seen at once."""

    def __init__(self, seed: int) -> None:
        self.pick = random.Random(seed)
        self.states = {(category, n): BY_CATEGORY[category].initial for category in BY_CATEGORY for n in range(6)}
        self.history: list[tuple[str, int, str, dict[str, Any]]] = []
        self.seen = Seen()
        self.refused: defaultdict[str, int] = defaultdict(int)
        self._now = NOW

    def happens(self) -> None:
        category, number = self.pick.choice(list(self.states))
        self._now += timedelta(minutes=self.pick.randint(0, 90))
        try:
            decision = self._decide(category, number)
        except DomainError as error:
            self.refused[type(error).__name__] += 1
            return
        stream = BY_CATEGORY[category].stream(number)
        for event in decision.events:
            self.states[category, number] = BY_CATEGORY[category].evolve(self.states[category, number], event)
            name, _, data = CODEC.encode(event)
            version = 1 + sum(one[0] == stream for one in self.history)
            self.history.append((stream, version, name, json.loads(data)))
            self.seen.happened(stream, publish(stream, event), wire_time(event.occurred(self._now)))  # type: ignore[arg-type]

    def _decide(self, category: str, number: int) -> Decision:
        state, asked = self.states[category, number], self.pick.choice(COMMANDS[category])(self)
        if isinstance(asked, order.PlaceOrder):
            buyer = self.states["customer", int(asked.customer_id)]
            under = None if asked.promotion_id is None else self.states["promotion", int(asked.promotion_id)]
            return order.place(state, buyer, under, asked, str(number), self._now)
        decide = {"customer": customer, "product": product, "promotion": promotion, "order": order}[category].decide
        found: Decision = decide(state, asked, str(number), self._now)
        return found


def text(shop: Shop) -> str:
    return shop.pick.choice(("Alice", "Zoë", "=1+1", "Corporate", "West"))


def placing(shop: Shop) -> order.PlaceOrder:
    lines = tuple(
        OrderLine(sku=shop.pick.choice("AB"), quantity=1, amount=shop.pick.randint(0, 9_000))
        for _ in range(shop.pick.randint(1, 3))
    )
    return order.PlaceOrder(
        customer_id=str(shop.pick.randrange(6)),
        lines=lines,
        currency="USD",
        promotion_id=shop.pick.choice((None, None, str(shop.pick.randrange(6)))),
    )


COMMANDS: dict[str, list[Callable[[Shop], Any]]] = {
    "customer": [
        lambda shop: customer.RegisterCustomer(
            name=text(shop), email=f"{text(shop)}@x.com", phone="55", segment=text(shop), region=text(shop)
        ),
        lambda shop: customer.ChangeContact(phone=str(shop.pick.randint(10, 20))),
        lambda shop: customer.ChangeContact(name=text(shop), email=f"{text(shop)}@y.com"),
        lambda shop: customer.ChangeSegment(segment=text(shop)),
        lambda shop: customer.MoveCustomer(region=text(shop)),
    ],
    "product": [
        lambda shop: product.ListProduct(name=text(shop), category=text(shop), price=5, currency="USD"),
        lambda shop: product.RenameProduct(name=text(shop)),
        lambda shop: product.RepriceProduct(price=shop.pick.randint(1, 3)),
    ],
    "promotion": [
        lambda shop: promotion.StartPromotion(name=text(shop), starts_at=NOW, ends_at=NOW + timedelta(days=90)),
        lambda _: promotion.EndPromotion(),
    ],
    "order": [
        placing,
        placing,
        lambda _: order.ShipOrder(),
        lambda _: order.DeliverOrder(),
        lambda _: order.CancelOrder(),
        lambda shop: order.RefundOrder(
            lines=(RefundLine(sku=shop.pick.choice("AB"), amount=shop.pick.randint(1, 4_000)),)
        ),
    ],
}


@pytest.mark.parametrize("seed", range(8))
def test_documents_equal_the_fold_of_whatever_was_decided(seed: int) -> None:
    shop = Shop(seed)
    for _ in range(STEPS):
        shop.happens()
    kinds = {kind for _, _, kind, _ in shop.history}
    assert len(kinds) >= 12  # the history is not an empty one, and refusals are part of it
    assert len(shop.refused) >= 4
    expected = fold_shop(shop.history)
    versions = {stream: version for stream, version, _, _ in shop.history}
    for collection, documents in expected.items():
        for stream, document in documents.items():
            if collection != "customer_orders":  # the projector's own field, on primary documents
                assert document.pop("version") == versions[stream]
        assert {one["_id"]: one for one in shop.seen.all(collection)} == documents
