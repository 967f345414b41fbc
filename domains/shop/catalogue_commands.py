"""The commands of products and promotions over HTTP: bodies in, commands out, versions back.

A product is addressed by its sku; its id is derived from it.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias
from uuid import UUID

import msgspec
from litestar import Response
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, PathParameter

from app.commands.http import CommandGate
from app.commands.pipeline import Target
from app.door import DoorRequest
from app.routing import post, put
from domains.shop import product, promotion
from domains.shop.product import (
    PRODUCT,
    SKU_PATTERN,
    ListProduct,
    ProductCommand,
    RenameProduct,
    RepriceProduct,
    checked_sku,
    product_id,
)
from domains.shop.promotion import PROMOTION, EndPromotion, PromotionCommand, StartPromotion
from domains.shop.sending import (
    BARE_STEP,
    STEP,
    WRITE,
    Bare,
    Body,
    Moment,
    ShopChanged,
    new_id,
    send_changed,
    utc,
    when,
)

PRODUCTS: dict[str, Any] = {"tags": ["products"]}
PROMOTIONS: dict[str, Any] = {"tags": ["promotions"]}
Sku: TypeAlias = Annotated[str, PathParameter(pattern=SKU_PATTERN)]


class NewProduct(Body, frozen=True, kw_only=True):
    sku: str
    name: str
    category: str
    price: int
    currency: str


class NewName(Body, frozen=True, kw_only=True):
    name: str


class NewPrice(Body, frozen=True, kw_only=True):
    """The currency stays as it is where none is given."""

    price: int
    currency: str | None = None


class NewPromotion(Body, frozen=True, kw_only=True):
    """It runs from `from` until just before `until`."""

    name: str
    starts_at: Moment = msgspec.field(name="from")
    ends_at: Moment = msgspec.field(name="until")
    id: UUID | None = None


@post("/products", summary="List a product; a sku is listed once", **WRITE, **PRODUCTS)
async def list_product(
    request: DoorRequest, gate: NamedDependency[CommandGate], data: JSONBody[NewProduct]
) -> Response[ShopChanged]:
    sku = checked_sku(data.sku)
    command = ListProduct(name=data.name, category=data.category, price=data.price, currency=data.currency)
    return await _send_product(gate, request, sku, command, data, f"/api/v1/products/{sku}")


@put("/products/{sku:str}/name", summary="Rename a product", **STEP, **PRODUCTS)
async def rename_product(
    request: DoorRequest, gate: NamedDependency[CommandGate], sku: Sku, data: JSONBody[NewName]
) -> Response[ShopChanged]:
    return await _send_product(gate, request, sku, RenameProduct(name=data.name), data)


@put("/products/{sku:str}/price", summary="Reprice a product", **STEP, **PRODUCTS)
async def reprice_product(
    request: DoorRequest, gate: NamedDependency[CommandGate], sku: Sku, data: JSONBody[NewPrice]
) -> Response[ShopChanged]:
    return await _send_product(gate, request, sku, RepriceProduct(price=data.price, currency=data.currency), data)


@post("/promotions", summary="Announce a promotion with its time", **WRITE, **PROMOTIONS)
async def start_promotion(
    request: DoorRequest, gate: NamedDependency[CommandGate], data: JSONBody[NewPromotion]
) -> Response[ShopChanged]:
    promotion_id = new_id(request, data.id, "promotions")
    command = StartPromotion(name=data.name, starts_at=utc("from", data.starts_at), ends_at=utc("until", data.ends_at))
    return await _send_promotion(gate, request, promotion_id, command, data, f"/api/v1/promotions/{promotion_id}")


@post("/promotions/{promotion_id:uuid}/end", summary="End a promotion before its time", **BARE_STEP, **PROMOTIONS)
async def end_promotion(
    request: DoorRequest,
    gate: NamedDependency[CommandGate],
    promotion_id: FromPath[UUID],
    data: JSONBody[Bare | None] = None,
) -> Response[ShopChanged]:
    return await _send_promotion(gate, request, str(promotion_id), EndPromotion(), data)


CATALOGUE_COMMANDS = [list_product, rename_product, reprice_product, start_promotion, end_promotion]


async def _send_product(
    gate: CommandGate,
    request: DoorRequest,
    sku: str,
    command: ProductCommand,
    body: Body,
    location: str | None = None,
) -> Response[ShopChanged]:
    happened, identifier = when(request, body), product_id(sku)
    return await send_changed(
        gate,
        request,
        identifier,
        [Target(PRODUCT, PRODUCT.stream(identifier), new=location is not None)],
        lambda state, now: [product.decide(state, command, sku, happened.at(now))],
        location,
    )


async def _send_promotion(
    gate: CommandGate,
    request: DoorRequest,
    promotion_id: str,
    command: PromotionCommand,
    body: Body | None,
    location: str | None = None,
) -> Response[ShopChanged]:
    happened = when(request, body)
    return await send_changed(
        gate,
        request,
        promotion_id,
        [Target(PROMOTION, PROMOTION.stream(promotion_id), new=location is not None)],
        lambda state, now: [promotion.decide(state, command, promotion_id, happened.at(now))],
        location,
    )
