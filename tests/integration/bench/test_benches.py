"""Every bench runs, small: what it checks on the way (nothing lost, doubled, out of order or different) holds."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.timeout(240)


def run(*arguments: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "bench", *arguments, "-o", "json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    assert {"bench", "value", "unit", "limit", "ratio", "rounds"} <= found.keys()
    assert isinstance(found["value"], float)
    assert found["value"] > 0
    return found


@pytest.mark.parametrize("mode", ["--mixed", "--hot"])
def test_append(mode: str) -> None:
    assert run("append", mode, "--seconds", "2", "--rounds", "1")["rounds"] == 1


def test_relay() -> None:
    run("relay", "--rows", "5000", "--rounds", "1")


def test_project() -> None:
    run("project", "--rows", "20000", "--rounds", "1")


def test_path_loses_and_doubles_nothing() -> None:
    found = run("path", "--seconds", "3", "--rounds", "1", "--rate", "60")
    assert (found["lost"], found["duplicated"]) == (0, 0)
    assert all(isinstance(found[name], float) for name in ("p50_ms", "p95_ms", "p99_ms"))


def test_lookup() -> None:
    run("lookup", "--seconds", "1", "--rounds", "1")


def test_history_is_the_same_by_kept_states_and_without() -> None:
    run("history", "--events", "1000", "--rounds", "1")


def test_archive() -> None:
    run("archive", "--closed", "8000", "--seconds", "0.5", "--rounds", "1")


def test_flat() -> None:
    run("flat", "--stored", "20000", "--seconds", "1", "--rounds", "1")


def test_analytics_equal_the_plain_computation() -> None:
    run("analytics", "--orders", "2000", "--times", "2")
