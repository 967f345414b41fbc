"""The campaign itself: a scenario is played on real servers and judged; what passed is left with everything to judge it
again, and a run whose faults did not land is no pass.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from chaos.campaign import judged, play
from chaos.scenarios import SCENARIOS
from chaos.scenarios.scenario import Scenario
from chaos.stage import Scale, Stage
from chaos.system import Ground
from checker.checks import TITLES
from checker.stored import Record


async def test_lost_answers_are_survived_and_the_judge_would_have_seen(ground: Ground, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    verdict = await play(SCENARIOS["S1"], ground, folder, seed=1, scale=Scale("smoke"))
    assert (verdict.word, verdict.why) == ("pass", [])
    assert all(verdict.checks[name].examined > 20 for name in TITLES if name != "C2"), verdict.checks
    records = folder / "frozen" / "records.jsonl"
    lines = records.read_bytes().splitlines(keepends=True)
    lost = msgspec.json.decode(lines[len(lines) // 2], type=Record)
    records.write_bytes(b"".join(lines[: len(lines) // 2] + lines[len(lines) // 2 + 1 :]))
    verdict = judged(folder)
    assert verdict.word == "fail"
    assert lost.stream in verdict.checks["C5"].examples[0].sentence


async def test_faults_that_did_not_land_are_no_pass(ground: Ground, tmp_path: Path) -> None:
    async def quiet(stage: Stage) -> None:
        await stage.system.start_all()
        await stage.crowd(people=8).burst(300)
        stage.bit("faults", 0, 1)

    scenario = Scenario(name="S0", title="nothing happens", play=quiet)
    verdict = await play(scenario, ground, tmp_path / "run", seed=1, scale=Scale("smoke"))
    assert (verdict.word, verdict.why) == ("vacuous", ["faults: 0 of at least 1"])
