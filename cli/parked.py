"""`lockstep parked`: the streams whose next event could not be projected; try them again, or give an event up.

The wish is written into MongoDB; the projector that holds the partition carries it out, in order with everything else.
"""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from cli.output import EXIT_UNWELL, data_option, output_option, print_json
from cli.readmodel import Rows, read_models, wait_until
from kernel.events import wire_time
from kernel.projection import PROJECTIONS
from projector.schema import PARKED_EVENTS, PARKED_STREAMS

wait_option = click.option(
    "--wait", "wait_seconds", default=15.0, show_default=True, help="How many seconds to wait for the outcome; 0: none."
)
projection_option = click.option("--projection", "name", help="Only in this projection.")


@click.group()
def parked() -> None:
    """See, retry and discard events that could not be projected."""


@parked.command("list")
@projection_option
@click.option("--fingerprint", help="Only those with this cause.")
@data_option
@output_option
def list_parked(name: str | None, fingerprint: str | None, data: Path, output: str) -> None:
    """List parked streams: what waits, why and since when."""
    with read_models(data) as models:
        rows = models[PARKED_STREAMS].find(_where(name, None, fingerprint)).sort("parkedAt").limit(1_000)
        found = [describe(models, row) for row in rows]
    if output == "json":
        print_json({"parked": found})
        return
    if not found:
        click.echo("nothing is parked")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("projection", "stream", "event", "queued", "attempts", "since", "fingerprint", "error"):
        table.add_column(column)
    for each in found:
        event = f"{each['type']} v{each['version']}"
        numbers = str(each["queued"]), str(each["attempts"])
        why = each["fingerprint"], each["error"]
        table.add_row(each["projection"], each["stream"], event, *numbers, each["parkedAt"], *why)
    Console().print(table)


@parked.command()
@click.argument("stream", required=False)
@click.option("--fingerprint", help="All streams with this cause.")
@projection_option
@wait_option
@data_option
@output_option
def retry(
    stream: str | None, fingerprint: str | None, name: str | None, wait_seconds: float, data: Path, output: str
) -> None:
    """Try STREAM again, or every stream with a FINGERPRINT, once the cause is repaired."""
    if (stream is None) == (fingerprint is None):
        raise click.UsageError("say which: a STREAM, or --fingerprint")
    _request(data, _where(name, stream, fingerprint), {"kind": "retry"}, wait_seconds, output)


@parked.command()
@click.argument("stream")
@click.option("--reason", required=True, help="Why; it is kept with the event for ever.")
@projection_option
@wait_option
@data_option
@output_option
def discard(stream: str, reason: str, name: str | None, wait_seconds: float, data: Path, output: str) -> None:
    """Give up the event STREAM waits for (its documents stay without it) and go on with those behind it."""
    if not reason.strip():
        raise click.UsageError("--reason is empty: say why the event can be done without")
    request = {"kind": "discard", "reason": reason, "by": getpass.getuser()}
    _request(data, _where(name, stream, None), request, wait_seconds, output)


def _where(name: str | None, stream: str | None, fingerprint: str | None) -> dict[str, Any]:
    given = {"projection": name, "stream": stream, "fingerprint": fingerprint}
    return {field: value for field, value in given.items() if value is not None}


def _request(data: Path, where: dict[str, Any], request: dict[str, str], wait_seconds: float, output: str) -> None:
    """The request stands at every stream that matches, and its outcome is told."""
    with read_models(data) as models:
        streams = list(models[PARKED_STREAMS].find(where, {"projection": 1, "stream": 1}))
        if not streams:
            raise click.ClickException("no such stream is parked; see: lockstep parked list")
        ids = [row["_id"] for row in streams]
        request |= {"at": wire_time(datetime.now(UTC))}
        models[PARKED_STREAMS].update_many({"_id": {"$in": ids}}, {"$set": {"request": request}})
        for name in {row["projection"] for row in streams}:
            models[PROJECTIONS].update_one({"_id": name}, {"$inc": {"requests": 1}}, upsert=True)

        def answered() -> bool | None:
            pending = models[PARKED_STREAMS].count_documents({"_id": {"$in": ids}, "request": {"$exists": True}})
            return True if not pending else None

        heeded = wait_until(answered, wait_seconds)
        still = [describe(models, row) for row in models[PARKED_STREAMS].find({"_id": {"$in": ids}}).limit(1_000)]
    if output == "json":
        print_json({"asked": len(ids), "freed": len(ids) - len(still), "stillParked": still})
    else:
        click.echo(f"asked for {len(ids)}, freed {len(ids) - len(still)}")
        for each in still:
            click.echo(f"still parked: {each['stream']} at v{each['version']}: {each['error']}")
    if not heeded and wait_seconds:
        raise click.ClickException("no projector has heeded it yet; it will when one runs and is not paused")
    if still and wait_seconds:
        raise click.exceptions.Exit(EXIT_UNWELL)


def describe(models: Rows, row: dict[str, Any]) -> dict[str, Any]:
    """One parked stream, with how many events queue in it."""
    queued = models[PARKED_EVENTS].count_documents({"projection": row["projection"], "stream": row["stream"]})
    shown = (
        "projection",
        "stream",
        "type",
        "version",
        "fingerprint",
        "error",
        "attempts",
        "parkedAt",
        "triedAt",
        "partition",
    )
    return {field: row.get(field) for field in shown} | {"queued": queued}
