"""One promise broken in a good world: the checker says which, and nothing else than what follows from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker.checks import TITLES
from tests.unit.checker.breaking import BREAKS, Break
from tests.unit.checker.world import good_world


@pytest.mark.parametrize(("checks", "broken"), BREAKS, ids=lambda value: getattr(value, "__name__", value))
def test_a_broken_promise_is_seen(checks: str, broken: Break, tmp_path: Path) -> None:
    world = good_world()
    broken(world)
    verdict = world.verdict(tmp_path)
    assert verdict.word == "fail"
    assert {name for name, check in verdict.checks.items() if check.breaches} == set(checks.split()), verdict.checks


def test_every_check_is_seen_to_fail() -> None:
    assert {check for checks, _ in BREAKS for check in checks.split()} == set(TITLES)
