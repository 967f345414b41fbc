"""`lockstep logs`: what a process, or every process, has written."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from cli.output import data_option, output_option

FOLLOW_SECONDS = 0.2
BACK_BYTES = 512 * 1024
"""How far from its end a log is read at most."""


@click.command()
@click.argument("names", nargs=-1)
@data_option
@click.option("-f", "--follow", is_flag=True, help="Go on as lines come in.")
@click.option(
    "-n", "--lines", type=click.IntRange(min=0), default=50, show_default=True, help="Lines of each to begin with."
)
@output_option
def logs(names: tuple[str, ...], data: Path, follow: bool, lines: int, output: str) -> None:
    """Show logs of the processes NAMES (default: all): commands-1, relay-1, gateway, postgres, up, ..."""
    folder = data / "logs"
    known = sorted(path.stem for path in folder.glob("*.log")) if folder.is_dir() else []
    if not known:
        raise click.ClickException(f"there are no logs in {folder}; has it ever run? Start it with: lockstep up")
    if unknown := [name for name in names if name not in known]:
        raise click.ClickException(f"there is no log of {unknown[0]}; there are: {', '.join(known)}")
    tails = {name: Tail(folder / f"{name}.log") for name in names or known}
    for name, tail in tails.items():
        for line in tail.last_lines(lines):
            print_line(name, line, alone=len(tails) == 1, output=output)
    while follow:
        for name, tail in tails.items():
            for line in tail.new_lines():
                print_line(name, line, alone=len(tails) == 1, output=output)
        time.sleep(FOLLOW_SECONDS)


class Tail:
    """Reads whole lines as they are appended; begins anew when the file was replaced."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at = max(0, path.stat().st_size - BACK_BYTES)
        self._partial = b""

    def last_lines(self, count: int) -> list[str]:
        lines = list(self.new_lines())
        return lines[len(lines) - count :] if count < len(lines) else lines

    def new_lines(self) -> Iterator[str]:
        if self._path.stat().st_size < self._at:
            self._at, self._partial = 0, b""
        with self._path.open("rb") as file:
            file.seek(self._at)
            *whole, self._partial = (self._partial + file.read()).split(b"\n")
            self._at = file.tell()
        for line in whole:
            yield line.decode(errors="replace")


def print_line(name: str, line: str, *, alone: bool, output: str) -> None:
    if output == "json":
        click.echo(msgspec.json.encode({"process": name, "line": line}).decode())
    else:
        click.echo(line if alone else f"{name:<12} {line}")
