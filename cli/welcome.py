"""What `lockstep up` says when everything runs: the URLs and a first command that works as it stands."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from stack.gateway import PAGE
from stack.state import StackState
from stack.tokens import DevelopmentKeys


def print_welcome(state: StackState, console: Console, *, foreground: bool) -> None:
    """URLs and a curl with a token on standard output, unwrapped, so that they can be copied."""
    data = Path(state.data)
    token = DevelopmentKeys(data / "secrets").token("alice", hours=24)
    servers = state.servers
    lines = [
        "",
        "Lockstep runs.",
        *([f"  Page        {state.urls.gateway}"] if state.urls.gateway and (PAGE / "index.html").exists() else []),
        f"  API         {state.urls.api}/api/v1",
        f"  Reference   {state.urls.docs}",
        f"  PostgreSQL  {servers.postgres.host}:{servers.postgres.port}, database {servers.postgres.database}",
        f"  Kafka       {servers.kafka.bootstrap}",
        f"  MongoDB     {servers.mongo.uri}",
        f"  Data, logs  {data}",
        "",
        *first_command(state, token),
        "",
        "Ctrl-C stops it all." if foreground else f"Stop it with: lockstep down --data {data}",
    ]
    console.file.flush()
    click.echo("\n".join(lines))


def first_command(state: StackState, token: str) -> list[str]:
    """A post, where posts run; else what every first command needs."""
    if "posts" not in state.domains:
        return ["A token for alice, for your first command: lockstep token --subject alice"]
    return [
        "Write a post as alice, for whom this token stands (24 hours; another: lockstep token --subject NAME):",
        "",
        f"  curl -i {state.urls.api}/api/v1/posts \\",
        "    -H 'Idempotency-Key: my-first' -H 'Content-Type: application/json' \\",
        '    -d \'{"message": "Hello, Lockstep"}\' \\',
        f"    -H 'Authorization: Bearer {token}'",
    ]
