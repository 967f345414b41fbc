"""Customers, products, promotions and orders as HTTP shows them. Amounts are minor units, moments RFC 3339 in UTC."""

from __future__ import annotations

import msgspec


class Dto(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What all have in common."""


class CustomerDto(Dto, frozen=True, kw_only=True):
    customer_id: str
    name: str
    email: str
    phone: str
    segment: str
    region: str
    birth_year: int | None
    gender: str | None
    registered_at: str
    version: int


class CustomerList(Dto, frozen=True, kw_only=True):
    """Newest first; `cursor` gets the next page, and is null on the last one."""

    customers: list[CustomerDto]
    cursor: str | None


class ProductDto(Dto, frozen=True, kw_only=True):
    product_id: str
    sku: str
    name: str
    category: str
    price: int
    currency: str
    listed_at: str
    version: int


class ProductList(Dto, frozen=True, kw_only=True):
    """By sku; `cursor` gets the next page, and is null on the last one."""

    products: list[ProductDto]
    cursor: str | None


class PromotionDto(Dto, frozen=True, kw_only=True):
    """It runs from `from` until just before `until`, which is when it was ended, if it was."""

    promotion_id: str
    name: str
    starts_at: str = msgspec.field(name="from")
    ends_at: str = msgspec.field(name="until")
    ended: bool
    version: int


class PromotionList(Dto, frozen=True, kw_only=True):
    """The latest to start first; `cursor` gets the next page, and is null on the last one."""

    promotions: list[PromotionDto]
    cursor: str | None


class OrderLineDto(Dto, frozen=True, kw_only=True):
    sku: str
    quantity: int
    amount: int


class RefundDto(Dto, frozen=True, kw_only=True):
    sku: str
    amount: int


class OrderDto(Dto, frozen=True, kw_only=True):
    """Segment and region are those of when it was placed. `refunds` has one entry a sku."""

    order_id: str
    customer_id: str
    status: str
    placed_at: str
    shipped_at: str | None
    delivered_at: str | None
    cancelled_at: str | None
    currency: str
    amount: int
    refunded: int
    segment: str
    region: str
    promotion_id: str | None
    lines: list[OrderLineDto]
    refunds: list[RefundDto]
    version: int


class OrderList(Dto, frozen=True, kw_only=True):
    """Newest first; `cursor` gets the next page, and is null on the last one."""

    orders: list[OrderDto]
    cursor: str | None


class CustomerOrderDto(Dto, frozen=True, kw_only=True):
    """One order with its customer's contact of now."""

    customer_id: str
    name: str
    email: str
    phone: str
    order_id: str
    placed_at: str
    amount: int
    currency: str
    refunded: int
    cancelled: bool


class CustomerOrderList(Dto, frozen=True, kw_only=True):
    """Newest first; `cursor` gets the next page, and is null on the last one."""

    customer_orders: list[CustomerOrderDto]
    cursor: str | None
