"""`lockstep load superstore`: what became of a file of order lines, sent through the API and read back."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import urlsplit

import click
import msgspec

from cli.load import LISTED, run_watched
from cli.output import print_json, running_stack
from cli.shop_sending import ShopSending
from cli.submissions import Refusal
from cli.superstore import read_superstore
from stack.tokens import DevelopmentKeys

IMPORTER, SCOPES = "superstore-import", ("shop:read", "shop:write", "import")


class ShopSummary(msgspec.Struct, kw_only=True, rename="camel"):
    """What became of every row of a file: stored, or listed with the reason. Commands are counted once accepted."""

    source: str
    rows: int
    products: int
    customers: int
    orders: int
    commands: int
    commands_accepted_already: int
    checked: int
    wrong: list[Refusal]
    refused: list[Refusal]
    seconds: float
    commands_per_second: float
    """Until the last command was answered; reading back is not counted."""


def send_superstore(data: Path, file: Path) -> ShopSummary:
    """Everything was sent and read back; a progress bar showed it."""
    api = urlsplit(running_stack(data).urls.api)
    token = DevelopmentKeys(data / "secrets").token(IMPORTER, SCOPES)
    store = read_superstore(file)
    sending = ShopSending(api.hostname or "127.0.0.1", api.port or 80, token, store)
    done = sending.tally
    started = time.monotonic()
    run_watched(
        data,
        sending.run,
        ("products listed", len(store.products), lambda: done.products),
        ("customers registered", len(store.customers), lambda: done.customers),
        ("orders delivered", len(store.orders), lambda: done.orders),
        ("orders read back", len(store.orders), lambda: done.checked),
    )
    seconds = sending.stored_at - started
    return ShopSummary(
        source=str(file), rows=store.rows, products=done.products, customers=done.customers, orders=done.orders,
        commands=done.commands, commands_accepted_already=done.commands_again, checked=done.checked,
        wrong=sending.wrong, refused=sorted(store.refused + sending.refused, key=lambda one: one.row),
        seconds=round(seconds, 2), commands_per_second=round(done.commands / max(seconds, 1e-9), 1),
    )  # fmt: skip


def finish_superstore(summary: ShopSummary, output: str) -> None:
    """The summary is printed; anything wrong or refused is exit code 1."""
    if output == "json":
        print_json(summary)
    else:
        click.echo(
            f"{summary.products:,} products, {summary.customers:,} customers and {summary.orders:,} orders of "
            f"{summary.rows:,} rows are stored by {summary.commands:,} commands ({summary.commands_accepted_already:,} "
            f"had been accepted already), {summary.checked - len(summary.wrong):,} orders read back right; "
            f"{summary.seconds:.1f} s, {summary.commands_per_second:,.0f} commands/s"
        )
        for kind, found in (("was not sent or stored", summary.refused), ("reads back wrong", summary.wrong)):
            for one in found[:LISTED]:
                click.echo(f"row {one.row} (id {one.id}) {kind}: {one.reason}", err=True)
            if len(found) > LISTED:
                click.echo(f"and {len(found) - LISTED} more; -o json lists all", err=True)
    if summary.wrong or summary.refused:
        raise SystemExit(1)
