"""`python -m checker FOLDER`: judges a frozen run. Exit code 0 for a pass, 1 for anything else; `-o json` tells all."""

from __future__ import annotations

import argparse
import gc
import sys
from pathlib import Path

import msgspec

from checker.run import Run
from checker.verdict import Verdict, judge


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m checker", description="Judges the frozen run in FOLDER.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--output", choices=["text", "json"], default="text")
    arguments = parser.parse_args()
    gc.disable()  # everything read is kept to the end: looking for garbage among millions of rows finds none
    verdict = judge(Run(arguments.folder))
    if arguments.output == "json":
        print(msgspec.json.format(msgspec.json.encode(verdict), indent=2).decode())
    else:
        print("\n".join(told(verdict)))
    return 0 if verdict.word == "pass" else 1


def told(verdict: Verdict) -> list[str]:
    """The verdict for people."""
    lines = [f"{verdict.scenario} (seed {verdict.seed}): {verdict.word}", *(f"  {why}" for why in verdict.why)]
    for kind, found in verdict.operations.items():
        lines.append(f"  {kind:<16}" + "  ".join(f"{outcome} {count}" for outcome, count in sorted(found.items())))
    for name, check in verdict.checks.items():
        lines.append(f"  {name:<4}{check.breaches:>7} breaches in {check.examined:>9}  {check.title}")
        lines += [f"        {breach.sentence}  {breach.evidence}" for breach in check.examples[:3]]
    lines += [f"  {name}: {bite.seen} (at least {bite.least})" for name, bite in verdict.bite.items()]
    lines += [f"  {name}: {count}" for name, count in verdict.counts.items()]
    if verdict.liveness is not None:
        lines.append(f"  {verdict.liveness}")
    return lines


if __name__ == "__main__":
    sys.exit(main())
