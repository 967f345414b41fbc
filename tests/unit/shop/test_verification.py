"""The check of the answers can fail: an answer that is another one is told, with the place."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from domains.shop.reference import Reference
from domains.shop.verification import NAMES, Question, differences, questions_about
from tests.unit.shop.histories import END, History, histories

NOW = datetime(2024, 9, 1, tzinfo=UTC)


def answer_of(question: Question, plain: Reference) -> dict[str, Any]:
    """The right answer, as HTTP would give it: found by asking for the differences to none."""
    asked = question.asked(NOW)
    match question.name:
        case "sales-by-month":
            rows: Any = plain.sales_by_month(asked, current=question.current, restated=question.restated)
        case "segments":
            rows = plain.by_segment(asked)
        case "promotion-effect":
            promotion, rows = plain.promotion_effect(asked)
            return {"promotion": msgspec.to_builtins(promotion), "rows": msgspec.to_builtins(rows)}
        case "revenue-by-region":
            rows = plain.revenue_by_region(asked, all_cells=question.as_admin)
        case name:
            rows = getattr(plain, name.replace("-", "_"))(asked)
    return {"rows": msgspec.to_builtins(rows)}


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(history=histories())
def test_right_answers_do_not_differ_and_wrong_ones_do(history: History) -> None:
    plain = Reference(history)
    asked = questions_about(plain, NOW)
    assert {question.name for question in asked} == set(NAMES)
    for question in asked:
        right = answer_of(question, plain)
        assert differences(question, plain, right, NOW) == []
        if right["rows"]:
            field, value = next(
                (name, value) for name, value in reversed(right["rows"][0].items()) if not isinstance(value, bool)
            )
            wrong = [{**right["rows"][0], field: 1 if value is None else f"not {value}"}, *right["rows"][1:]]
            assert differences(question, plain, right | {"rows": wrong}, NOW)
            assert differences(question, plain, right | {"rows": right["rows"][1:]}, NOW)


def test_what_is_asked_covers_the_whole_history() -> None:
    plain = Reference([])
    assert all(question.first <= question.until for question in questions_about(plain, END))


@pytest.mark.parametrize("name", NAMES)
def test_a_shop_without_orders_has_answers_too(name: str) -> None:
    plain = Reference([])
    for question in questions_about(plain, END):
        if question.name == name:
            assert differences(question, plain, answer_of(question, plain), END) == []
