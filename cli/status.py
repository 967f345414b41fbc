"""`lockstep status`: what runs where, and how it is. It asks each process itself; nothing is remembered."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec
import psutil
from rich.console import Console
from rich.table import Table

from cli.output import EXIT_UNWELL, data_option, output_option, print_json, running_stack
from stack.ports import HOST, answers
from stack.probes import readiness
from stack.state import ProcessState, StackState


@click.command()
@data_option
@output_option
def status(data: Path, output: str) -> None:
    """Show URLs, server addresses and the health of every process."""
    now = report(running_stack(data))
    if output == "json":
        print_json(now)
    else:
        print_table(now)
    if any(process.state != "running" or process.health not in ("ready", "answers") for process in now.processes):
        sys.exit(EXIT_UNWELL)


def report(state: StackState) -> StackState:
    """The state with each process's own word on its health."""
    ports = {
        "postgres": state.servers.postgres.port,
        "kafka": int(state.servers.kafka.bootstrap.rpartition(":")[2]),
        "mongo": int(state.servers.mongo.uri.partition("//")[2].partition("/")[0].rpartition(":")[2]),
    }
    if state.urls.gateway:
        ports["gateway"] = int(state.urls.gateway.rpartition(":")[2])
    processes = [seen_now(process, ports.get(process.name)) for process in state.processes]
    return msgspec.structs.replace(state, processes=processes)


def seen_now(process: ProcessState, server_port: int | None) -> ProcessState:
    state = is_what(process.pid) if process.state == "running" else process.state
    health: str | None
    if server_port is not None:
        health = "answers" if answers(HOST, server_port) else "unreachable"
    else:
        health = readiness(process.port) if process.port else None
    return msgspec.structs.replace(process, state=state, health=health)


def is_what(pid: int) -> str:
    """running, stopped (frozen by a signal) or gone."""
    try:
        seen = psutil.Process(pid).status()
    except psutil.NoSuchProcess:
        return "gone"
    if seen == psutil.STATUS_ZOMBIE:
        return "gone"
    return "stopped" if seen == psutil.STATUS_STOPPED else "running"


def print_table(state: StackState) -> None:
    console = Console()
    console.print(f"{state.phase}, supervisor {state.pid}, data {state.data}", highlight=False, soft_wrap=True)
    console.print(f"API {state.urls.api}/api/v1   reference {state.urls.docs}", highlight=False, soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("process", "pid", "state", "health", "port", "restarts"):
        table.add_column(column)
    for process in state.processes:
        row = (process.name, process.pid, process.state, process.health, process.port, process.restarts)
        table.add_row(*("" if value is None else str(value) for value in row))
    console.print(table)
