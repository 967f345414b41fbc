"""`lockstep load`: real data through the API of a running system, like any client's, and read back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import click
import msgspec
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench.client import Unreachable
from cli.output import data_option, output_option, print_json, running_stack
from cli.sending import Sending, Target
from cli.submissions import Refusal, Submission, read_submissions
from stack.tokens import DevelopmentKeys

DEMO_FILE = Path("tests/data/hacker_news_sample.csv")
DEMO_LIKES = 1_000
BUILT_IN = [
    Submission(1, "demo-1", "alice", "Stored once, published once, readable at once: this post came the whole way.", 2),
    Submission(2, "demo-2", "bob", "An event that was saved is published, whatever dies in between.", 1),
]
"""The demo where no file is at hand."""
LISTED = 20
DRAW_SECONDS = 0.1


class Summary(msgspec.Struct, kw_only=True, rename="camel"):
    """What became of every row of a file: stored, or listed with the reason."""

    source: str
    rows: int
    posts: int
    posts_there_already: int
    likes: int
    likes_there_already: int
    checked: int
    wrong: list[Refusal]
    refused: list[Refusal]
    seconds: float
    commands_per_second: float


@click.group()
def load() -> None:
    """Send real data through the API of the running system, and check that it reads back."""


@load.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--likes", type=click.IntRange(0), default=20_000, show_default=True, help="Send at most this many, in all."
)
@data_option
@output_option
def hackernews(file: Path, likes: int, data: Path, output: str) -> None:
    """FILE is a CSV of submissions: id, title, url, num_points, author. Repeat it to go on where it ended.

    Each becomes a post of its author's, liked by as many numbered likers as it has points, as far as --likes goes.
    """
    submissions, refusals = read_submissions(file, likes)
    finish(send(data, str(file), submissions, refusals), output)


@load.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@data_option
@output_option
def superstore(file: Path, data: Path, output: str) -> None:
    """FILE is a CSV of order lines, as Tableau's sample has them. Repeat it to go on where it ended.

    Its products, customers and orders are sent, each order placed, shipped and delivered on its days.
    """
    from cli.load_superstore import finish_superstore, send_superstore

    finish_superstore(send_superstore(data, file), output)


@load.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@data_option
@output_option
def demo(file: Path | None, data: Path, output: str) -> None:
    """A small part of it: FILE, the sample this project carries, or two posts of our own."""
    if file is None and DEMO_FILE.exists():
        file = DEMO_FILE
    submissions, refusals = (BUILT_IN, []) if file is None else read_submissions(file, DEMO_LIKES)
    finish(send(data, str(file or "built in"), submissions, refusals), output)


def send(data: Path, source: str, submissions: list[Submission], refusals: list[Refusal]) -> Summary:
    """Everything was sent and read back; a progress bar showed it."""
    api = urlsplit(running_stack(data).urls.api)
    keys = DevelopmentKeys(data / "secrets")
    scopes = ("posts:read", "posts:write")
    target = Target(api.hostname or "127.0.0.1", api.port or 80, cache(lambda subject: keys.token(subject, scopes)))
    sending = Sending(target, submissions)
    started = time.monotonic()
    likes = sum(one.likes for one in submissions)
    tally = sending.tally
    run_watched(
        data,
        sending.run,
        ("posts stored", len(submissions), lambda: tally.posts),
        ("  readable", len(submissions), lambda: tally.readable),
        ("likes stored", likes, lambda: tally.likes),
        ("read back", len(submissions), lambda: tally.checked),
    )
    seconds, done = time.monotonic() - started, sending.tally
    return Summary(
        source=source, rows=len(submissions) + len(refusals), posts=done.posts, posts_there_already=done.posts_again,
        likes=done.likes, likes_there_already=done.likes_again, checked=done.checked, wrong=sending.wrong,
        refused=sorted(refusals + sending.refused, key=lambda one: one.row), seconds=round(seconds, 2),
        commands_per_second=round((done.posts + done.likes) / max(seconds, 1e-9), 1),
    )  # fmt: skip


Counted = tuple[str, int, Callable[[], int]]
"""A stage of a load: its name, how many there are, and how many are done."""


def run_watched(data: Path, run: Callable[[], Awaitable[None]], *stages: Counted) -> None:
    """The load ran, and its progress was on standard error. Raises ClickException where the API went away."""
    try:
        uvloop.run(_watched(run, stages))
    except* Unreachable as gone:
        raise click.ClickException(
            f"{gone.exceptions[0]}; see: lockstep status --data {data}. Repeat to go on"
        ) from None


async def _watched(run: Callable[[], Awaitable[None]], stages: Sequence[Counted]) -> None:
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
    )  # fmt: skip
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        drawing = asyncio.create_task(_draw(progress, stages))
        try:
            await run()
        finally:
            drawing.cancel()


async def _draw(progress: Progress, stages: Sequence[Counted]) -> None:
    """A bar for each stage, with its rate."""
    bars = [(progress.add_task(name, total=total, rate=""), count) for name, total, count in stages]
    before = [0 for _ in bars]
    while True:
        for place, (bar, count) in enumerate(bars):
            now = count()
            rate = f"{(now - before[place]) / DRAW_SECONDS:,.0f}/s" if now > before[place] else ""
            progress.update(bar, completed=now, rate=rate)
            before[place] = now
        await asyncio.sleep(DRAW_SECONDS)


def finish(summary: Summary, output: str) -> None:
    """The summary is printed; anything wrong or refused is exit code 1."""
    if output == "json":
        print_json(summary)
    else:
        click.echo(
            f"{summary.posts:,} of {summary.rows:,} posts and {summary.likes:,} likes are stored "
            f"({summary.posts_there_already:,} and {summary.likes_there_already:,} were there already), "
            f"{summary.checked - len({one.row for one in summary.wrong}):,} read back right; "
            f"{summary.seconds:.1f} s, {summary.commands_per_second:,.0f} commands/s"
        )
        for kind, found in (("was not sent or stored", summary.refused), ("reads back wrong", summary.wrong)):
            for one in found[:LISTED]:
                click.echo(f"row {one.row} (id {one.id}) {kind}: {one.reason}", err=True)
            if len(found) > LISTED:
                click.echo(f"and {len(found) - LISTED} more; -o json lists all", err=True)
    if summary.wrong or summary.refused:
        raise SystemExit(1)
