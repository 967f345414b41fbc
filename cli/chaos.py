"""`lockstep chaos`: scenarios of faults against real servers and processes, each run judged by the independent checker.

What is done and what is checked stands in the packages chaos and checker; here are the options and the exit code: 1
when a run was no pass.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import click
from rich.console import Console

from cli.output import DEFAULT_DATA, output_option, print_json
from cli.progress import ProgressLine


@click.command()
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO]...")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Fixes what is tried.")
@click.option(
    "--scale", type=click.Choice(["smoke", "full"]), default="smoke", show_default=True,
    help="Seconds a scenario, or the campaign's figures (hours).",
)  # fmt: skip
@click.option(
    "--runs", type=click.IntRange(1), default=1, show_default=True, help="Of each, with one seed after another."
)
@click.option(
    "--all", "everything", is_flag=True, help="Every scenario there is; without it and without names, the smoke set."
)
@click.option("--keep", is_flag=True, help="Keep what passed, too; what did not is always kept.")
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), envvar="LOCKSTEP_DATA", default=DEFAULT_DATA,
    show_default=True, help="Runs lie in its subfolder `chaos`.",
    callback=lambda _context, _option, value: value.resolve() / "chaos",
)  # fmt: skip
@click.option(
    "--write",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Put what all runs found into this page.",
)
@output_option
def chaos(
    scenarios: tuple[str, ...], seed: int, scale: str, runs: int, everything: bool, keep: bool, data: Path,
    file: Path | None, output: str,
) -> None:  # fmt: skip
    """Break the system on purpose, and judge what is left. Named scenarios, or the smoke set."""
    from chaos.campaign import play_all, told_before
    from chaos.report import print_verdicts, write_page
    from chaos.scenarios import NOT_STAGED, SCENARIOS, SMOKE

    names = [name.upper() for name in scenarios] or (list(SCENARIOS) if everything else SMOKE)
    for name in names:
        if name in NOT_STAGED:
            raise click.UsageError(f"{name} is not played here: {NOT_STAGED[name]}")
        if name not in SCENARIOS:
            raise click.UsageError(f"there is no scenario {name}; there are {', '.join(SCENARIOS)}")
    with ProgressLine(Console(stderr=True)) as progress:
        chosen = [(SCENARIOS[name], seed + number) for name in names for number in range(runs)]
        verdicts = asyncio.run(play_all(chosen, data, scale=scale, keep=keep, progress=progress))
    if file is not None:
        write_page(file, told_before(data), scale)
    if output == "json":
        print_json(verdicts)
    else:
        print_verdicts(verdicts)
    if any(verdict.word != "pass" for verdict in verdicts):
        raise SystemExit(1)
