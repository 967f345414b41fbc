"""A product as its rules see it. Pure. Its stream is derived from its sku: listed once, and found without a lookup."""

from __future__ import annotations

import re
from datetime import datetime
from typing import assert_never

import msgspec

from domains.shop.events import ProductEvent, ProductListed, ProductRenamed, ProductRepriced
from domains.shop.rules import AlreadyExists, BadField, NotFound, currency, money, text
from kernel.aggregate import Aggregate, Decision
from kernel.identifiers import derived_id

SKU_PATTERN = r"^[0-9A-Za-z][0-9A-Za-z._~-]{0,63}$"

_SKU = re.compile(SKU_PATTERN.strip("^$"), re.ASCII)


class Product(msgspec.Struct, frozen=True):
    name: str = ""
    price: int = 0
    currency: str = ""
    exists: bool = False


def evolve(product: Product, event: ProductEvent) -> Product:
    match event:
        case ProductListed():
            return Product(name=event.name, price=event.price, currency=event.currency, exists=True)
        case ProductRenamed(name=name):
            return msgspec.structs.replace(product, name=name)
        case ProductRepriced(price=price, currency=in_currency):
            return msgspec.structs.replace(product, price=price, currency=in_currency)
        case _:
            assert_never(event)


PRODUCT = Aggregate(
    category="product", domain="shop", initial=Product(), evolve=evolve, state_type=Product, snapshot_every=200
)


class ListProduct(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    category: str
    price: int
    currency: str


class RenameProduct(msgspec.Struct, frozen=True, kw_only=True):
    name: str


class RepriceProduct(msgspec.Struct, frozen=True, kw_only=True):
    """The currency stays as it is where none is given."""

    price: int
    currency: str | None = None


ProductCommand = ListProduct | RenameProduct | RepriceProduct


def product_id(sku: str) -> str:
    """The id of the product with this sku, for ever (UUIDv5)."""
    return derived_id("shop", "products", sku)


def checked_sku(value: str) -> str:
    if not _SKU.fullmatch(value):
        raise BadField("sku is 1 to 64 letters, digits and . _ ~ -, the first a letter or a digit", field="sku")
    return value


def decide(product: Product, command: ProductCommand, sku: str, at: datetime) -> Decision:
    """The facts a command leads to, as of `at`. Raises a DomainError where a rule refuses it."""
    if isinstance(command, ListProduct):
        if product.exists:
            raise AlreadyExists(f"the sku {sku} is listed already")
        listed = ProductListed(
            occurred_at=at,
            sku=checked_sku(sku),
            name=text("name", command.name),
            category=text("category", command.category),
            price=money("price", command.price),
            currency=currency(command.currency),
        )
        return Decision((listed,))
    if not product.exists:
        raise NotFound(f"there is no product with the sku {sku}")
    match command:
        case RenameProduct(name=given):
            name = text("name", given)
            return Decision(() if name == product.name else (ProductRenamed(occurred_at=at, sku=sku, name=name),))
        case RepriceProduct(price=given, currency=given_currency):
            price = money("price", given)
            in_currency = product.currency if given_currency is None else currency(given_currency)
            if (price, in_currency) == (product.price, product.currency):
                return Decision()
            return Decision((ProductRepriced(occurred_at=at, sku=sku, price=price, currency=in_currency),))
        case _:
            assert_never(command)
