"""A log line stays one line, drives no terminal and gives no secret away."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

LOGS = """
import logging
from kernel.telemetry import configure_logging, get_logger, log_context
configure_logging("relay")
with log_context(trace="abc"):
    get_logger("x").info({event!r}, stream="post-1", token="tell-nobody", **{fields!r})
logging.getLogger("some.library").warning("theirs %s", {event!r})
"""


def lines(event: str, **fields: Any) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-c", LOGS.format(event=event, fields=fields)], capture_output=True, check=True
    )
    assert done.stderr.isascii()
    assert b"\\x1b" not in done.stderr
    return [json.loads(line) for line in done.stderr.splitlines()]


@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "\x1b[31mred", "\x9b31mred", "a\u2028b"])
def test_whatever_is_logged_is_one_line_of_ascii_json(text: str) -> None:
    ours, theirs = lines(text)
    assert ours["event"] == text
    assert theirs["event"] == f"theirs {text}"


def test_a_line_carries_its_context_and_no_secret() -> None:
    ours, _ = lines("said", payload="tell-nobody", message="x" * 5_000)
    assert (ours["process"], ours["trace"], ours["stream"], ours["level"]) == ("relay", "abc", "post-1", "info")
    assert "tell-nobody" not in json.dumps(ours)
    assert len(ours["message"]) < 2_100
