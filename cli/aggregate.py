"""`lockstep aggregate`: any aggregate's own state as of an instant, or what differs between two, from stored events."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from app.history.answers import AggregateDiff, AggregateThen, AuditEntry, Instant
from app.history.instants import VERSION_LIMIT, instant
from app.history.travel import TimeTravel
from app.problems import Problem
from cli.output import data_option, output_option, print_json
from cli.store import aggregates_that_run, asked, store_dsn
from kernel.aggregate import DomainError
from kernel.domain import load_codec
from kernel.settings import read_settings

EVENTS_SHOWN = 500


@click.command()
@click.argument("category")
@click.argument("identifier", metavar="ID")
@click.option("--version", type=click.IntRange(0, VERSION_LIMIT - 1), default=None, help="After this version.")
@click.option("--as-of", default=None, help="What had happened then: a date (its end, UTC) or a time with its offset.")
@click.option("--as-known-at", default=None, help="What was known then.")
@click.option("--diff", "other", default=None, metavar="OTHER", help="Compare with another instant of the same kind.")
@data_option
@output_option
def aggregate(
    category: str, identifier: str, version: int | None, as_of: str | None, as_known_at: str | None, other: str | None,
    data: Path, output: str,
) -> None:  # fmt: skip
    """Show the aggregate CATEGORY ID as it is, or was; with --diff what changed from then to OTHER, and by what events.

    \b
    lockstep aggregate post 1298fdab-9e63-55d1-9bfe-d80408d7ae24 --version 1 --diff 3
    """
    given = {"version": version, "as_of": as_of, "as_known_at": as_known_at}
    named = [name for name, value in given.items() if value is not None]
    if len(named) > 1:
        raise click.UsageError("name one instant: --version, --as-of or --as-known-at")
    if other is not None and not named:
        raise click.UsageError("--diff needs the instant to begin with: --version, --as-of or --as-known-at")
    to = {**dict.fromkeys(given), named[0]: other} if other is not None else None
    found = asked(ask(store_dsn(data), category, identifier, given, to))
    if output == "json":
        print_json(found)
    else:
        show(found)


async def ask(
    dsn: str, category: str, identifier: str, given: dict[str, Any], to: dict[str, Any] | None
) -> AggregateThen | AggregateDiff:
    """The answer of the history side, which the app need not run for."""
    aggregates = aggregates_that_run()
    if category not in aggregates:
        raise click.UsageError(f"there is no kind of aggregate {category}; there is: {', '.join(sorted(aggregates))}")
    engine = create_async_engine(
        make_url(dsn).set(drivername="postgresql+asyncpg"), pool_size=1, connect_args={"timeout": 3}
    )
    try:
        travel = TimeTravel(engine, load_codec(read_settings().domain_packages), aggregates)
        if to is None:
            return await travel.then(category, identifier, instant(**given))
        end = msgspec.convert(to, Given, strict=False)
        return await travel.diff(
            category, identifier, instant(**given), instant(end.version, end.as_of, end.as_known_at), EVENTS_SHOWN
        )
    except msgspec.ValidationError as error:
        raise click.UsageError(f"--diff does not fit: {error}") from error
    except (Problem, DomainError) as error:
        raise click.ClickException(str(error)) from error
    finally:
        await engine.dispose()


class Given(msgspec.Struct):
    """An instant, as the command line names it."""

    version: int | None
    as_of: str | None
    as_known_at: str | None


def show(found: AggregateThen | AggregateDiff) -> None:
    """For people: the state or the differences, and the events."""
    console = Console()
    if isinstance(found, AggregateThen):
        console.print(
            f"{found.category} {found.id} {told(found.at)}, of {found.stream_version}", highlight=False, markup=False
        )
        console.print_json(msgspec.json.encode(found.state).decode())
        return
    console.print(
        f"{found.category} {found.id} from {told(found.start)} to {told(found.end)}", highlight=False, markup=False
    )
    table = Table("field", "from", "to", box=None, pad_edge=False, header_style="bold")
    for each in found.differences:
        table.add_row(Text(each.path), Text(value(each.before)), Text(value(each.after)))
    console.print(table)
    for event in found.events:
        console.print(line(event), highlight=False, markup=False)
    if found.next is not None:
        console.print(f"and more, after version {found.next}", highlight=False)


def told(at: Instant) -> str:
    return f"version {at.version}" + (f" ({at.occurred_at:%Y-%m-%d %H:%M:%S} UTC)" if at.occurred_at else "")


def value(found: Any) -> str:
    return "" if found is msgspec.UNSET else msgspec.json.encode(found).decode()


def line(event: AuditEntry) -> str:
    # as JSON: what people wrote must not reach the terminal as it is
    moment = f"{event.occurred_at:%Y-%m-%d %H:%M:%S}"
    return f"{event.version:>6}  {moment}  {event.type} {value(event.data)} by {value(event.principal)}"
