"""What all commands share: the options every one has, how answers are printed, and the exit codes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from stack.state import StackState, read_state

EXIT_FAILED, EXIT_USAGE, EXIT_NOT_RUNNING, EXIT_UNWELL, EXIT_INTERRUPTED = 1, 2, 3, 4, 130
DEFAULT_DATA = ".lockstep"

F = TypeVar("F", bound=Callable[..., Any])


class NotRunning(click.ClickException):
    """Nothing runs on the data folder."""

    exit_code = EXIT_NOT_RUNNING

    def __init__(self, data: Path) -> None:
        super().__init__(f"nothing runs on {data}; start it with: lockstep up --data {data}")


def data_option(command: F) -> F:
    """`--data DIR`, as `data: Path`."""
    return click.option(
        "--data",
        type=click.Path(file_okay=False, path_type=Path),
        envvar="LOCKSTEP_DATA",
        default=DEFAULT_DATA,
        show_default=True,
        help="The folder that holds everything a system writes.",
        callback=lambda _context, _option, value: value.resolve(),
    )(command)


def output_option(command: F) -> F:
    """`-o json`, as `output: str`."""
    return click.option(
        "-o", "--output", type=click.Choice(["text", "json"]), default="text", help="For people, or for programs."
    )(command)


def running_stack(data: Path) -> StackState:
    """The state of the system on `data`. Raises NotRunning."""
    state = read_state(data)
    if state is None:
        raise NotRunning(data)
    return state


def print_json(answer: Any) -> None:
    """One JSON value on standard output."""
    click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())


def report_error(sentence: str, code: int, *, as_json: bool) -> int:
    """The sentence is on standard error, as an object when JSON was asked for. Returns the exit code."""
    if as_json:
        click.echo(msgspec.json.encode({"error": sentence, "exitCode": code}).decode(), file=sys.stderr)
    else:
        click.echo(f"lockstep: {sentence}", file=sys.stderr)
    return code
