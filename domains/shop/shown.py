"""Documents as readers are shown them. Pure; fields that a DTO does not have stay behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from domains.shop.dtos import CustomerDto, CustomerOrderDto, OrderDto, ProductDto, PromotionDto

Shown = Mapping[str, Any]


def customer_dto(document: Shown) -> CustomerDto:
    return msgspec.convert(document, CustomerDto)


def product_dto(document: Shown) -> ProductDto:
    return msgspec.convert(document, ProductDto)


def promotion_dto(document: Shown) -> PromotionDto:
    return msgspec.convert({**document, "from": document["startsAt"], "until": document["endsAt"]}, PromotionDto)


def order_dto(document: Shown) -> OrderDto:
    return msgspec.convert(document, OrderDto)


def customer_order_dto(document: Shown) -> CustomerOrderDto:
    return msgspec.convert(document, CustomerOrderDto)
