"""`lockstep bench`: each path measured against the limit of this machine in the same run. What is measured how stands
in the package bench; here are the options, and the exit code: 1 when a figure that is to be reached was not.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.table import Table

from bench.rounds import Result
from cli.output import output_option, print_json
from cli.progress import ProgressLine
from stack.errors import StackError
from stack.server import Progress

F = TypeVar("F", bound=Callable[..., Any])


@click.group()
def bench() -> None:
    """Measure a path against its limit; servers and processes are started for it and stopped again.

    A quiet machine gives steady figures; on any other, only the ratio means something.
    """


def common(seconds: float, rounds: int) -> Callable[[F], F]:
    """The options every bench has; `seconds` of 0: it goes by rows instead."""

    def decorate(command: F) -> F:
        command = output_option(command)
        command = click.option(
            "--data", type=click.Path(file_okay=False, path_type=Path), default=None,
            help="Work in its subfolder `bench` and keep it; else in a temporary folder.",
            callback=lambda _context, _option, value: value.resolve() / "bench" if value else None,
        )(command)  # fmt: skip
        command = click.option("--rounds", type=click.IntRange(1, 50), default=rounds, show_default=True)(command)
        if seconds:
            command = click.option(
                "--seconds", type=click.FloatRange(0.5), default=seconds, show_default=True, help="Of each round."
            )(command)
        return command

    return decorate


def rows_option(rows: int) -> Callable[[F], F]:
    return click.option("--rows", type=click.IntRange(100), default=rows, show_default=True, help="Of each round.")


@bench.command()
@click.option("--mixed", "mode", flag_value="mixed", help="Likes, comments and edits on 1,000 posts, Zipf.")
@click.option("--hot", "mode", flag_value="hot", help="Likes on one single post.")
@click.option("--posts", "mode", flag_value="posts", default=True, help="New posts (the default).")
@common(8, 3)
def append(mode: str, seconds: float, rounds: int, data: Path | None, output: str) -> None:
    """Commands stored a second through the API, against pgbench."""
    from bench.append import bench_append

    show(output, lambda progress: bench_append(mode, data, seconds, rounds, progress))  # type: ignore[arg-type]


@bench.command()
@rows_option(300_000)
@common(0, 3)
def relay(rows: int, rounds: int, data: Path | None, output: str) -> None:
    """Outbox rows published a second by one relay, against Kafka's own Java producer."""
    from bench.relay import bench_relay

    show(output, lambda progress: bench_relay(data, rows, rounds, progress))


@bench.command()
@rows_option(120_000)
@common(0, 3)
def project(rows: int, rounds: int, data: Path | None, output: str) -> None:
    """Events projected a second by one projector, against raw MongoDB writing the same documents."""
    from bench.project import bench_project

    show(output, lambda progress: bench_project(data, rows, rounds, progress))


@bench.command()
@click.option("--rate", type=click.FloatRange(1), default=600, show_default=True, help="Commands a second.")
@common(60, 3)
def path(rate: float, seconds: float, rounds: int, data: Path | None, output: str) -> None:
    """Through everything: from the commit to Kafka, from the answer to the document; what was lost or doubled."""
    from bench.path import bench_path

    show(output, lambda progress: bench_path(data, seconds, rounds, rate, progress))


@bench.command()
@common(6, 3)
def lookup(seconds: float, rounds: int, data: Path | None, output: str) -> None:
    """Posts read a second through the API, against raw find_one."""
    from bench.lookup import bench_lookup

    show(output, lambda progress: bench_lookup(data, seconds, rounds, progress))


@bench.command()
@common(30, 1)
def idle(seconds: float, rounds: int, data: Path | None, output: str) -> None:
    """What a whole system uses of a core while nobody asks it anything."""
    from bench.idle import bench_idle

    show(output, lambda progress: bench_idle(data, seconds, rounds, progress))


@bench.command()
@click.option(
    "--stored", type=click.IntRange(20_000), default=1_000_000, show_default=True, help="Events in the full one."
)
@common(4, 3)
def flat(stored: int, seconds: float, rounds: int, data: Path | None, output: str) -> None:
    """What an append and a relay's poll cost with much stored, against little."""
    from bench.flat import bench_flat

    show(output, lambda progress: bench_flat(data, stored, seconds, rounds, progress))


