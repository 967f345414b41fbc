"""The aggregates of the shop: what history, snapshots and the archive find of this domain."""

from __future__ import annotations

from typing import Any

from domains.shop.customer import CUSTOMER
from domains.shop.order import ORDER
from domains.shop.product import PRODUCT
from domains.shop.promotion import PROMOTION
from kernel.aggregate import Aggregate

AGGREGATES: list[Aggregate[Any]] = [CUSTOMER, PRODUCT, PROMOTION, ORDER]
