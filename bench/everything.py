"""Every bench, one after another, and the table of docs/benchmarks.md made from what they found."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import psutil

from bench.append import bench_append
from bench.archive import bench_archive
from bench.cost import bench_cost
from bench.flat import bench_flat
from bench.idle import bench_idle
from bench.lookup import bench_lookup
from bench.path import RATE, bench_path
from bench.project import bench_project
from bench.relay import bench_relay
from bench.rounds import Result
from bench.travel import bench_history
from stack.errors import StackError
from stack.server import Progress

BEGIN, END = "<!-- figures: lockstep bench all --write docs/benchmarks.md -->", "<!-- end of figures -->"


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """How long and how much."""

    rounds: int = 3
    seconds: float = 5.0
    path_seconds: float = 60.0
    idle_seconds: float = 30.0
    relay_rows: int = 300_000
    project_rows: int = 120_000
    stored: int = 1_000_000
    history_events: int = 5_000
    closed: int = 400_000


QUICK = Sizes(
    rounds=1, seconds=1.5, path_seconds=5, idle_seconds=3, relay_rows=20_000, project_rows=20_000, stored=30_000,
    history_events=1_000, closed=8_000,
)  # fmt: skip


def every_bench(sizes: Sizes, progress: Progress) -> list[Callable[[], Result]]:
    """All of them, to be called one after another."""
    rounds, seconds = sizes.rounds, sizes.seconds
    return [
        lambda: bench_append("posts", None, seconds, rounds, progress),
        lambda: bench_append("mixed", None, seconds, rounds, progress),
        lambda: bench_append("hot", None, seconds, rounds, progress),
        lambda: bench_relay(None, sizes.relay_rows, rounds, progress),
        lambda: bench_project(None, sizes.project_rows, rounds, progress),
        lambda: bench_path(None, sizes.path_seconds, rounds, RATE, progress),
        lambda: bench_lookup(None, seconds, rounds, progress),
        lambda: bench_cost(None, 2.0, rounds, progress),
        lambda: bench_flat(None, sizes.stored, seconds / 2, rounds, progress),
        lambda: bench_history(None, sizes.history_events, rounds, progress),
        lambda: bench_archive(None, sizes.closed, seconds / 2, rounds, progress),
        lambda: bench_idle(None, sizes.idle_seconds, 1, progress),
    ]


def write_table(file: Path, found: list[Result]) -> None:
    """The figures stand between the two marks of the file. Raises StackError when it has none."""
    text = file.read_text()
    if BEGIN not in text or END not in text:
        raise StackError(f"{file} has no place for figures: a line {BEGIN} and a line {END}")
    before, rest = text.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    file.write_text(f"{before}{BEGIN}\n{table(found)}\n{END}{after}")


def table(found: list[Result]) -> str:
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores ({cpu_model()}), "
        f"{psutil.virtual_memory().total / 2**30:.0f} GB, {platform.system()} {platform.release()}; "
        f"medians of the rounds; load average at the end {os.getloadavg()[1]:.1f}.",
        "",
        "| bench | value | limit in the same run | ratio | to reach | rounds (value/limit) |",
        "|---|---|---|---|---|---|",
    ]
    for one in found:
        mark = {True: " ✓", False: " ✗", None: ""}[one.reached]
        each = ", ".join(f"{figure(pair.value)}/{figure(pair.limit)}" for pair in one.measured)
        lines.append(
            f"| `{one.bench}` | {figure(one.value)} {one.unit}{percentiles(one)} | {figure(one.limit)}: {one.limit_is} "
            f"| {one.ratio:.2f} | {one.reach}{mark} | {each} |"
        )
    for one in found:
        shown = {name: value for name, value in one.details.items() if name != "each"}
        lines += ["", f"`{one.bench}`: `{msgspec.json.encode(shown).decode()}`"]
    return "\n".join(lines)


def percentiles(one: Result) -> str:
    if one.p99_ms is None:
        return ""
    return f" p50, {one.p95_ms} p95, {one.p99_ms} p99; {one.lost} lost, {one.duplicated} doubled"


def figure(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.2f}"


def cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()
