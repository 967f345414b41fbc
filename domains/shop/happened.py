"""What happened in the shop, event by event, kept as plainly as can be: what the plain computation reads. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from domains.shop import events
from domains.shop.analytics.asked import Asked
from domains.shop.analytics.windows import Window
from kernel.events import Event


class Order(msgspec.Struct):
    """An order that was not cancelled."""

    placed: events.OrderPlaced
    delivered_at: datetime | None = None
    refunds: list[tuple[datetime, tuple[events.RefundLine, ...]]] = []

    @property
    def amount(self) -> int:
        return sum(line.amount for line in self.placed.lines)


class Happened:
    """Everything that happened, told event by event in any order that keeps each stream's."""

    def __init__(self, history: Iterable[tuple[str, Event]]) -> None:
        self.orders: dict[str, Order] = {}
        self.segments: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.promotions: dict[str, tuple[str, datetime, datetime]] = {}
        for stream, event in history:
            self._take(stream.partition("-")[2], event)

    def _take(self, identifier: str, event: Event) -> None:
        match event:
            case events.CustomerRegistered() | events.CustomerSegmentChanged():
                self.segments[identifier] = event.segment
            case events.ProductListed() | events.ProductRenamed():
                self.names[event.sku] = event.name
            case events.PromotionStarted():
                self.promotions[identifier] = (event.name, event.starts_at, event.ends_at)
            case events.PromotionEnded():
                name, starts_at, _ = self.promotions[identifier]
                self.promotions[identifier] = (name, starts_at, event.occurred_at)
            case events.OrderPlaced():
                self.orders[identifier] = Order(event)
            case events.OrderDelivered():
                self.orders[identifier].delivered_at = event.occurred_at
            case events.OrderCancelled():
                del self.orders[identifier]
            case events.OrderRefunded():
                self.orders[identifier].refunds.append((event.occurred_at, event.lines))

    def orders_of(self, asked: Asked) -> list[Order]:
        return [
            order for order in self.orders.values() if asked.currency is None or order.placed.currency == asked.currency
        ]

    def placed_in(self, asked: Asked, window: Window) -> list[Order]:
        return [order for order in self.orders_of(asked) if window.holds(order.placed.placed_at)]

    def refunded_in(self, asked: Asked, window: Window) -> list[tuple[Order, int]]:
        """Each refund that was given in the window, with its order."""
        return [
            (order, amount)
            for order in self.orders_of(asked)
            for given_at, amount in refunds_of(order)
            if window.holds(given_at)
        ]


def refunds_of(order: Order) -> list[tuple[datetime, int]]:
    return [(given_at, sum(line.amount for line in lines)) for given_at, lines in order.refunds]
