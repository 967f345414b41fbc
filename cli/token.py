"""`lockstep token`: a bearer token for development, signed with the key of the data folder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from cli.output import data_option, output_option, print_json
from stack.folders import MARKER
from stack.tokens import SCOPES, DevelopmentKeys


@click.command()
@data_option
@click.option("--subject", default="alice", show_default=True, help="Whom the token stands for.")
@click.option("--scope", "scopes", multiple=True, default=SCOPES, show_default=True, help="May be given several times.")
@click.option("--hours", type=click.FloatRange(min=0, min_open=True), default=12.0, show_default=True)
@output_option
def token(data: Path, subject: str, scopes: tuple[str, ...], hours: float, output: str) -> None:
    """Print a development token."""
    if not (data / MARKER).exists():
        raise click.ClickException(f"{data} has no system yet; make it with: lockstep up --data {data}")
    bearer = DevelopmentKeys(data / "secrets").token(subject, scopes, hours)
    if output == "json":
        expires = datetime.now(UTC) + timedelta(hours=hours)
        print_json({"token": bearer, "subject": subject, "scopes": scopes, "expires": expires})
    else:
        click.echo(bearer)
