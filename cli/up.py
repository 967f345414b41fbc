"""`lockstep up`: the whole system, in the foreground until Ctrl-C or detached. How it starts is stack's business."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from types import FrameType

import click
from rich.console import Console

from cli.demo import load_demo
from cli.detach import start_detached
from cli.output import data_option, output_option, print_json
from cli.progress import ProgressLine
from cli.status import report
from cli.welcome import print_welcome
from stack.errors import StackError
from stack.stack import Options, run_stack
from stack.state import StackState, read_state
from stack.topology import Counts


class Interrupted(BaseException):
    """Asked to stop before everything was up."""


@click.command()
@data_option
@click.option("--base-port", type=click.IntRange(1024, 65_000), help="Fixed ports from here on; else free ones, kept.")
@click.option("--fresh", is_flag=True, help="Start from nothing: wipes the data folder.")
@click.option("--apps", type=click.IntRange(1, 32), default=1, show_default=True, help="API processes of each role.")
@click.option("--relays", type=click.IntRange(1, 20), default=1, show_default=True, help="Relay processes.")
@click.option("--projectors", type=click.IntRange(1, 20), default=1, show_default=True, help="Projector processes.")
@click.option(
    "--gateway/--no-gateway",
    default=True,
    show_default=True,
    help="The API behind a gateway; without it, --apps processes of all roles share one port.",
)
@click.option("--detach", is_flag=True, help="Return when everything is up, and leave it running.")
@output_option
def up(
    data: Path,
    base_port: int | None,
    fresh: bool,
    apps: int,
    relays: int,
    projectors: int,
    gateway: bool,
    detach: bool,
    output: str,
) -> None:
    """Start servers, migrate, make topics, start all processes, load a small demo."""
    if running := read_state(data):
        raise StackError(f"it runs on {data} already (pid {running.pid}); stop it with: lockstep down --data {data}")
    options = Options(data=data, base_port=base_port, fresh=fresh, counts=Counts(apps, relays, projectors, gateway))
    console = Console(stderr=True, quiet=output == "json")
    if detach:
        state = start_detached(options, console)
        announce(state, output, console, foreground=False)
    else:
        run_here(options, console, output)


def run_here(options: Options, console: Console, output: str) -> None:
    """The system ran in this process until a signal; a second signal changes nothing, the stop is under way."""
    stop = threading.Event()
    ready = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            return
        stop.set()
        if not ready.is_set():
            raise Interrupted

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)

    with ProgressLine(console) as progress:

        def when_ready(state: StackState) -> None:
            load_demo(state, progress)
            ready.set()
            progress.done()
            announce(state, output, console, foreground=True)

        try:
            run_stack(options, stop, progress, when_ready)
        except Interrupted:
            progress("stopped before everything was up")
        progress("stopped")


def announce(state: StackState, output: str, console: Console, *, foreground: bool) -> None:
    """The person, or the program, knows where everything is."""
    if output == "json":
        print_json(report(state))
    else:
        print_welcome(state, console, foreground=foreground)
