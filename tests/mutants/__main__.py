"""`python -m tests.mutants [M1 ...] --runs 20`: plays each mutant's scenario on a mutated copy, and counts how often
the checker found it out. Exit code 1 when one was caught less often than in 19 of 20 runs.

A mutant is caught when the verdict is `fail`; a run that is vacuous or invalid did not catch it.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
WANTED = 19 / 20
PR_SET_PDEATHSIG = 1


class Mutant(NamedTuple):
    """What is wrong with it, and the scenario that must show it."""

    wrong: str
    scenario: str


MUTANTS = {
    "M1": Mutant("the cursor is a number: it forgets who was still running", "S12"),
    "M2": Mutant("no version guard, neither in documents nor in checkpoints", "S32"),
    "M3": Mutant("the checkpoint is committed before the documents", "S31"),
    "M4": Mutant("keys are stored in a transaction of their own, before the events", "S2"),
    "M5": Mutant("the cursor is committed before the records", "S18"),
    "M6": Mutant("relays without a fence: a transactional id each, and leases that are never checked", "S19"),
    "M7": Mutant("positions begin at the end of the topic", "S31"),
    "M8": Mutant("pages are in order of transaction ids", "S14"),
    "M9": Mutant("after a lost COMMIT the command is sent again under a new key", "S1"),
    "M10": Mutant("synchronous_commit is off", "S5"),
    "M11": Mutant("likes are added up in the database, behind no guard", "S32"),
    "M13": Mutant("the snapshot is read in a statement of its own, after the rows", "S13"),
    "M14": Mutant("what became of a record batch is not asked before the commit", "S21"),
}
NOT_MADE = {
    "M12": "an event that cannot be folded is dropped: the API cannot be made to store one, so no scenario shows it",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("mutants", nargs="*", default=list(MUTANTS))
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    caught_all = True
    for name in arguments.mutants:
        words, checks = play(name, arguments.runs, arguments.seed)
        caught = words["fail"]
        caught_all &= caught >= WANTED * arguments.runs
        told = ", ".join(f"{check} {times}" for check, times in sorted(checks.items()))
        print(f"{name} {MUTANTS[name].scenario} caught {caught} of {arguments.runs} ({told}): {MUTANTS[name].wrong}")
        print(f"   {dict(words)}", flush=True)
    return 0 if caught_all else 1


def play(name: str, runs: int, seed: int) -> tuple[Counter[str], Counter[str]]:
    """Verdicts by word, and in how many runs each check was breached."""
    with tempfile.TemporaryDirectory(prefix=f"mutant-{name}-") as folder:
        tree, data = Path(folder) / "tree", Path(folder) / "data"
        copy_tree(tree)
        patch = Path(__file__).parent / f"{name}.patch"
        subprocess.run(["git", "apply", str(patch)], cwd=tree, check=True)
        call = [sys.executable, "-m", "cli.main", "chaos", MUTANTS[name].scenario, "--runs", str(runs)]
        call += ["--seed", str(seed), "--data", str(data), "-o", "json"]
        told = subprocess.run(call, cwd=tree, capture_output=True, text=True, check=False, preexec_fn=with_us)
        if not told.stdout:
            raise SystemExit(f"{name}: {told.stderr[-2000:]}")
    words: Counter[str] = Counter()
    checks: Counter[str] = Counter()
    for verdict in json.loads(told.stdout):
        words[verdict["word"]] += 1
        checks.update(check for check, found in verdict["checks"].items() if found["breaches"])
        checks["not caught up"] += any("catch" in why for why in verdict["why"])
    return words, +checks


def with_us() -> None:
    """In the child: it is asked to stop when we die, and stops its servers then."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def copy_tree(to: Path) -> None:
    """What is in the repository's working tree lies in the folder, and nothing else."""
    to.mkdir(parents=True)
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    subprocess.run(["xargs", "-0", "cp", "--parents", "-t", str(to)], cwd=ROOT, input=files, check=True)


if __name__ == "__main__":
    sys.exit(main())
