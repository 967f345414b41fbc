"""A world that keeps all promises passes, and each check has looked at something."""

from __future__ import annotations

from pathlib import Path

from checker.verdict import NEEDED
from tests.unit.checker.world import good_world


def test_a_world_that_keeps_all_promises_passes(tmp_path: Path) -> None:
    verdict = good_world().verdict(tmp_path)
    assert (verdict.word, verdict.why) == ("pass", []), verdict
    assert all(check.breaches == 0 for check in verdict.checks.values())
    assert all(verdict.checks[name].examined for name in {*NEEDED, "C2", "C11", "C12"})
    assert verdict.operations["like"] == {"ok": 3, "info": 1}
