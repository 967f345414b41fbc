"""The page says what the verdicts say."""

from __future__ import annotations

from pathlib import Path

import msgspec

from chaos.campaign import VERDICTS, told_before
from chaos.report import bound, write_page
from checker.stored import Bite
from checker.verdict import Verdict
from tests.unit.checker.world import good_world


def verdict_on(scenario: str, folder: Path) -> Verdict:
    world = good_world()
    world.about.scenario, world.about.scale = scenario, "smoke"
    world.about.bite = {"kills": Bite(1_234, 1_000)}
    (folder / scenario).mkdir()
    return world.verdict(folder / scenario)


def test_a_row_a_run_and_the_bound_for_all(tmp_path: Path) -> None:
    (tmp_path / VERDICTS).mkdir()
    for scenario in ("S18", "S5"):
        verdict = verdict_on(scenario, tmp_path)
        (tmp_path / VERDICTS / f"{scenario}-1.json").write_bytes(msgspec.json.encode(verdict))
    verdicts = told_before(tmp_path)
    assert [verdict.scenario for verdict in verdicts] == ["S5", "S18"]
    write_page(tmp_path / "page.md", verdicts, "smoke")
    page = (tmp_path / "page.md").read_text()
    assert "| S5 PostgreSQL killed | smoke, 1 | pass | 12 | 2 | kills 1,234 (≥ 1,000) | 0 | 2.5e-01 |" in page
    assert "24 commands acknowledged, breaches 0, bound 1.2e-01" in page
    assert "lockstep chaos S5 S18 --scale smoke" in page


def test_without_a_command_there_is_no_bound() -> None:
    assert bound([]) == "none"
