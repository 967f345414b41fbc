"""`lockstep archive`: the events of closed streams are moved out of the way of the appends, and stay readable."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.store.archive import EVENTS_AT_ONCE, Archived, archive_closed, count_streams
from app.store.pool import open_pool
from cli.output import data_option, output_option, print_json
from cli.store import aggregates_that_run, asked, store_dsn


class Summary(msgspec.Struct, rename="camel"):
    """What one run did."""

    streams_looked_at: int
    streams_archived: int
    events_archived: int
    seconds: float


@click.command()
@click.option(
    "--older-than",
    "days",
    type=click.FloatRange(0, 36_500),
    default=30.0,
    show_default=True,
    help="Only streams whose last event was recorded so many days ago.",
)
@click.option(
    "--limit", type=click.IntRange(1), default=None, help="Archive so many streams at most; else all there are."
)
@click.option(
    "--batch",
    type=click.IntRange(1, 1_000_000),
    default=EVENTS_AT_ONCE,
    show_default=True,
    help="Events moved in one commit.",
)
@data_option
@output_option
def archive(days: float, limit: int | None, batch: int, data: Path, output: str) -> None:
    """Move the events of closed streams to the archive.

    They stay in history, in what commands are decided on and in rebuilds. Interrupt it at any time; repeat it to go on.
    """
    started = time.monotonic()
    moved = asked(run(store_dsn(data), timedelta(days=days), limit, batch))
    summary = Summary(moved.looked, moved.streams, moved.events, round(time.monotonic() - started, 2))
    if output == "json":
        print_json(summary)
    else:
        click.echo(
            f"{moved.events:,} events of {moved.streams:,} closed streams are in the archive now "
            f"({moved.looked:,} streams looked at, {summary.seconds:.1f} s)"
        )


async def run(dsn: str, quiet_for: timedelta, limit: int | None, batch: int) -> Archived:
    """What was moved; a progress bar showed how many streams were looked at."""
    aggregates = aggregates_that_run().values()
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[moved]:,} events"), TimeElapsedColumn(),
    )  # fmt: skip
    console = Console(stderr=True)
    async with open_pool(dsn, 1, "lockstep-archive") as pool:
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
            bar = progress.add_task("streams", total=await count_streams(pool), moved=0)
            return await archive_closed(
                pool, aggregates, quiet_for, limit,
                lambda total: progress.update(bar, completed=total.looked, moved=total.events), batch,
            )  # fmt: skip
