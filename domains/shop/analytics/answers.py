"""The answers as HTTP gives them: their rows, whose days they are about, as of when, and how fresh they are."""

from __future__ import annotations

from typing import Any

import msgspec

from app.queries.documents import Documents
from app.queries.progress import Progress, find_progress
from domains.shop.analytics.asked import Asked
from domains.shop.analytics.fulfilment import fulfilment_time
from domains.shop.analytics.people import repeat_customers, revenue_by_region
from domains.shop.analytics.products import top_products
from domains.shop.analytics.promotions import promotion_effect
from domains.shop.analytics.rows import (
    FulfilmentRow,
    MonthRow,
    ProductRow,
    Promotion,
    PromotionRow,
    RegionRow,
    RepeatRow,
    SegmentRow,
)
from domains.shop.analytics.sales import sales_by_month, segments
from kernel.events import wire_time

PROJECTION = "shop"


class Answer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What every answer says of itself. `documents_read` is how many documents it was made of."""

    first: str = msgspec.field(name="from")
    last: str = msgspec.field(name="until")
    tz: str
    as_of: str
    freshness: Progress
    documents_read: int


class SalesByMonth(Answer, frozen=True, kw_only=True):
    segment: str
    restated: bool
    rows: list[MonthRow]


class Segments(Answer, frozen=True, kw_only=True):
    rows: list[SegmentRow]


class TopProducts(Answer, frozen=True, kw_only=True):
    rows: list[ProductRow]


class RepeatCustomers(Answer, frozen=True, kw_only=True):
    rows: list[RepeatRow]


class FulfilmentTime(Answer, frozen=True, kw_only=True):
    rows: list[FulfilmentRow]


class PromotionEffect(Answer, frozen=True, kw_only=True):
    """`promotion` is null when none has started in the window."""

    promotion: Promotion | None
    rows: list[PromotionRow]


class RevenueByRegion(Answer, frozen=True, kw_only=True):
    rows: list[RegionRow]


ROWS: dict[type[Answer], type[msgspec.Struct]] = {
    SalesByMonth: MonthRow, Segments: SegmentRow, TopProducts: ProductRow, RepeatCustomers: RepeatRow,
    FulfilmentTime: FulfilmentRow, PromotionEffect: PromotionRow, RevenueByRegion: RegionRow,
}  # fmt: skip


async def answer(
    kind: type[Answer],
    documents: Documents,
    asked: Asked,
    tz: str,
    *,
    is_admin: bool = False,
    current: bool = False,
    restated: bool = False,
) -> Any:
    """The answer of this kind, all of one moment. `is_admin` shows cells of few people; the other two are of
    SalesByMonth."""
    freshness = await find_progress(documents, PROJECTION)
    more: dict[str, Any] = {}
    async with documents.snapshot() as snapshot:
        if kind is SalesByMonth:
            more = {"segment": "current" if current else "order", "restated": restated}
            more["rows"] = await sales_by_month(snapshot, asked, current=current, restated=restated)
        elif kind is Segments:
            more["rows"] = await segments(snapshot, asked)
        elif kind is TopProducts:
            more["rows"] = await top_products(snapshot, asked)
        elif kind is RepeatCustomers:
            more["rows"] = [await repeat_customers(snapshot, asked)]
        elif kind is FulfilmentTime:
            more["rows"] = await fulfilment_time(snapshot, asked)
        elif kind is PromotionEffect:
            more["promotion"], more["rows"] = await promotion_effect(snapshot, asked)
        else:
            more["rows"] = await revenue_by_region(snapshot, asked, all_cells=is_admin)
    return kind(
        first=asked.first.isoformat(), last=asked.until.isoformat(), tz=tz,
        as_of=wire_time(asked.as_of or asked.now), freshness=freshness, documents_read=snapshot.documents_read, **more,
    )  # fmt: skip
