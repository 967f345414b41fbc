"""The reads of the shop over HTTP: headers and path in, DTO out. Every read takes a Consistency-Token.

They show personal data to staff: all need the scope `shop:read`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias
from uuid import UUID

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, PathParameter, QueryParameter

from app.auth import requires
from app.problems import READ_PROBLEMS, Problem
from app.queries.answers import NOT_MODIFIED, answer_hashed, answer_versioned
from app.queries.cursors import DEFAULT_LIMIT
from app.queries.parameters import Cursor, IfNoneMatch, Limit, Prefer, Reads, Token
from app.routing import get
from domains.shop import finders
from domains.shop.analytics.routes import ANALYTICS_ROUTES
from domains.shop.customer import CUSTOMER, EMAIL_LIMIT
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
from domains.shop.order import ORDER
from domains.shop.product import PRODUCT, SKU_PATTERN
from domains.shop.promotion import PROMOTION
from domains.shop.report_routes import REPORT_ROUTES

Sku: TypeAlias = Annotated[str, PathParameter(pattern=SKU_PATTERN)]
Status: TypeAlias = Annotated[
    Literal["placed", "shipped", "delivered", "cancelled"] | None, QueryParameter(description="Only orders that are so")
]

_COMMON: dict[str, Any] = {
    "guards": [requires("shop:read")],
    "responses": {304: NOT_MODIFIED, **READ_PROBLEMS},
    "security": [{"bearer": ["shop:read"]}],
}


@get("/customers", summary="Customers, newest first, or the one with an email", tags=["customers"], **_COMMON)
async def list_customers(
    queries: Reads,
    consistency_token: Token = None,
    prefer: Prefer = None,
    if_none_match: IfNoneMatch = None,
    email: Annotated[str | None, QueryParameter(max_length=EMAIL_LIMIT, description="In any case")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response[CustomerList]:
    await queries.freshness.wait(consistency_token, prefer)
    return answer_hashed(await finders.find_customers(queries.documents, email, limit, cursor), if_none_match)


@get("/customers/{customer_id:uuid}", summary="A customer", tags=["customers"], **_COMMON)
async def get_customer(
    customer_id: FromPath[UUID],
    queries: Reads,
    consistency_token: Token = None,
    prefer: Prefer = None,
    if_none_match: IfNoneMatch = None,
) -> Response[CustomerDto]:
    await queries.freshness.wait(consistency_token, prefer)
    found = await finders.find_customer(queries.documents, str(customer_id))
    if found is None:
        raise Problem(404, "not-found", f"there is no customer {customer_id}")
    return answer_versioned(found, CUSTOMER.stream(customer_id), found.version, if_none_match)


@get("/customer-orders", summary="Orders with their customers' contact of now", tags=["orders"], **_COMMON)
async def list_customer_orders(
    queries: Reads,
    consistency_token: Token = None,
    prefer: Prefer = None,
    if_none_match: IfNoneMatch = None,
    customer: Annotated[UUID | None, QueryParameter(description="Only this customer's")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response[CustomerOrderList]:
    await queries.freshness.wait(consistency_token, prefer)
    of = None if customer is None else str(customer)
    return answer_hashed(await finders.find_customer_orders(queries.documents, of, limit, cursor), if_none_match)


@get("/orders", summary="Orders, newest first", tags=["orders"], **_COMMON)
async def list_orders(
    queries: Reads,
    consistency_token: Token = None,
    prefer: Prefer = None,
    if_none_match: IfNoneMatch = None,
    status: Status = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response[OrderList]:
    await queries.freshness.wait(consistency_token, prefer)
    return answer_hashed(await finders.find_orders(queries.documents, status, limit, cursor), if_none_match)


@get("/orders/{order_id:uuid}", summary="An order", tags=["orders"], **_COMMON)
async def get_order(
    order_id: FromPath[UUID],
    queries: Reads,
    consistency_token: Token = None,
    prefer: Prefer = None,
    if_none_match: IfNoneMatch = None,
) -> Response[OrderDto]:
    await queries.freshness.wait(consistency_token, prefer)
    found = await finders.find_order(queries.documents, str(order_id))
    if found is None:
        raise Problem(404, "not-found", f"there is no order {order_id}")
    return answer_versioned(found, ORDER.stream(order_id), found.version, if_none_match)


@get("/products", summary="Products, by sku", tags=["products"], **_COMMON)
async def list_products(
    queries: Reads,
    consistency_token: Token = None,
    prefer: Prefer = None,
    if_none_match: IfNoneMatch = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response[ProductList]:
    await queries.freshness.wait(consistency_token, prefer)
    return answer_hashed(await finders.find_products(queries.documents, limit, cursor), if_none_match)


@get("/products/{sku:str}", summary="A product", tags=["products"], **_COMMON)
async def get_product(
    sku: Sku,
    queries: Reads,
    consistency_token: Token = None,
    prefer: Prefer = None,
    if_none_match: IfNoneMatch = None,
) -> Response[ProductDto]:
    await queries.freshness.wait(consistency_token, prefer)
    found = await finders.find_product(queries.documents, sku)
    if found is None:
        raise Problem(404, "not-found", f"there is no product with the sku {sku}")
    return answer_versioned(found, PRODUCT.stream(found.product_id), found.version, if_none_match)


@get("/promotions", summary="Promotions, the latest first", tags=["promotions"], **_COMMON)
async def list_promotions(
    queries: Reads,
    consistency_token: Token = None,
    prefer: Prefer = None,
    if_none_match: IfNoneMatch = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Response[PromotionList]:
    await queries.freshness.wait(consistency_token, prefer)
    return answer_hashed(await finders.find_promotions(queries.documents, limit, cursor), if_none_match)


@get("/promotions/{promotion_id:uuid}", summary="A promotion", tags=["promotions"], **_COMMON)
async def get_promotion(
    promotion_id: FromPath[UUID],
    queries: Reads,
    consistency_token: Token = None,
    prefer: Prefer = None,
    if_none_match: IfNoneMatch = None,
) -> Response[PromotionDto]:
    await queries.freshness.wait(consistency_token, prefer)
    found = await finders.find_promotion(queries.documents, str(promotion_id))
    if found is None:
        raise Problem(404, "not-found", f"there is no promotion {promotion_id}")
    return answer_versioned(found, PROMOTION.stream(promotion_id), found.version, if_none_match)


QUERY_ROUTES: list[HTTPRouteHandler] = [
    list_customers,
    get_customer,
    list_customer_orders,
    list_orders,
    get_order,
    list_products,
    get_product,
    list_promotions,
    get_promotion,
    *REPORT_ROUTES,
    *ANALYTICS_ROUTES,
]
