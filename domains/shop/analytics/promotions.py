"""What the last promotion did: windows as long as it, before, during and after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from domains.shop.analytics.asked import Asked
from domains.shop.analytics.reading import SALES, Snapshot, chosen, read
from domains.shop.analytics.rows import Promotion, PromotionRow
from domains.shop.analytics.windows import Window, nearest
from domains.shop.buckets import parts_of
from kernel.events import wire_time

Name = Literal["before", "during", "after"]
Announced = tuple[str, str, datetime, datetime]
"""A promotion: id, name, from, until."""


async def promotion_effect(snapshot: Snapshot, asked: Asked) -> tuple[Promotion | None, list[PromotionRow]]:
    """Of the promotion that started last in the window that was asked for, and not later than now."""
    promotion = last_started([_promotion(each) for each in await snapshot.find("promotions", {})], asked)
    if promotion is None:
        return None, []
    windows = windows_of(promotion, asked.now)
    signed = await read(
        snapshot, "shop_buckets", [nearest(window) for _, window in windows], ("bucket", "sales"), SALES
    )
    found: list[dict[str, list[int]]] = []
    for place in range(len(windows)):
        sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        for document, sign in signed.buckets_of(place):
            for key, cell in document["sales"].items():
                total = sums[parts_of(key)[0]]
                for at in range(3):
                    total[at] += sign * cell[at]
        for fact, sign in signed.facts_of(place):
            total = sums[fact["currency"]]
            total[0] += sign * (fact["kind"] == "sale")
            total[1] += sign * fact.get("sales", 0)
            total[2] += sign * fact.get("refunds", 0)
        found.append(sums)
    return promotion, promotion_rows(windows, found, asked.currency)


def last_started(promotions: list[Announced], asked: Asked) -> Promotion | None:
    """Of those that ever ran; of two that started together the one with the greater id."""
    begun = [each for each in promotions if asked.window.holds(each[2]) and each[2] <= asked.now and each[2] < each[3]]
    if not begun:
        return None
    identifier, name, starts_at, ends_at = max(begun, key=lambda each: (each[2], each[0]))
    return Promotion(
        id=identifier, name=name, starts_at=wire_time(starts_at), ends_at=wire_time(ends_at),
        still_running=asked.now < ends_at,
    )  # fmt: skip


def windows_of(promotion: Promotion, now: datetime) -> list[tuple[Name, Window]]:
    """Equally long: of a promotion that still runs as long as it has run, and none after it."""
    start, end = datetime.fromisoformat(promotion.starts_at), datetime.fromisoformat(promotion.ends_at)
    if promotion.still_running:
        end = now
    length = end - start
    windows: list[tuple[Name, Window]] = [("before", Window(start - length, start)), ("during", Window(start, end))]
    return windows if promotion.still_running else [*windows, ("after", Window(end, end + length))]


def promotion_rows(
    windows: list[tuple[Name, Window]], found: list[dict[str, list[int]]], wanted: str | None
) -> list[PromotionRow]:
    seen = {currency for sums in found for currency, cell in sums.items() if any(cell) and chosen(wanted, currency)}
    currencies: list[str | None] = [wanted] if wanted else [*sorted(seen)]
    rows = []
    for (name, window), sums in zip(windows, found, strict=True):
        for currency in currencies or [None]:
            orders, sales, refunds = sums.get(currency or "", (0, 0, 0))
            rows.append(
                PromotionRow(
                    window=name, starts_at=wire_time(window.start), ends_at=wire_time(window.end), currency=currency,
                    orders=orders, sales=sales, refunds=refunds, amount=sales - refunds,
                )
            )  # fmt: skip
    return rows


def _promotion(document: Mapping[str, Any]) -> Announced:
    starts_at, ends_at = datetime.fromisoformat(document["startsAt"]), datetime.fromisoformat(document["endsAt"])
    return document["promotionId"], document["name"], starts_at, ends_at
