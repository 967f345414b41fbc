"""What the path bench calls lost, doubled and readable: an instrument that missed them would measure nothing."""

from __future__ import annotations

from bench.generator import Report
from bench.observer import Seen
from bench.path import Accepted, judge
from bench.rounds import Round, alternate, result

MS = 1_000_000
REPORT = Report(
    answers=3, seconds=1, per_second=3, statuses={200: 3}, unexpected=[], p50_ms=1, p95_ms=2, p99_ms=3, cpu_seconds=0
)
ACCEPTED = [
    Accepted("post-a", 1, 100 * MS, True),
    Accepted("post-a", 2, 110 * MS, True),
    Accepted("post-b", 1, 120 * MS, True),
]
KAFKA = [("post-a", 1, 95, 105 * MS), ("post-a", 2, 105, 118 * MS), ("post-b", 1, 115, 130 * MS)]
MONGO = [("post-a", 2, 130 * MS), ("post-b", 1, 118 * MS)]


def test_a_later_version_makes_the_earlier_ones_readable() -> None:
    figures = judge(ACCEPTED, Seen(kafka=KAFKA, mongo=MONGO), REPORT)
    assert (figures.lost, figures.duplicated, figures.commands, figures.events) == (0, 0, 3, 3)
    # post-a 1: 30 ms, post-a 2: 20 ms, post-b 1: it was there before its answer was
    assert (figures.p50_ms, figures.p99_ms) == (20, 30)
    assert figures.kafka_p50_ms == 13


def test_the_warm_up_is_looked_for_and_not_timed() -> None:
    warm = [ACCEPTED[0]._replace(timed=False), *ACCEPTED[1:]]
    assert judge(warm, Seen(kafka=KAFKA, mongo=MONGO), REPORT).p99_ms == 20
    assert judge(warm, Seen(kafka=KAFKA[1:], mongo=MONGO), REPORT).lost == 1


def test_a_record_that_never_reached_kafka_is_lost() -> None:
    assert judge(ACCEPTED, Seen(kafka=KAFKA[1:], mongo=MONGO), REPORT).lost == 1


def test_a_version_that_never_reached_its_document_is_lost() -> None:
    assert judge(ACCEPTED, Seen(kafka=KAFKA, mongo=[("post-a", 1, 130 * MS), MONGO[1]]), REPORT).lost == 1


def test_a_record_that_is_there_twice_is_doubled() -> None:
    assert judge(ACCEPTED, Seen(kafka=[*KAFKA, KAFKA[0]], mongo=MONGO), REPORT).duplicated == 1


def test_rounds_alternate_and_the_medians_are_compared() -> None:
    order: list[str] = []

    def side(name: str, figures: list[float], number: int) -> float:
        order.append(name)
        return figures[number - 1]

    measured = alternate(
        3, lambda n: side("ours", [10, 90, 30], n), lambda n: side("limit", [40, 60, 50], n), lambda _: None, "x"
    )
    assert order == ["ours", "limit", "limit", "ours", "ours", "limit"]
    assert measured == [Round(10, 40), Round(90, 60), Round(30, 50)]
    found = result("x", measured, unit="x", limit_is="y", at_least=0.61)
    assert (found.value, found.limit, found.ratio, found.reached, found.rounds) == (30, 50, 0.6, False, 3)
