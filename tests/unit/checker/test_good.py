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


def test_commands_without_a_key_are_each_their_own(tmp_path: Path) -> None:
    world = good_world()
    for number in (7, 8):
        asked = world.ask("create-post", world.post(number), "ann", message="no key")
        asked.key = ""
        event = world.store(asked)
        world.answered.pop()
        world.tell(asked, "201", event=event)
    verdict = world.verdict(tmp_path)
    assert (verdict.word, verdict.why) == ("pass", [])


def test_a_list_read_in_part_is_compared_that_far(tmp_path: Path) -> None:
    world = good_world()
    first = world.post(1).partition("-")[2]  # the other one was removed
    asked = world.ask("list", "", "reader", likes=0)
    asked.key = ""
    world.tell(asked, "200", seen={"ids": [first], "more": True}, answers=[])
    assert world.verdict(tmp_path).word == "pass"
