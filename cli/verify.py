"""`lockstep verify`: what readers are told, against the stored events."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import asyncpg
import click
import httpx
import msgspec
from rich.console import Console

from cli.output import data_option, output_option, print_json, running_stack
from cli.progress import ProgressLine
from domains.shop.reference import Reference
from domains.shop.verification import Question, differences, questions_about
from kernel.codec import Codec
from kernel.domain import load_codec
from kernel.events import Event
from stack.passwords import Passwords
from stack.state import StackState
from stack.tokens import DevelopmentKeys
from stack.topology import role_dsn

DOMAIN = "domains.shop"
LISTED = 20
PAUSE_SECONDS = 0.5
_READ = """
    SELECT stream, type, schema_version, data::text FROM events
    WHERE split_part(stream, '-', 1) IN ('customer', 'product', 'promotion', 'order') ORDER BY position
"""


class Difference(msgspec.Struct, frozen=True, rename="camel"):
    """A question whose answer is another one than the stored events give."""

    question: str
    parameters: dict[str, str]
    differences: list[str]


class Verified(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What was compared, and what differs."""

    events: int
    orders: int
    answers: int
    different: list[Difference]


@click.group()
def verify() -> None:
    """Recompute what readers are told from the stored events, and compare."""


@verify.command()
@click.option(
    "--wait", "wait_seconds", default=20.0, show_default=True,
    help="How many seconds answers that differ may take to come right: events may be under way.",
)  # fmt: skip
@data_option
@output_option
def analytics(wait_seconds: float, data: Path, output: str) -> None:
    """Ask the shop's seven questions in several ways, and compare each answer to the cent. Exit code 1: one differs."""
    state = running_stack(data)
    with ProgressLine(Console(stderr=True)) as progress:
        found = asyncio.run(verified(data, state, wait_seconds, progress))
    if output == "json":
        print_json(found)
    else:
        click.echo(
            f"{found.answers} answers recomputed from {found.events:,} events of {found.orders:,} orders: "
            f"{len(found.different) or 'none'} of them differ{'s' if len(found.different) == 1 else ''}"
        )
        for one in found.different:
            click.echo(f"{one.question}?{urlencode(one.parameters)}", err=True)
            for sentence in one.differences[:LISTED]:
                click.echo(f"  {sentence}", err=True)
    if found.different:
        raise SystemExit(1)


async def verified(data: Path, state: StackState, wait_seconds: float, progress: Callable[[str], None]) -> Verified:
    """The comparison with the events as they stand; while something differs, and time is left, once more."""
    patience_ends = time.monotonic() + wait_seconds
    while True:
        progress("reading the stored events")
        history = await _stored(_dsn(data, state), load_codec([DOMAIN]))
        plain, now = Reference(history), datetime.now(UTC)
        questions, different = questions_about(plain, now), []
        async with httpx.AsyncClient(base_url=state.urls.api, timeout=30) as client:
            keys = DevelopmentKeys(data / "secrets")
            for number, question in enumerate(questions, 1):
                progress(f"asking: {number} of {len(questions)}, {question.name}")
                if told := await _differences(client, keys, question, plain):
                    different.append(Difference(question.name, question.parameters, told))
        if not different or time.monotonic() > patience_ends:
            return Verified(events=len(history), orders=len(plain.orders), answers=len(questions), different=different)
        await asyncio.sleep(PAUSE_SECONDS)


async def _differences(
    client: httpx.AsyncClient, keys: DevelopmentKeys, question: Question, plain: Reference
) -> list[str]:
    scopes = ("shop:read", "admin") if question.as_admin else ("shop:read",)
    answer = await client.get(
        f"/api/v1/analytics/{question.name}", params=question.parameters,
        headers={"Authorization": f"Bearer {keys.token('verify', scopes)}"},
    )  # fmt: skip
    if answer.status_code != 200:
        return [f"it was answered {answer.status_code}: {answer.text[:300]}"]
    told = answer.json()
    return differences(question, plain, told, datetime.fromisoformat(told["asOf"]))


async def _stored(dsn: str, codec: Codec) -> list[tuple[str, Event]]:
    """Every stored event of the shop, in the order it was stored."""
    try:
        connection = await asyncpg.connect(dsn, timeout=5)
    except (OSError, asyncpg.PostgresError) as error:
        raise click.ClickException(f"PostgreSQL does not answer ({type(error).__name__}): is it running?") from error
    try:
        async with connection.transaction(readonly=True):
            return [
                (row["stream"], codec.decode(row["type"], row["schema_version"], row["data"]))
                async for row in connection.cursor(_READ, prefetch=5_000)
            ]
    finally:
        await connection.close()


def _dsn(data: Path, state: StackState) -> str:
    address = state.servers.postgres
    return role_dsn(Passwords(data / "secrets"), "reader", address.port, address.database)
