"""Rows of a Superstore file as products, customers and orders: what is sent of each, or why a row cannot be sent. Pure
but for reading the file.

Everything has its id and Idempotency-Keys from the file's own ids, so loading twice is loading once. A row is one line
of an order. A product id with two names has the last one listed. A customer has no region in the file, only its orders
do: it gets that of its first order. Emails and phones are made up, for there are none. Sales are rounded half to even.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

import click
import msgspec

from cli.submissions import Refusal

COLUMNS = (
    "Order ID", "Order Date", "Ship Date", "Customer ID", "Customer Name", "Segment", "Region", "Product ID",
    "Category", "Product Name", "Sales", "Quantity",
)  # fmt: skip
CURRENCY = "USD"
_SPACE = "https://superstore.example/"


class Product(msgspec.Struct, kw_only=True):
    """`price` is that of one piece in the last line that sold it."""

    row: int
    sku: str
    name: str
    category: str
    price: int
    listed_at: datetime


class Customer(msgspec.Struct, kw_only=True):
    row: int
    id: str
    name: str
    segment: str
    region: str
    registered_at: datetime

    @property
    def customer_id(self) -> UUID:
        return customer_id(self.id)

    @property
    def email(self) -> str:
        return f"{self.id.lower()}@superstore.example"

    @property
    def phone(self) -> str:
        return "+1 555 " + "".join(each for each in self.id if each.isdigit())


class Line(msgspec.Struct):
    sku: str
    quantity: int
    amount: int


class Order(msgspec.Struct, kw_only=True):
    row: int
    id: str
    customer: str
    region: str
    placed_at: datetime
    delivered_at: datetime
    lines: list[Line]

    @property
    def order_id(self) -> UUID:
        return uuid5(NAMESPACE_URL, f"{_SPACE}orders/{self.id}")

    @property
    def amount(self) -> int:
        return sum(line.amount for line in self.lines)


class Superstore(msgspec.Struct):
    """All that can be sent, by the file's ids, and what cannot."""

    rows: int
    products: dict[str, Product]
    customers: dict[str, Customer]
    orders: dict[str, Order]
    refused: list[Refusal]


def customer_id(identifier: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"{_SPACE}customers/{identifier}")


def cents(sales: str) -> int:
    """Raises ValueError for what is no amount."""
    try:
        amount = Decimal(sales)
    except InvalidOperation:
        raise ValueError(f"Sales is no number: {sales[:40]}") from None
    if not 0 <= amount < 10**9:
        raise ValueError(f"Sales is no amount: {sales[:40]}")
    return int((amount * 100).quantize(Decimal(1), ROUND_HALF_EVEN))


def read_superstore(file: Path) -> Superstore:
    """Raises ClickException for a file that is none of these."""
    try:
        with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
            rows = csv.DictReader(lines)
            missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
            if missing:
                raise click.ClickException(
                    f"{file} lacks the column {missing[0]}; its first line must name {', '.join(COLUMNS)}"
                )
            return _sort(rows)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error.strerror}") from error
    except csv.Error as error:
        raise click.ClickException(f"{file} is not a CSV file: {error}") from error


def _sort(rows: Iterable[dict[str, str | None]]) -> Superstore:
    found = Superstore(0, {}, {}, {}, [])
    for number, row in enumerate(rows, 1):
        found.rows += 1
        try:
            _take(found, number, row)
        except ValueError as reason:
            identifier = (row["Order ID"] or "").encode(errors="replace").decode()[:100]
            found.refused.append(Refusal(number, identifier, str(reason)))
    return found


def _take(found: Superstore, number: int, row: dict[str, str | None]) -> None:
    """The row is among what is found. Raises ValueError, and then nothing of it is."""
    texts = {name: value.strip() for name, value in row.items() if isinstance(value, str)}
    if len(texts) < len(row) or None in row:
        raise ValueError("the row has another number of fields than the first line")
    if any("\ud800" <= letter <= "\udfff" for text in texts.values() for letter in text):
        raise ValueError("the row is not UTF-8")
    placed_at, delivered_at = _day(texts["Order Date"]), _day(texts["Ship Date"])
    if delivered_at < placed_at:
        raise ValueError("it was delivered before it was ordered")
    if not texts["Quantity"].isdecimal() or not 1 <= int(texts["Quantity"]) <= 10**6:
        raise ValueError(f"Quantity is no number of pieces: {texts['Quantity'][:40]}")
    quantity, amount = int(texts["Quantity"]), cents(texts["Sales"])
    sku, buyer, identifier = texts["Product ID"], texts["Customer ID"], texts["Order ID"]
    order = found.orders.get(identifier)
    if order is None:
        order = Order(
            row=number, id=identifier, customer=buyer, region=texts["Region"], placed_at=placed_at,
            delivered_at=delivered_at, lines=[],
        )  # fmt: skip
    elif (order.customer, order.region, order.placed_at, order.delivered_at) != (
        buyer, texts["Region"], placed_at, delivered_at,
    ):  # fmt: skip
        raise ValueError(f"it says another customer, region or day of this order than row {order.row}")
    customer = found.customers.get(buyer)
    if customer is None:
        customer = Customer(
            row=number, id=buyer, name=texts["Customer Name"], segment=texts["Segment"], region=texts["Region"],
            registered_at=placed_at,
        )  # fmt: skip
    elif (customer.name, customer.segment) != (texts["Customer Name"], texts["Segment"]):
        raise ValueError(f"it says another name or segment of this customer than row {customer.row}")
    elif placed_at < customer.registered_at:
        customer.region, customer.registered_at = texts["Region"], placed_at
    order.lines.append(Line(sku, quantity, amount))
    known = found.products.get(sku)
    found.orders[identifier], found.customers[buyer] = order, customer
    found.products[sku] = Product(
        row=known.row if known else number, sku=sku, name=texts["Product Name"], category=texts["Category"],
        price=round(amount / quantity), listed_at=min(known.listed_at, placed_at) if known else placed_at,
    )  # fmt: skip


def _day(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%m/%d/%Y").replace(tzinfo=UTC)
    except ValueError:
        raise ValueError(f"it is no date (month/day/year): {text[:40]}") from None
