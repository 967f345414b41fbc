"""A hole stops its own stream, from the hole on, and no other."""

from __future__ import annotations

from typing import Any

from relay.contiguity import Versions


def rows(*pairs: tuple[str, int]) -> list[Any]:
    return [{"stream": stream, "version": version} for stream, version in pairs]


def test_contiguous_streams_leave_as_they_came() -> None:
    page = rows(("a", 1), ("b", 7), ("a", 2), ("b", 8))
    assert Versions().sift(page) == (page, [])


def test_a_hole_holds_what_follows_in_its_stream_alone() -> None:
    versions = Versions()
    leaving, held = versions.sift(rows(("a", 1), ("a", 3), ("b", 1), ("a", 4), ("b", 2)))
    assert leaving == rows(("a", 1), ("b", 1), ("b", 2))
    assert held == rows(("a", 3), ("a", 4))
    assert versions.wanted == {"a": 2}


def test_the_missing_version_is_held_too_so_that_the_run_leaves_in_order() -> None:
    versions = Versions()
    versions.sift(rows(("a", 1), ("a", 3)))
    assert versions.sift(rows(("a", 2), ("b", 1))) == (rows(("b", 1)), rows(("a", 2)))


def test_a_version_that_comes_a_second_time_is_held() -> None:
    versions = Versions()
    versions.sift(rows(("a", 1), ("a", 2)))
    leaving, held = versions.sift(rows(("a", 2)))
    assert (leaving, held) == ([], rows(("a", 2)))
