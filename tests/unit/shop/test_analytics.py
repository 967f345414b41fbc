"""Every answer equals one plain computation over the stored events, for any history, window, zone and currency."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domains.shop import reference
from domains.shop.analytics import fulfilment, people, products, promotions, sales
from domains.shop.analytics.asked import Asked
from tests.unit.shop.histories import CURRENCIES, History, histories, moments
from tests.unit.shop.read_model import ReadModel

ZONES = ("UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "Pacific/Kiritimati")

days = st.dates(date(2023, 12, 20), date(2024, 7, 10))


@st.composite
def questions(draw: st.DrawFn) -> Asked:
    first, until = sorted((draw(days), draw(days)))
    if draw(st.booleans()):
        first, until = first.replace(day=1), (until.replace(day=1) + timedelta(days=31)).replace(day=1)
    as_of = draw(st.none() | moments)
    return Asked(
        first=first, until=until, zone=ZoneInfo(draw(st.sampled_from(ZONES))), as_of=as_of,
        currency=draw(st.sampled_from([None, *CURRENCIES])), now=as_of or datetime(2024, 9, 1, tzinfo=UTC),
    )  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(history=histories(), asked=questions(), current=st.booleans(), restated=st.booleans(), all_cells=st.booleans())
async def test_every_answer_equals_the_plain_computation(
    history: History, asked: Asked, current: bool, restated: bool, all_cells: bool
) -> None:
    model, plain = ReadModel(history), reference.Reference(history)
    assert await sales.sales_by_month(model, asked, current=current, restated=restated) == plain.sales_by_month(
        asked, current=current, restated=restated
    )
    assert await sales.segments(model, asked) == plain.by_segment(asked)
    assert await products.top_products(model, asked) == plain.top_products(asked)
    assert [await people.repeat_customers(model, asked)] == plain.repeat_customers(asked)
    assert await fulfilment.fulfilment_time(model, asked) == plain.fulfilment_time(asked)
    assert await promotions.promotion_effect(model, asked) == plain.promotion_effect(asked)
    assert await people.revenue_by_region(model, asked, all_cells=all_cells) == plain.revenue_by_region(
        asked, all_cells=all_cells
    )
