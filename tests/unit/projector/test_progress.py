"""Until when a partition is complete: never past what is in the documents, and it comes on under load."""

from __future__ import annotations

from projector.progress import Completeness


def test_who_stands_at_the_end_is_complete_until_it_was_asked_for() -> None:
    assert Completeness().measured("t1", {0: 5, 1: 7}, {0: 5, 1: 6}) == {0: "t1"}


def test_who_never_stands_at_the_end_is_complete_until_the_end_it_has_reached_since() -> None:
    known = Completeness()
    assert known.measured("t1", {0: 100}, {0: 90}) == {}
    assert known.measured("t2", {0: 200}, {0: 99}) == {}
    assert known.measured("t3", {0: 300}, {0: 100}) == {0: "t1"}
    assert known.measured("t4", {0: 400}, {0: 299}) == {}  # the end of t3 is awaited, and not reached
    assert known.measured("t5", {0: 500}, {0: 300}) == {0: "t3"}
    assert known.measured("t6", {0: 500}, {0: 500}) == {0: "t6"}
    assert known.measured("t7", {0: 600}, {0: 500}) == {}
