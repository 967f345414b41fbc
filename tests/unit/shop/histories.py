"""Histories of a small shop, made up by Hypothesis: every rule is kept, and everything that may happen does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from domains.shop import events
from domains.shop.events import AnyShopEvent, OrderLine, RefundLine
from domains.shop.product import PRODUCT, product_id

History = list[tuple[str, AnyShopEvent]]

BEGIN, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 6, 1, tzinfo=UTC)
SEGMENTS, REGIONS, CURRENCIES = ("Consumer", "Home.$Office", "Corporate"), ("East", "West"), ("USD", "EUR")
SKUS = tuple(f"SKU.{number}" for number in range(8))
CUSTOMERS = 9

# many near a midnight or a month's end, where windows are cut
moments = st.one_of(
    st.datetimes(BEGIN.replace(tzinfo=None), END.replace(tzinfo=None), timezones=st.just(UTC)),
    st.builds(
        lambda day, minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=day, minutes=minutes),
        st.sampled_from([0, 1, 14, 30, 31, 32, 59, 60, 90, 91, 121]),
        st.integers(-700, 700).map(lambda minutes: minutes // 15 * 15),
    ).filter(lambda moment: moment >= BEGIN),
)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """Customers and products first, then orders and what becomes of each, one after another."""
    made: History = []
    people = [_customer(draw, number, made) for number in range(draw(st.integers(1, CUSTOMERS)))]
    for sku in SKUS[:6]:
        made.append((PRODUCT.stream(product_id(sku)), events.ProductListed(
            occurred_at=BEGIN, sku=sku, name=f"name of {sku}", category="c", price=1, currency="USD")))  # fmt: skip
    made.append(
        (PRODUCT.stream(product_id(SKUS[0])), events.ProductRenamed(occurred_at=END, sku=SKUS[0], name="new name"))
    )
    for number in range(draw(st.integers(0, 2))):
        start = draw(moments)
        end = start + timedelta(hours=draw(st.integers(1, 900)))
        promotion = f"promotion-{number}"
        made.append((promotion, events.PromotionStarted(occurred_at=start, name="p", starts_at=start, ends_at=end)))
        if draw(st.booleans()):
            ended = start + timedelta(hours=draw(st.integers(-20, 20)))
            made.append((promotion, events.PromotionEnded(occurred_at=min(ended, end - timedelta(hours=1)))))
    for number in range(draw(st.integers(0, 25))):
        _order(draw, f"order-{number:02}", draw(st.sampled_from(people)), made)
    return made


Customer = tuple[str, str, list[str], int | None, str | None]
"""Id, region, the segments it has been in, year of birth, gender."""


def _customer(draw: st.DrawFn, number: int, made: History) -> Customer:
    identifier = f"c{number}"
    segment, region = draw(st.sampled_from(SEGMENTS)), draw(st.sampled_from(REGIONS))
    year, gender = draw(st.sampled_from([None, 1950, 1989, 1999])), draw(st.sampled_from([None, "female"]))
    made.append((f"customer-{identifier}", events.CustomerRegistered(
        occurred_at=BEGIN, name="n", email=f"{number}@example.com", phone="123", segment=segment, region=region,
        birth_year=year, gender=gender)))  # fmt: skip
    segments = [segment]
    for other in draw(st.lists(st.sampled_from(SEGMENTS), max_size=2)):
        if other != segments[-1]:
            made.append((f"customer-{identifier}", events.CustomerSegmentChanged(
                occurred_at=END, segment=other, previous=segments[-1])))  # fmt: skip
            segments.append(other)
    return identifier, region, segments, year, gender


def _order(draw: st.DrawFn, stream: str, customer: Customer, made: History) -> None:
    identifier, region, segments, year, gender = customer
    placed_at = draw(moments)
    common: dict[str, Any] = {
        "customer_id": identifier, "placed_at": placed_at, "currency": draw(st.sampled_from(CURRENCIES)),
        # the segment of then
        "segment": draw(st.sampled_from(segments)), "region": region, "birth_year": year,
        "gender": gender, "promotion_id": None,
    }  # fmt: skip
    lines = tuple(
        OrderLine(sku=draw(st.sampled_from(SKUS)), quantity=1, amount=draw(st.integers(0, 500)))
        for _ in range(draw(st.integers(1, 3)))
    )
    made.append((stream, events.OrderPlaced(occurred_at=placed_at, lines=lines, **common)))
    later = placed_at + timedelta(minutes=draw(st.integers(0, 60_000)), seconds=draw(st.integers(0, 59)))
    fate = draw(st.sampled_from(["cancelled", "delivered", "delivered", "refunded", "nothing"]))
    if fate == "cancelled":
        made.append((stream, events.OrderCancelled(occurred_at=later, lines=lines, **common)))
    if fate in ("delivered", "refunded"):
        made.append((stream, events.OrderShipped(occurred_at=later, **common)))
        made.append((stream, events.OrderDelivered(occurred_at=later, shipped_at=later, **common)))
    if fate == "refunded":
        for line in lines:
            if line.amount and draw(st.booleans()):
                given_at = later + timedelta(days=draw(st.integers(0, 40)))
                back = (RefundLine(sku=line.sku, amount=draw(st.integers(1, line.amount))),)
                made.append((stream, events.OrderRefunded(occurred_at=given_at, lines=back, **common)))
