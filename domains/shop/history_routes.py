"""Audit trails of customers, products, promotions and orders, and each as it was. From stored events, so never behind.

They are folded by the very parts of the projection that make the documents. Staff's: they need the scope `shop:read`.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias
from uuid import UUID

import msgspec
from litestar.di import NamedDependency
from litestar.params import FromPath, PathParameter, QueryParameter

from app.auth import requires
from app.history.answers import AuditEntry
from app.history.moments import moment
from app.history.reader import HistoryReader, Until
from app.history.replay import replay
from app.problems import READ_PROBLEMS
from app.routing import get
from domains.shop import views_catalogue, views_customers, views_orders
from domains.shop.customer import CUSTOMER
from domains.shop.dtos import CustomerDto, OrderDto, ProductDto, PromotionDto
from domains.shop.order import ORDER
from domains.shop.product import PRODUCT, SKU_PATTERN, product_id
from domains.shop.promotion import PROMOTION
from domains.shop.rules import NotFound
from domains.shop.shown import customer_dto, order_dto, product_dto, promotion_dto
from domains.shop.views import SHOP
from kernel.domain import load_schema
from kernel.projection import Document

READ: dict[str, Any] = {
    "guards": [requires("shop:read")],
    "responses": READ_PROBLEMS,
    "security": [{"bearer": ["shop:read"]}],
}
SCHEMA = load_schema("domains.shop")
# one stream's history holds no other's documents, so each is folded by its own part alone
CUSTOMERS, CATALOGUE, ORDERS = (
    msgspec.structs.replace(SHOP, fold=part.fold) for part in (views_customers, views_catalogue, views_orders)
)

History: TypeAlias = NamedDependency[HistoryReader]
After: TypeAlias = Annotated[int, QueryParameter(ge=0, lt=2**62, description="Only versions above this")]
Limit: TypeAlias = Annotated[int, QueryParameter(ge=1, le=500)]
Version: TypeAlias = Annotated[int | None, QueryParameter(ge=1, lt=2**62)]
AsOf: TypeAlias = Annotated[str | None, QueryParameter(name="as_of", description="When it had happened")]
AsKnownAt: TypeAlias = Annotated[str | None, QueryParameter(name="as_known_at", description="When we knew")]
Sku: TypeAlias = Annotated[str, PathParameter(pattern=SKU_PATTERN)]


class ShopAuditTrail(msgspec.Struct, rename="camel"):
    """Events in order. `next` is the `after` of the next page, null on the last."""

    stream: str
    version: int
    events: list[AuditEntry]
    next: int | None


@get("/customers/{customer_id:uuid}/events", summary="A customer's audit trail", tags=["customers"], **READ)
async def customer_events(
    history: History, customer_id: FromPath[UUID], after: After = 0, limit: Limit = 100
) -> ShopAuditTrail:
    return await _trail(history, CUSTOMER.stream(customer_id), after, limit)


@get("/customers/{customer_id:uuid}/history", summary="A customer as it was", tags=["customers"], **READ)
async def customer_history(
    history: History,
    customer_id: FromPath[UUID],
    version: Version = None,
    as_of: AsOf = None,
    as_known_at: AsKnownAt = None,
) -> CustomerDto:
    return customer_dto(await _then(history, CUSTOMERS, CUSTOMER.stream(customer_id), version, as_of, as_known_at))


@get("/products/{sku:str}/events", summary="A product's audit trail", tags=["products"], **READ)
async def product_events(history: History, sku: Sku, after: After = 0, limit: Limit = 100) -> ShopAuditTrail:
    return await _trail(history, PRODUCT.stream(product_id(sku)), after, limit)


@get("/products/{sku:str}/history", summary="A product as it was", tags=["products"], **READ)
async def product_history(
    history: History, sku: Sku, version: Version = None, as_of: AsOf = None, as_known_at: AsKnownAt = None
) -> ProductDto:
    return product_dto(await _then(history, CATALOGUE, PRODUCT.stream(product_id(sku)), version, as_of, as_known_at))


@get("/promotions/{promotion_id:uuid}/events", summary="A promotion's audit trail", tags=["promotions"], **READ)
async def promotion_events(
    history: History, promotion_id: FromPath[UUID], after: After = 0, limit: Limit = 100
) -> ShopAuditTrail:
    return await _trail(history, PROMOTION.stream(promotion_id), after, limit)


@get("/promotions/{promotion_id:uuid}/history", summary="A promotion as it was", tags=["promotions"], **READ)
async def promotion_history(
    history: History,
    promotion_id: FromPath[UUID],
    version: Version = None,
    as_of: AsOf = None,
    as_known_at: AsKnownAt = None,
) -> PromotionDto:
    return promotion_dto(await _then(history, CATALOGUE, PROMOTION.stream(promotion_id), version, as_of, as_known_at))


@get("/orders/{order_id:uuid}/events", summary="An order's audit trail", tags=["orders"], **READ)
async def order_events(
    history: History, order_id: FromPath[UUID], after: After = 0, limit: Limit = 100
) -> ShopAuditTrail:
    return await _trail(history, ORDER.stream(order_id), after, limit)


@get("/orders/{order_id:uuid}/history", summary="An order as it was", tags=["orders"], **READ)
async def order_history(
    history: History,
    order_id: FromPath[UUID],
    version: Version = None,
    as_of: AsOf = None,
    as_known_at: AsKnownAt = None,
) -> OrderDto:
    return order_dto(await _then(history, ORDERS, ORDER.stream(order_id), version, as_of, as_known_at))


HISTORY_ROUTES = [
    customer_events,
    customer_history,
    product_events,
    product_history,
    promotion_events,
    promotion_history,
    order_events,
    order_history,
]


async def _trail(history: HistoryReader, stream: str, after: int, limit: int) -> ShopAuditTrail:
    version = await history.version(stream)
    if version == 0:
        raise NotFound(f"there is no {stream}")
    page = await history.page(stream, after, limit)
    entries = [AuditEntry.of(one) for one in page]
    more = bool(page) and page[-1].version < version
    return ShopAuditTrail(stream, version, entries, page[-1].version if more else None)


async def _then(
    history: HistoryReader,
    projection: Any,
    stream: str,
    version: int | None,
    as_of: str | None,
    as_known_at: str | None,
) -> Document:
    """The primary document as it was. Raises NotFound where there was none."""
    until = Until(version, moment("as_of", as_of), moment("as_known_at", as_known_at))
    then = await replay(projection, SCHEMA, history.all(stream, until))
    document = then.documents.get(SHOP.primary_ref(stream))
    if document is None:
        raise NotFound(f"there was no {stream} then")
    return {**document, "version": then.version}
