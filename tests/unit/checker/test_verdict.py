"""One word for a run: too little bite is no pass, a slow recovery a fail, a kind that never succeeded invalid."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec

from checker.stored import Bite, Fault
from checker.verdict import judge
from tests.unit.checker.world import good_world


def test_faults_that_did_not_bite_prove_nothing(tmp_path: Path) -> None:
    world = good_world()
    world.about.bite["kills"] = Bite(seen=2, least=3)
    verdict = world.verdict(tmp_path)
    assert (verdict.word, verdict.why) == ("vacuous", ["kills: 2 of at least 3"])


def test_a_breach_outweighs_faults_that_did_not_bite(tmp_path: Path) -> None:
    world = good_world()
    world.about.bite["kills"] = Bite(seen=2, least=3)
    world.events.pop()
    assert world.verdict(tmp_path).word == "fail"


def test_what_never_caught_up_is_not_alive(tmp_path: Path) -> None:
    world = good_world()
    world.about.caught_up_ns = None
    verdict = world.verdict(tmp_path)
    assert (verdict.word, verdict.why) == ("fail", ["it did not catch up by itself within 10 s"])


def test_what_caught_up_late_is_not_alive(tmp_path: Path) -> None:
    world = good_world()
    world.about.healed_ns, world.about.caught_up_ns = 1_000_000_000, 12_500_000_000
    verdict = world.verdict(tmp_path)
    assert (verdict.word, verdict.why) == ("fail", ["catching up took 11.5 s of 10 s"])


def test_what_broke_off_is_no_pass(tmp_path: Path) -> None:
    world = good_world()
    world.about.broke_off = "no relay took the lane"
    verdict = world.verdict(tmp_path)
    assert (verdict.word, verdict.why) == ("fail", ["it could not be played to its end: no relay took the lane"])


def test_a_kind_that_never_succeeded_makes_a_run_invalid(tmp_path: Path) -> None:
    world = good_world()
    world.tell(world.ask("withdraw", "", "ann"), "422 insufficient-funds")
    verdict = world.verdict(tmp_path)
    assert (verdict.word, verdict.why) == ("invalid", ["no withdraw ever succeeded"])


def test_nothing_to_look_at_is_no_pass(tmp_path: Path) -> None:
    world = good_world()
    world.edits["outbox"] = lambda rows: rows.clear()
    world.edits["lanes"] = lambda rows: rows.clear()
    verdict = world.verdict(tmp_path)
    assert (verdict.word, verdict.why) == ("invalid", ["C9 had nothing to look at"])


def test_a_folder_without_a_run_is_invalid(tmp_path: Path) -> None:
    world = good_world()
    run = world.run(tmp_path)
    (tmp_path / "history.jsonl").write_text("{")
    assert judge(run).word == "invalid"


def test_a_secret_in_a_log_is_a_breach(tmp_path: Path) -> None:
    world = good_world()
    run = world.run(tmp_path)
    (tmp_path / "canaries.txt").write_text("s3cret\n")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "app.log").write_text('{"event": "said s3cret"}\n')
    verdict = judge(run)
    assert {name for name, check in verdict.checks.items() if check.breaches} == {"C13"}
    assert "s3cret" not in str(verdict), "the report repeats the secret"


def test_a_secret_in_an_answer_is_a_breach(tmp_path: Path) -> None:
    world = good_world()
    world.tell(world.ask("like", world.post(1), "carl"), "503 outcome-unknown", body="dsn: s3cret")
    run = world.run(tmp_path)
    (tmp_path / "canaries.txt").write_text("s3cret\n")
    verdict = judge(run)
    assert {name for name, check in verdict.checks.items() if check.breaches} == {"C13"}


def test_what_somebody_wrote_may_be_told_to_them(tmp_path: Path) -> None:
    world = good_world()
    world.tell(world.ask("edit-post", world.post(1), "ann", message="mine"), "503 outcome-unknown", body="mine")
    run = world.run(tmp_path)
    (tmp_path / "canaries.txt").write_text("mine\n")
    assert judge(run).word == "pass"


def test_events_that_allow_no_fold_are_named(tmp_path: Path) -> None:
    world = good_world()
    world.edits["events"] = lambda events: events.pop(0)  # of a post that was never created
    verdict = world.verdict(tmp_path)
    assert any("cannot be folded" in breach.sentence for breach in verdict.checks["C6"].examples), verdict.checks["C6"]


def test_a_checkpoint_beyond_what_was_applied_is_named(tmp_path: Path) -> None:
    world = good_world()
    world.edits["documents"] = lambda documents: documents["posts"][world.post(1)].update(version=7)
    verdict = world.verdict(tmp_path)
    assert any("was not applied" in breach.sentence for breach in verdict.checks["C10"].examples), verdict.checks["C10"]


def test_availability_is_told_inside_and_outside_of_faults(tmp_path: Path) -> None:
    world = good_world()
    world.about.faults = [Fault("kill", 0, 1)]
    liveness = world.verdict(tmp_path).liveness
    assert liveness is not None
    assert liveness.inside_faults is not None
    assert 0 < liveness.inside_faults.mean < 1  # two were never answered
    assert liveness.outside_faults is None


def test_the_command_line_tells_programs_and_people(tmp_path: Path) -> None:
    good_world().run(tmp_path)
    call = [sys.executable, "-m", "checker", str(tmp_path)]
    passed = subprocess.run([*call, "-o", "json"], capture_output=True, text=True, check=False)
    assert (passed.returncode, msgspec.json.decode(passed.stdout)["word"]) == (0, "pass")
    (tmp_path / "frozen" / "records.jsonl").write_text("")
    failed = subprocess.run(call, capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert "is stored and not in Kafka" in failed.stdout
