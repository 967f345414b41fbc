"""C6 for the shop: an email belongs to one customer at any prefix of the log, an order goes its one way, belongs to a
customer who is there, and never gives back more for a sku than was paid for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from checker.folds.shop import compared
from checker.notes import Notes
from checker.run import Run
from checker.spec import category_of
from checker.stored import Event

AFTER = {
    "OrderPlaced": {""},
    "OrderShipped": {"placed"},
    "OrderDelivered": {"shipped"},
    "OrderCancelled": {"placed"},
    "OrderRefunded": {"placed", "shipped", "delivered"},
}
"""Type → where the order must stand."""
LEADS_TO = {"OrderPlaced": "placed", "OrderShipped": "shipped", "OrderDelivered": "delivered", "OrderCancelled": "gone"}


def check_shop(run: Run, notes: Notes) -> None:
    log = sorted(run.events, key=lambda event: event.position)
    _emails([event for event in log if category_of(event.stream) == "customer"], notes)
    customers = {event.stream for event in log if event.type == "CustomerRegistered"}
    _orders([event for event in run.events if category_of(event.stream) == "order"], customers, notes)


def _emails(log: Iterable[Event], notes: Notes) -> None:
    holder: dict[str, str] = {}
    held: dict[str, str] = {}
    for event in log:
        notes.look("C6")
        if event.type not in ("CustomerRegistered", "CustomerContactChanged"):
            continue
        email = compared(str(event.data["email"]))
        if holder.get(held.get(event.stream, "")) == event.stream:
            del holder[held[event.stream]]
        other = holder.setdefault(email, event.stream)
        if other != event.stream:
            notes.breach("C6", f"{event.stream} and {other} have one email", event=event)
        held[event.stream] = email


def _orders(events: Iterable[Event], customers: set[str], notes: Notes) -> None:
    stream, status = "", ""
    left: Counter[str] = Counter()
    for event in events:
        notes.look("C6")
        if event.stream != stream:
            stream, status, left = event.stream, "", Counter()
        if status not in AFTER.get(event.type, ()):
            notes.breach("C6", f"{stream}@{event.version} {event.type} where the order is {status or 'not there'}")
        if f"customer-{event.data['customerId']}" not in customers:
            notes.breach("C6", f"{stream}@{event.version} is of a customer who is not there", data=event.data)
        if event.type == "OrderPlaced":
            for line in event.data["lines"]:
                left[line["sku"]] += line["amount"]
        elif event.type == "OrderRefunded":
            for line in event.data["lines"]:
                left[line["sku"]] -= line["amount"]
                if left[line["sku"]] < 0:
                    notes.breach("C6", f"{stream}@{event.version} gives back more of {line['sku']} than was paid")
        status = LEADS_TO.get(event.type, status)
