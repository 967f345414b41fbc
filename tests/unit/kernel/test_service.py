"""How a process lives and dies: tried on a real process, by signals and exit codes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

PROCESS = """
import asyncio, sys
from kernel.service import Watchdog, serve
from kernel.telemetry import configure_logging

async def run(stop):
    watchdog.progress("lane 1")
    print("running", flush=True)
    if sys.argv[1] == "fails":
        raise ValueError("broken\\n  DETAIL: secret row")
    if sys.argv[1] in ("hangs", "overstays"):
        await asyncio.Event().wait()
    await stop.wait()
    print("page finished", flush=True)

configure_logging("relay")
watchdog = Watchdog(0.2 if sys.argv[1] == "hangs" else 60)
asyncio.run(serve(run, grace_seconds=0.2, watchdog=watchdog))
"""


def start(how: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROCESS, how],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "running\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_the_work_in_hand_finish(number: signal.Signals) -> None:
    process = start("works")
    process.send_signal(number)
    out, _ = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, "page finished\n")


def test_a_loop_that_fails_ends_the_process_loudly_and_quotes_no_rows() -> None:
    _, said = (process := start("fails")).communicate(timeout=20)
    assert process.returncode == 1
    assert '"error": "broken"' in said
    assert "secret row" not in said


def test_standing_still_with_work_waiting_ends_the_process() -> None:
    _, said = (process := start("hangs")).communicate(timeout=20)
    assert process.returncode == 1
    assert "lane 1 has made no progress" in said


def test_past_the_grace_period_work_is_cancelled() -> None:
    process = start("overstays")
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "grace period is over" in said
