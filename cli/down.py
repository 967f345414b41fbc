"""`lockstep down`: stops the system of a data folder, in order, and waits until it has ended."""

from __future__ import annotations

from pathlib import Path

import click
import psutil

from cli.output import data_option, output_option, print_json
from stack.errors import StackError
from stack.state import read_state

STOP_SECONDS = 90.0


@click.command()
@data_option
@output_option
def down(data: Path, output: str) -> None:
    """Stop everything that runs on a data folder; its data stays."""
    state = read_state(data)
    if state is not None:
        supervisor = psutil.Process(state.pid)
        supervisor.terminate()
        try:
            supervisor.wait(timeout=STOP_SECONDS)
        except psutil.TimeoutExpired as error:
            raise StackError(
                f"the supervisor (pid {state.pid}) runs on after {STOP_SECONDS:.0f} s; see {data}/logs, then kill it"
            ) from error
    if output == "json":
        print_json({"stopped": state is not None, "pid": state.pid if state else None})
    else:
        click.echo(f"stopped (supervisor {state.pid})" if state else f"nothing ran on {data}")