@bench.command()
@common(2, 3)
def cost(seconds: float, rounds: int, data: Path | None, output: str) -> None:
    """Statements, round trips and WAL bytes for each command and event."""
    from bench.cost import bench_cost

    show(output, lambda progress: bench_cost(data, seconds, rounds, progress))


@bench.command()
@click.option("--events", type=click.IntRange(500), default=5_000, show_default=True, help="Of the stream.")
@common(0, 3)
def history(events: int, rounds: int, data: Path | None, output: str) -> None:
    """A long stream as of a version near its end: folded on from a kept state, against the fold of all."""
    from bench.travel import bench_history

    show(output, lambda progress: bench_history(data, events, rounds, progress))


@bench.command()
@click.option(
    "--closed", type=click.IntRange(1_600), default=400_000, show_default=True, help="Events of closed streams."
)
@common(4, 3)
def archive(closed: int, seconds: float, rounds: int, data: Path | None, output: str) -> None:
    """What an append costs, and how large the hot table is, with many closed streams archived, against none."""
    from bench.archive import bench_archive

    show(output, lambda progress: bench_archive(data, closed, seconds, rounds, progress))


@bench.command()
@click.option(
    "--orders", type=click.IntRange(100), default=1_000_000, show_default=True, help="Of four years, made up."
)
@click.option("--times", type=click.IntRange(1), default=200, show_default=True, help="That each question is asked.")
@common(0, 1)
def analytics(orders: int, times: int, rounds: int, data: Path | None, output: str) -> None:
    """The shop's seven questions over very many orders: how long each takes. A million take about eight minutes."""
    from bench.analytics import bench_analytics

    show(output, lambda progress: bench_analytics(data, orders, times, progress))


@bench.command()
@click.option("--events", type=click.IntRange(500), default=1_000_000, show_default=True, help="Stored before.")
@common(0, 1)
def rebuild(events: int, rounds: int, data: Path | None, output: str) -> None:
    """A read model built anew from very many stored events, with 200 commands a second going on beside it."""
    from bench.rebuild import bench_rebuild

    show(output, lambda progress: bench_rebuild(data, events, progress))


@bench.command("all")
@click.option("--write", "file", type=click.Path(dir_okay=False, path_type=Path), help="Put the table into this file.")
@click.option("--quick", is_flag=True, help="Small and short: whether they run, not what they find.")
@output_option
def every(file: Path | None, quick: bool, output: str) -> None:
    """Every bench, one after another; about 25 minutes. Let nothing else run meanwhile."""
    from bench.everything import QUICK, Sizes, every_bench, write_table

    found, failed = [], False
    with ProgressLine(Console(stderr=True)) as progress:
        for measure in every_bench(QUICK if quick else Sizes(), progress):
            try:
                one = measure()
            except StackError as error:  # the others are measured all the same
                failed = True
                click.echo(f"lockstep: {error}", err=True)
                continue
            found.append(one)
            progress(f"{one.bench}: {one.value:,.1f} {one.unit}, ratio {one.ratio:.2f}")
    if file is not None:
        write_table(file, found)
    if output == "json":
        print_json(found)
    else:
        print_results(found)
    if failed:
        raise SystemExit(1)


def show(output: str, measure: Callable[[Progress], Result]) -> None:
    """The result is printed, and what goes on meanwhile on standard error."""
    console = Console(stderr=True)
    with ProgressLine(console) as progress:
        found = measure(progress)
    if output == "json":
        print_json(found)
    else:
        print_results([found])


def print_results(found: list[Result]) -> None:
    table = Table("bench", "value", "limit", "ratio", "to reach", "")
    for one in found:
        mark = {True: "[green]reached", False: "[red]not reached", None: ""}[one.reached]
        table.add_row(
            one.bench, f"{one.value:,.1f} {one.unit}", f"{one.limit:,.1f}", f"{one.ratio:.2f}", one.reach, mark
        )
    Console().print(table)
