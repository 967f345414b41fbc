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
from cli.rebuild import compare_command, drop, projected, rebuild, rollback, switch
from kernel.events import wire_time
from kernel.projection import FIRST_GENERATION, GENERATIONS, PROJECTIONS, generation_name
from projector.schema import CHECKPOINTS, PARKED_STREAMS


@click.group()
def projection() -> None:
    """See, pause and resume projections."""


for command in (rebuild, compare_command, switch, rollback, drop):
    projection.add_command(command)


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
    for column in ("projection", "state", "live", "partitions", "projected up to", "parked streams", "beside it"):
        table.add_column(column)
    for each in found:
        offsets = sum(each["positions"].values())
        numbers = f"{each['live']}", f"{len(each['positions'])}", f"{offsets}", f"{each['parkedStreams']}"
        table.add_row(each["name"], each["state"], *numbers, _beside(each))
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
    generations = models[GENERATIONS].find_one({"_id": name}) or {}
    live = generations.get("live", FIRST_GENERATION)
    filed = generation_name(name, live)
    checkpoints = models[CHECKPOINTS].find({"_id": {"$gt": f"{filed}/", "$lt": f"{filed}0"}})
    return {
        "name": name,
        "state": "paused" if row.get("paused") else "stopped" if row.get("fault") else "running",
        "pausedAt": row.get("pausedAt"),
        "pauseReason": row.get("pauseReason"),
        "fault": row.get("fault"),
        "positions": {str(each["partition"]): each["next"] for each in checkpoints.sort("partition")},
        "parkedStreams": models[PARKED_STREAMS].count_documents({"projection": filed}),
        "live": live,
        "previous": generations.get("previous"),
        "building": _building(models, name, generations),
    }


def _building(models: Rows, name: str, generations: dict[str, Any]) -> dict[str, Any] | None:
    building = generations.get("building")
    if building is None:
        return None
    build = next(each for each in generations["builds"] if each["generation"] == building["generation"])
    done = build["events"]
    if building["phase"] == "replaying":
        done = min(done, projected(models, name, building["generation"], building["topic"]))
    told = ("generation", "phase", "switch", "requestedBy", "startedAt")
    return {field: building[field] for field in told} | {"events": build["events"], "projected": done}


def _beside(described: dict[str, Any]) -> str:
    found = []
    if building := described["building"]:
        progress = f"{building['projected']} of {building['events']} events"
        found.append(f"{building['generation']} {building['phase']}, {progress}")
    if described["previous"] is not None:
        found.append(f"{described['previous']} kept")
    return "; ".join(found)
