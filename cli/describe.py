"""`lockstep describe`: what the system says of itself, made from the code: no process and no server is needed.

Which domains is a setting (LOCKSTEP_DOMAINS), as for every process. What is described stays with what does it:
app.description, relay.description.
"""

from __future__ import annotations

from pathlib import Path

import click

from app.description import Unroutable, gateway_routes, openapi
from kernel.settings import SettingsError, read_settings
from relay.description import asyncapi

DESCRIPTIONS = {
    "openapi": ("openapi.json", openapi),
    "asyncapi": ("asyncapi.json", asyncapi),
    "routes": ("routes.caddy", gateway_routes),
}
"""Name → the file it is kept in, and what makes it."""


@click.command()
@click.argument("what", type=click.Choice([*DESCRIPTIONS, "all"]))
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write files there, instead of to standard output.",
)
def describe(what: str, folder: Path | None) -> None:
    """Describe the HTTP API (openapi), the topics (asyncapi), and to a gateway which reads are history's (routes)."""
    if what == "all" and folder is None:
        raise click.UsageError("all descriptions need a --folder to go to")
    try:
        settings = read_settings()
        made = {file: make(settings) for name, (file, make) in DESCRIPTIONS.items() if what in (name, "all")}
    except SettingsError as error:
        raise click.UsageError(str(error)) from None
    except Unroutable as error:
        raise click.ClickException(str(error)) from None
    for file, content in made.items():
        if folder is None:
            click.echo(content, nl=False)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / file).write_bytes(content)
