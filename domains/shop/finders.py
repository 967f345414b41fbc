"""Finders of the shop: what the documents of views.py answer, as DTOs. No driver, no HTTP.

Every list is a bounded page, walked along one of the projection's indexes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from app.queries.cursors import format_cursor, parse_cursor
from app.queries.documents import Documents
from app.queries.mongo import Document
from domains.shop.customer import compared
from domains.shop.dtos import (
    CustomerDto,
    CustomerList,
    CustomerOrderList,
    OrderDto,
    OrderList,
    ProductDto,
    ProductList,
    PromotionDto,
    PromotionList,
)
from domains.shop.product import product_id
from domains.shop.shown import customer_dto, customer_order_dto, order_dto, product_dto, promotion_dto
from domains.shop.views_customer_orders import NAME as CUSTOMER_ORDERS

STATUSES = ("placed", "shipped", "delivered", "cancelled")


class Position(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Sort key of every list: the text it is sorted by, then the document's id."""

    value: str
    stream: str


async def find_customer(documents: Documents, customer_id: str) -> CustomerDto | None:
    found = await documents.get("customers", f"customer-{customer_id}")
    return None if found is None else customer_dto(found)


async def find_customers(documents: Documents, email: str | None, limit: int, cursor: str | None) -> CustomerList:
    """All, newest first; or those (at most one, as soon as all is projected) with this email."""
    if email is not None and not email.isprintable():
        return CustomerList(customers=[], cursor=None)  # no email holds these, and MongoDB refuses to look for some
    where = {} if email is None else {"emailCompared": compared(email)}
    found, following = await page(documents, "customers", where, "registeredAt", limit, cursor)
    return CustomerList(customers=[customer_dto(one) for one in found], cursor=following)


async def find_product(documents: Documents, sku: str) -> ProductDto | None:
    found = await documents.get("products", f"product-{product_id(sku)}")
    return None if found is None else product_dto(found)


async def find_products(documents: Documents, limit: int, cursor: str | None) -> ProductList:
    found, following = await page(documents, "products", {}, "sku", limit, cursor, ascending=True)
    return ProductList(products=[product_dto(one) for one in found], cursor=following)


async def find_promotion(documents: Documents, promotion_id: str) -> PromotionDto | None:
    found = await documents.get("promotions", f"promotion-{promotion_id}")
    return None if found is None else promotion_dto(found)


async def find_promotions(documents: Documents, limit: int, cursor: str | None) -> PromotionList:
    found, following = await page(documents, "promotions", {}, "startsAt", limit, cursor)
    return PromotionList(promotions=[promotion_dto(one) for one in found], cursor=following)


async def find_order(documents: Documents, order_id: str) -> OrderDto | None:
    found = await documents.get("orders", f"order-{order_id}")
    return None if found is None else order_dto(found)


async def find_orders(documents: Documents, status: str | None, limit: int, cursor: str | None) -> OrderList:
    where = {"status": {"$in": list(STATUSES)} if status is None else status}
    found, following = await page(documents, "orders", where, "placedAt", limit, cursor)
    return OrderList(orders=[order_dto(one) for one in found], cursor=following)


async def find_customer_orders(
    documents: Documents, customer_id: str | None, limit: int, cursor: str | None
) -> CustomerOrderList:
    """All rows, or one customer's, newest first."""
    where = {"cancelled": {"$in": [False, True]}} if customer_id is None else {"customerId": customer_id}
    found, following = await page(documents, CUSTOMER_ORDERS, where, "placedAt", limit, cursor)
    return CustomerOrderList(customer_orders=[customer_order_dto(one) for one in found], cursor=following)


async def page(
    documents: Documents,
    collection: str,
    where: Mapping[str, Any],
    by: str,
    limit: int,
    cursor: str | None,
    *,
    ascending: bool = False,
    name: str | None = None,
) -> tuple[list[Document], str | None]:
    """The documents that match, sorted by a text and their ids; and the cursor behind them, if there are more.
    `where` may bound `by` from one side or both; a cursor bounds it further. `name`: the list's own, where `where` is
    another on every request."""
    name = name or f"{collection}/{by}/{msgspec.json.encode(where).decode()}"
    direction, beyond, from_there = (1, "$gt", "$gte") if ascending else (-1, "$lt", "$lte")
    clauses: list[Mapping[str, Any]] = [where] if where else []
    if cursor is not None:
        behind = parse_cursor(name, cursor, Position)
        clauses.append({by: {from_there: behind.value}})  # one range of the index; ties are looked at in vain
        clauses.append({"$or": [{by: {beyond: behind.value}}, {"_id": {beyond: behind.stream}}]})
    filtered = {"$and": clauses} if clauses else {}
    found = await documents.page(collection, filtered, ((by, direction), ("_id", direction)), limit + 1)
    shown = found[:limit]
    more = len(found) > limit
    return shown, format_cursor(name, Position(shown[-1][by], shown[-1]["_id"])) if more else None
