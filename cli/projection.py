"""`lockstep projection`: how far each projection has got, and pausing and resuming one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from cli.output import data_option, output_option, print_json
from cli.readmodel import Rows, known_projection, projection_names, read_models
from kernel.events import wire_time
from kernel.projection import PROJECTIONS
from projector.schema import CHECKPOINTS, PARKED_STREAMS


@click.group()
def projection() -> None:
    """See, pause and resume projections."""


@projection.command()
@data_option
@output_option
def status(data: Path, output: str) -> None:
    """Show each projection: running, paused or stopped by a fault; its position and parked streams."""
    with read_models(data) as models:
        found = [describe(models, name) for name in projection_names()]
    if output == "json":
        print_json({"projections": found})
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("projection", "state", "partitions", "projected up to", "parked streams"):
        table.add_column(column)
    for each in found:
        offsets = sum(each["positions"].values())
        table.add_row(
            each["name"], each["state"], str(len(each["positions"])), f"{offsets}", str(each["parkedStreams"])
        )
    Console().print(table)
    for each in found:
        if each["fault"]:
            click.echo(f"{each['name']} is stopped: {each['fault']['error']}\nto repair: {each['fault']['repair']}")


@projection.command()
@click.argument("name")
@click.option("--reason", default="", help="Why, for those who find it paused.")
@data_option
@output_option
def pause(name: str, reason: str, data: Path, output: str) -> None:
    """Stop projecting NAME within a second, everywhere; reads go on, and grow old."""
    wish = {"paused": True, "pausedAt": wire_time(datetime.now(UTC)), "pauseReason": reason}
    _set(known_projection(name), {"$set": wish}, data, output)


@projection.command()
@click.argument("name")
@data_option
@output_option
def resume(name: str, data: Path, output: str) -> None:
    """Go on projecting NAME where it stopped."""
    _set(known_projection(name), {"$unset": {"paused": "", "pausedAt": "", "pauseReason": ""}}, data, output)


def _set(name: str, change: dict[str, Any], data: Path, output: str) -> None:
    with read_models(data) as models:
        models[PROJECTIONS].update_one({"_id": name}, change, upsert=True)
        found = describe(models, name)
    if output == "json":
        print_json(found)
    else:
        click.echo(f"{name} is {found['state']}")


def describe(models: Rows, name: str) -> dict[str, Any]:
    """What MongoDB says of one projection; how far Kafka is ahead is in the projectors' metrics."""
    row = models[PROJECTIONS].find_one({"_id": name}) or {}
    checkpoints = models[CHECKPOINTS].find({"_id": {"$gt": f"{name}/", "$lt": f"{name}0"}})
    return {
        "name": name,
        "state": "paused" if row.get("paused") else "stopped" if row.get("fault") else "running",
        "pausedAt": row.get("pausedAt"),
        "pauseReason": row.get("pauseReason"),
        "fault": row.get("fault"),
        "positions": {str(each["partition"]): each["next"] for each in checkpoints.sort("partition")},
        "parkedStreams": models[PARKED_STREAMS].count_documents({"projection": name}),
    }
