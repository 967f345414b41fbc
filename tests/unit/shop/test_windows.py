"""A window is what its pieces add up to, at every moment and in every zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from domains.shop.analytics.asked import days_asked, last_months, last_quarter
from domains.shop.analytics.windows import Pieces, Window, months_of, nearest, whole, window_of
from kernel.events import wire_time

moments = st.datetimes(datetime(2023, 11, 1), datetime(2024, 5, 1), timezones=st.just(UTC))  # noqa: DTZ001 aware by it
on_quarters = moments.map(lambda moment: moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0))


def counted(pieces: Pieces, moment: datetime) -> int:
    """How often the moment is in the pieces."""
    text = wire_time(moment)
    buckets = pieces.buckets.get(text[:7], 0) + pieces.buckets.get(text[:10], 0)
    return buckets + sum(sign for (start, end), sign in pieces.edges.items() if start <= text < end)


@given(bounds=st.tuples(moments | on_quarters, moments | on_quarters), data=st.data())
def test_pieces_hold_each_moment_of_the_window_once_and_no_other(
    bounds: tuple[datetime, datetime], data: st.DataObject
) -> None:
    window = Window(min(bounds), max(bounds))
    near = st.sampled_from(bounds).flatmap(
        lambda bound: st.integers(-3_000_000, 3_000_000).map(lambda seconds: bound + timedelta(seconds=seconds))
    )
    for moment in (*bounds, data.draw(moments), data.draw(near), data.draw(near)):
        for pieces in (whole(window), nearest(window)):
            assert counted(pieces, moment) == int(window.holds(moment)), (window, pieces, moment)


@given(bounds=st.tuples(moments, moments))
def test_what_cannot_be_taken_away_again_is_never_counted_less_than_nothing(bounds: tuple[datetime, datetime]) -> None:
    pieces = whole(Window(min(bounds), max(bounds)))
    assert set(pieces.buckets.values()) | set(pieces.edges.values()) <= {1}


def test_a_year_of_utc_is_twelve_buckets_and_a_year_elsewhere_a_few_hours_more() -> None:
    year = (date(2023, 1, 1), date(2024, 1, 1))
    assert nearest(window_of(*year, UTC)).edges == {}
    assert len(nearest(window_of(*year, UTC)).buckets) == 12
    kathmandu = nearest(window_of(*year, ZoneInfo("Asia/Kathmandu")))
    assert len(kathmandu.buckets) == 12
    assert set(kathmandu.edges) == {
        ("2022-12-31T18:15:00.000000Z", "2023-01-01T00:00:00.000000Z"),
        ("2023-12-31T18:15:00.000000Z", "2024-01-01T00:00:00.000000Z"),
    }


def test_a_day_of_a_change_of_clocks_has_its_own_length() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    spring = window_of(date(2024, 3, 31), date(2024, 4, 1), berlin)
    assert spring.end - spring.start == timedelta(hours=23)


def test_months_are_cut_at_the_windows_ends() -> None:
    months = list(months_of(date(2024, 1, 20), date(2024, 3, 2), UTC))
    assert [name for name, _ in months] == ["2024-01", "2024-02", "2024-03"]
    assert months[0][1].start.day == 20
    assert months[2][1].end == datetime(2024, 3, 2, tzinfo=UTC)


def test_days_that_were_not_named_are_this_month_and_those_before_it() -> None:
    today = date(2026, 11, 25)
    assert days_asked(None, None, today, last_months(12)) == (date(2025, 12, 1), date(2026, 12, 1))
    assert days_asked(date(2026, 1, 5), None, today, last_months(12)) == (date(2026, 1, 5), date(2026, 12, 1))
    assert days_asked(None, date(2018, 7, 1), today, last_months(6)) == (date(2018, 1, 1), date(2018, 7, 1))
    assert last_quarter(today) == (date(2026, 7, 1), date(2026, 10, 1))
    assert last_quarter(date(2026, 2, 1)) == (date(2025, 10, 1), date(2026, 1, 1))
