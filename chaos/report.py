"""What a campaign found: a table for people, and the page docs/reliability.md.

Zero breaches in n acknowledged commands do not say "never": with 95 % confidence they bound the rate at 3/n. The page
gives that bound, not a promise.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from chaos.scenarios import NOT_STAGED, SCENARIOS
from checker.verdict import Verdict

READS = ("read", "list", "hear")


def acknowledged(verdict: Verdict) -> int:
    """Commands that were answered 2xx."""
    return sum(found.get("ok", 0) for kind, found in verdict.operations.items() if kind not in READS)


def bound(verdicts: Sequence[Verdict]) -> str:
    commands = sum(acknowledged(verdict) for verdict in verdicts)
    return f"{3 / commands:.1e}" if commands else "none"


def landed(verdict: Verdict) -> str:
    return "; ".join(f"{name} {bite.seen:,} (≥ {bite.least:,})" for name, bite in verdict.bite.items())


def print_verdicts(verdicts: Sequence[Verdict]) -> None:
    table = Table("scenario", "verdict", "commands", "faults landed", "3/n", "caught up")
    for verdict in verdicts:
        colour = "green" if verdict.word == "pass" else "red"
        table.add_row(
            verdict.scenario, f"[{colour}]{verdict.word}", f"{acknowledged(verdict):,}", landed(verdict),
            bound([verdict]), _caught_up(verdict),
        )  # fmt: skip
    console = Console()
    console.print(table)
    for verdict in verdicts:
        for why in verdict.why:
            console.print(f"{verdict.scenario}: {why}")
        for check in verdict.checks.values():
            for breach in check.examples[:3]:
                console.print(f"  {breach.check} {breach.sentence} {breach.evidence}", markup=False)


def _caught_up(verdict: Verdict) -> str:
    if verdict.liveness is None or verdict.liveness.caught_up_seconds is None:
        return "never"
    return f"{verdict.liveness.caught_up_seconds:.1f} s"


PAGE = """# Reliability: what was done to it, and what was found

This page is written by the command

```
{command}
```

last on {when}, on {machine}. Each scenario breaks the running system in one
way while clients write and read (16 at smoke scale, 64 at full). Afterwards nobody helps; once nothing lags any more an
independent checker (`checker/`, which imports nothing of the system) compares what every client was told with what
PostgreSQL, Kafka and MongoDB hold:

{checks}

A run passes only if no check found a breach, everything caught up by itself in the time allowed, and the faults really
landed as often as the scenario demands; below that it is called vacuous. No breach in n acknowledged commands bounds
the rate of breaches at 3/n with 95 % confidence: that is the figure given, and no more is claimed.

| scenario | run | verdict | commands | in doubt | faults landed (at least) | breaches | 3/n | caught up | prompt |
|---|---|---|---|---|---|---|---|---|---|
{rows}

A run is told by its scale and seed. Commands are those acknowledged; in doubt those whose outcome no client ever
learnt; prompt is the share of commands and reads answered within a second, while faults were on / while they were off.

Together: {together:,} commands acknowledged, breaches {breaches}, bound {bound}.

## Not played here

| scenario | why |
|---|---|
{missing}
"""


def write_page(file: Path, verdicts: Sequence[Verdict], scale: str) -> None:
    """The page says what these runs found."""
    names = " ".join(dict.fromkeys(verdict.scenario for verdict in verdicts))
    first = verdicts[0]
    text = PAGE.format(
        command=f"lockstep chaos {names} --scale {scale} --write docs/{file.name}",
        when=datetime.now(UTC).strftime("%Y-%m-%d"),
        machine=f"{os.cpu_count()} cores, Linux {platform.release().partition('-')[0]}, all servers on one host",
        checks="\n".join(f"- **{name}** {check.title}" for name, check in first.checks.items()),
        rows="\n".join(_row(verdict) for verdict in verdicts),
        together=sum(acknowledged(verdict) for verdict in verdicts),
        breaches=sum(_breaches(verdict) for verdict in verdicts),
        bound=bound(verdicts),
        missing="\n".join(f"| {name} | {why} |" for name, why in NOT_STAGED.items()),
    )
    file.write_text(text)


def _row(verdict: Verdict) -> str:
    title = SCENARIOS[verdict.scenario].title
    cells = [
        f"{verdict.scenario} {title}", f"{verdict.scale}, {verdict.seed}", verdict.word, f"{acknowledged(verdict):,}",
        f"{verdict.counts.get('in doubt', 0):,}", landed(verdict), str(_breaches(verdict)), bound([verdict]),
        _caught_up(verdict), _availability(verdict),
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _breaches(verdict: Verdict) -> int:
    return sum(check.breaches for check in verdict.checks.values())


def _availability(verdict: Verdict) -> str:
    if verdict.liveness is None:
        return "–"
    shares = (verdict.liveness.inside_faults, verdict.liveness.outside_faults)
    return " / ".join("–" if share is None else f"{100 * share.mean:.1f} %" for share in shares)
