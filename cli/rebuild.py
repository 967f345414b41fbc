"""`lockstep projection rebuild | compare | switch | rollback | drop`: a read model built anew beside the live one.

`rebuild` asks the API, as any administrator's client would; the others write a wish into MongoDB that a projector
carries out, as `pause` and `parked retry` do.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from cli.comparing import Comparison, NeverEqual, compare
from cli.output import EXIT_FAILED, data_option, output_option, print_json, running_stack
from cli.readmodel import Rows, known_projection, read_models, wait_until
from kernel.domain import load_projections
from kernel.projection import GENERATIONS, Projection, collection_name, generation_name
from kernel.settings import read_settings
from projector.schema import CHECKPOINTS
from stack.tokens import DevelopmentKeys

_LOOK_SECONDS = 0.25
wait_option = click.option(
    "--wait", "wait_seconds", default=60.0, show_default=True, help="How many seconds to wait for the outcome; 0: none."
)


@click.command()
@click.argument("name")
@click.option("--switch", is_flag=True, help="Switch readers to it once it has caught up, without a comparison.")
@click.option("--detach", is_flag=True, help="Return once it is asked for.")
@data_option
@output_option
def rebuild(name: str, switch: bool, detach: bool, data: Path, output: str) -> None:
    """Build the documents of NAME anew from stored events, beside the live ones; follow it until it has caught up."""
    known_projection(name)
    asked = _ask(data, name, switch)
    if detach:
        _say(
            output, asked, f"generation {asked['generation']} of {name} is being built; see: lockstep projection status"
        )
        return
    with read_models(data) as models:
        outcome = _follow(models, name, asked["generation"], switch)
    _say(output, asked | outcome, f"generation {asked['generation']} of {name} is {outcome['state']}")


@click.command("compare")
@click.argument("name")
@data_option
@output_option
def compare_command(name: str, data: Path, output: str) -> None:
    """Compare NAME's live documents with the generation being built, or else with the previous one, field by field."""
    projection, topic = _projection(name)
    with read_models(data) as models:
        row = models[GENERATIONS].find_one({"_id": name}) or {}
        other = (row.get("building") or {}).get("generation") or row.get("previous")
        if other is None or (row.get("building") or {}).get("phase") == "replaying":
            raise click.ClickException(
                f"{name} has no second generation that has caught up; see: lockstep projection rebuild"
            )
        total = sum(
            models[collection_name(each, row["live"])].estimated_document_count() for each in projection.collections
        )
        with _bar("documents") as bar:
            task = bar.add_task("comparing", total=total)
            try:
                found = compare(models, projection, row["live"], other, topic, lambda n: bar.advance(task, n))
            except NeverEqual as error:
                raise click.ClickException(f"{error}; pause writers for a moment, or try again") from error
    _say(output, msgspec.to_builtins(found), _told(found))
    if found.different:
        raise click.exceptions.Exit(EXIT_FAILED)


@click.command()
@click.argument("name")
@wait_option
@data_option
@output_option
def switch(name: str, wait_seconds: float, data: Path, output: str) -> None:
    """Let readers read the generation of NAME that has been built; the one before is kept, and kept up to date."""
    with read_models(data) as models:
        building = _row(models, name).get("building") or {}
        if building.get("phase") != "following":
            raise click.ClickException(f"no generation of {name} has been built that has caught up")
        _switch(models, name, building["generation"], wait_seconds, output)


@click.command()
@click.argument("name")
@wait_option
@data_option
@output_option
def rollback(name: str, wait_seconds: float, data: Path, output: str) -> None:
    """Let readers of NAME go back to the generation before."""
    with read_models(data) as models:
        previous = _row(models, name).get("previous")
        if previous is None:
            raise click.ClickException(f"no generation of {name} before the live one is kept")
        _switch(models, name, previous, wait_seconds, output)


@click.command()
@click.argument("name")
@data_option
@output_option
def drop(name: str, data: Path, output: str) -> None:
    """Give up the generation of NAME that is being built, or else the one kept for going back."""
    known_projection(name)
    with read_models(data) as models:
        row = _row(models, name)
        field = "building" if row.get("building") else "previous"
        generation = row["building"]["generation"] if field == "building" else row.get("previous")
        if generation is None:
            raise click.ClickException(f"{name} has no generation but the live one")
        where = {"_id": name, "building.generation" if field == "building" else "previous": generation}
        retired = {"retired": {"generation": generation, "at": time.time()}}
        if not models[GENERATIONS].update_one(where, {"$unset": {field: ""}, "$push": retired}).modified_count:
            raise click.ClickException("it has just been switched: look again")
    _say(output, {"projection": name, "dropped": generation}, f"generation {generation} of {name} is given up")


