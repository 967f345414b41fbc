"""Every mutant still applies to the tree as it is, changes it, and names a scenario that is played."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from chaos.scenarios import SCENARIOS
from tests.mutants.__main__ import MUTANTS, NOT_MADE, ROOT

PATCHES = ROOT / "tests" / "mutants"


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_applies(name: str, tmp_path: Path) -> None:
    assert MUTANTS[name].scenario in SCENARIOS
    patch = PATCHES / f"{name}.patch"
    files = [line.split()[1][2:] for line in patch.read_text().splitlines() if line.startswith("+++ b/")]
    assert files
    for file in files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_bytes((ROOT / file).read_bytes())
    subprocess.run(["git", "apply", str(patch)], cwd=tmp_path, check=True)
    for file in files:
        mutated = (tmp_path / file).read_text()
        assert mutated != (ROOT / file).read_text()
        compile(mutated, file, "exec")


def test_every_mutant_is_made_or_says_why_not() -> None:
    assert {*MUTANTS, *NOT_MADE} == {f"M{number}" for number in range(1, 15)}
    assert {path.stem for path in PATCHES.glob("*.patch")} == set(MUTANTS)