def _switch(models: Rows, name: str, generation: int, wait_seconds: float, output: str) -> None:
    known_projection(name)
    models[GENERATIONS].update_one({"_id": name}, {"$set": {"wish": generation}})

    def done() -> bool | None:
        row = _row(models, name)
        return True if row.get("live") == generation else False if row.get("wish") != generation else None

    outcome = wait_until(done, wait_seconds) if wait_seconds else None
    if outcome is False:
        raise click.ClickException(
            "not switched: the two never stood at the same place; try again when less is written"
        )
    if outcome is None and wait_seconds:
        raise click.ClickException("no projector has carried it out: is one running? (the wish stands)")
    _say(output, {"projection": name, "live": generation}, f"readers of {name} read generation {generation}")


def _ask(data: Path, name: str, switch: bool) -> dict[str, Any]:
    """What the API answers to an administrator who asks for it."""
    token = DevelopmentKeys(data / "secrets").token("operator", ("admin",), 1)
    request = Request(
        f"{running_stack(data).urls.api}/api/v1/rebuilds",
        msgspec.json.encode({"projection": name, "switch": switch}),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    try:
        with urlopen(request, timeout=10) as answer:
            asked: dict[str, Any] = msgspec.json.decode(answer.read())
    except HTTPError as error:
        raise click.ClickException(f"the API refuses: {error.read().decode(errors='replace')}") from error
    except OSError as error:
        raise click.ClickException(f"the API does not answer ({error}): is it well? see: lockstep status") from error
    return asked


def _follow(models: Rows, name: str, generation: int, switch: bool) -> dict[str, Any]:
    """Shows how far it has got, until it has caught up (and is live, where that was asked for)."""
    since = time.monotonic()
    with _bar("events") as bar:
        task = bar.add_task("waiting for a relay", total=None)
        while True:
            row = _row(models, name)
            building = row.get("building") or {}
            if row.get("live") == generation:
                break
            if building.get("generation") == generation:
                if building["phase"] == "following" and not (switch and building["switch"]):
                    break
                build = next(each for each in row["builds"] if each["generation"] == generation)
                done = build["events"]
                if building["phase"] == "replaying":
                    done = min(done, projected(models, name, generation, building["topic"]))
                bar.update(task, description=building["phase"], total=build["events"], completed=done)
            elif row.get("newest", 1) > generation:
                raise click.ClickException(f"generation {generation} of {name} has been given up")
            time.sleep(_LOOK_SECONDS)
    state = "live" if _row(models, name).get("live") == generation else "caught up, and not read yet"
    return {"state": state, "seconds": round(time.monotonic() - since, 1)}


def projected(models: Rows, name: str, generation: int, topic: str) -> int:
    """Events of the replay that are in the documents."""
    prefix = f"{generation_name(name, generation)}/{topic}/"
    rows = models[CHECKPOINTS].find({"_id": {"$gt": prefix, "$lt": f"{prefix[:-1]}0"}})
    total: int = sum(row["next"] for row in rows)
    return max(0, total - 1)  # the first record of partition 0 is no event


def _row(models: Rows, name: str) -> dict[str, Any]:
    return models[GENERATIONS].find_one({"_id": name}) or {}


def _projection(name: str) -> tuple[Projection, str]:
    """The projection and its domain's topic."""
    known_projection(name)
    settings = read_settings()
    found = next(each for each in load_projections(settings.domain_packages) if each.name == name)
    return found, settings.topic(found.domain)


def _bar(what: str) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn(what))
    return Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=Console(stderr=True))


def _told(found: Comparison) -> str:
    one, other = found.generations
    lines = [f"{found.documents} documents of generations {one} and {other}: {found.different} differ"]
    for each in found.differences:
        lines.append(f"  {each.collection} {each.id}: {', '.join(each.fields) or 'only in one'}")
        lines.append(f"    {one}: {each.one}\n    {other}: {each.other}")
    return "\n".join(lines)


def _say(output: str, answer: dict[str, Any], sentence: str) -> None:
    if output == "json":
        print_json(answer)
    else:
        click.echo(sentence)
