"""Plays scenarios, each on a system of its own on the servers of the campaign, and has each run judged.

A run that is no pass keeps everything: seed, history, what the stores held, logs; and the campaign keeps the servers'
data then.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import uuid4

import msgspec

from chaos.audit import ask_again, read_lists
from chaos.catching_up import caught_up
from chaos.journal import Journal
from chaos.posts import CANARY
from chaos.processes import Nursery
from chaos.scenarios.scenario import Scenario
from chaos.stage import Scale, Stage
from chaos.system import Ground, System
from checker.freeze import Stores, freeze
from checker.run import ABOUT, CANARIES, HISTORY, LOGS
from checker.stored import About
from checker.verdict import Verdict
from stack.errors import StackError
from stack.servers import Servers

CURSORS = ".relay-cursors"
VERDICTS = "verdicts"
"""Kept of every run, for the page: a file each."""
PATIENCE_SECONDS = 15.0
"""How long beyond what is allowed catching up is waited for, so that one sees how late it was."""
HEARING_SECONDS = 3.0
"""How long who listens may take to hear of the last change."""


async def play_all(
    runs: Sequence[tuple[Scenario, int]],
    folder: Path,
    *,
    scale: str,
    keep: bool,
    progress: Callable[[str], None],
) -> list[Verdict]:
    """The verdict on each run (scenario and seed), one after another."""
    verdicts: list[Verdict] = []
    with Servers.start(folder / "servers", fresh=True, progress=progress) as servers, Nursery() as nursery:
        ground = Ground(servers, nursery, folder / "servers")
        for scenario, seed in runs:
            progress(f"{scenario.name}: {scenario.title}")
            verdict = await play(scenario, ground, folder / _name(scenario, seed), seed, Scale(scale))
            progress(f"{scenario.name}: {verdict.word} {'; '.join(verdict.why)}")
            verdicts.append(verdict)
            for server in servers.all:
                if not server.is_running:
                    server.restart()
    if not keep and all(verdict.word == "pass" for verdict in verdicts):
        for name in ["servers", *(_name(*run) for run in runs)]:
            shutil.rmtree(folder / name)
    return verdicts


async def play(scenario: Scenario, ground: Ground, folder: Path, seed: int, scale: Scale) -> Verdict:
    """One run: played, healed, audited, frozen, judged. What it left lies in the folder."""
    _empty(folder)
    system = System.open(ground, f"{scenario.name.lower()}-{uuid4().hex[:8]}", **scenario.settings)
    about = About(scenario=scenario.name, seed=seed, scale=scale.name, live_seconds=scenario.live_seconds)
    try:
        with Journal(folder / HISTORY) as journal:
            stage = Stage(system, journal, folder, seed, scale)
            async with stage.watching_lanes():
                try:
                    await scenario.play(stage)
                except (AssertionError, StackError) as error:
                    about.broke_off = f"{error}"[:500]
                await _come_to_rest(scenario, stage, about)
        await _stop(system)
        await freeze(folder, await _stores(system))
        _keep_words(stage)
        (folder / ABOUT).write_bytes(msgspec.json.encode(about))
    finally:
        await system.discard()
        _keep_logs(ground, system, folder)
    return await asyncio.to_thread(judged, folder)


def _name(scenario: Scenario, seed: int) -> str:
    return f"{scenario.name}-{seed}"


def _empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


async def _come_to_rest(scenario: Scenario, stage: Stage, about: About) -> None:
    """Nobody helps; then everybody's answers are asked for again."""
    about.faults, about.bite = stage.faults, stage.bites
    about.healed_ns = stage.healed_ns or time.monotonic_ns()  # nothing was broken: from now on
    about.caught_up_ns = await caught_up(stage.system, within=scenario.live_seconds + PATIENCE_SECONDS)
    await asyncio.sleep(HEARING_SECONDS if stage.listeners else 0)
    await stage.listening.aclose()
    if stage.listeners:
        stage.bit("changes heard", sum(each.heard for each in stage.listeners), 20)
    if about.broke_off or not stage.crowds:
        return
    crowd = stage.crowds[0]
    kept = len(crowd.accepted)
    stage.bit("answers asked for again and given", await ask_again(crowd), kept)
    await read_lists(crowd)
    for each in stage.crowds:
        each.close()


async def _stop(system: System) -> None:
    for process in reversed(system.processes):
        if process.is_running:
            process.revive()
            await process.stop(within=30)


async def _stores(system: System) -> Stores:
    topics = [row["topic"] for row in await system.sql("SELECT topic FROM topics ORDER BY topic")]
    return Stores(
        postgres_dsn=system.ground.dsn("reader", system.name),
        kafka_bootstrap=system.servers.kafka.bootstrap,
        mongo_uri=system.servers.mongo.uri,
        mongo_database=system.name,
        topics=[topic for topic in topics if not topic.endswith(CURSORS)],
    )


def _keep_words(stage: Stage) -> None:
    """What no log and no answer may hold: what people wrote, their tokens, the passwords of the system."""
    passwords = [stage.system.servers.passwords.get(f"postgres-{role}") for role in ("app", "relay", "superuser")]
    tokens = [token.rpartition(".")[2] for crowd in stage.crowds for token in crowd.tokens.values()]
    file = stage.folder / CANARIES
    file.touch(mode=0o600)
    file.write_text("\n".join([CANARY, *passwords, *tokens]))


def _keep_logs(ground: Ground, system: System, folder: Path) -> None:
    (folder / LOGS).mkdir(exist_ok=True)
    for log in ground.folder.glob(f"{system.name}-*.log"):
        log.replace(folder / LOGS / log.name.removeprefix(f"{system.name}-"))


def judged(folder: Path) -> Verdict:
    """The checker's verdict, from a process of its own; it stays when the run is removed."""
    call = [sys.executable, "-m", "checker", str(folder), "-o", "json"]
    told = subprocess.run(call, capture_output=True, check=False)
    if told.returncode not in (0, 1) or not told.stdout:
        raise StackError(f"the checker failed on {folder}: {told.stderr.decode(errors='replace')[-2000:]}")
    (folder.parent / VERDICTS).mkdir(exist_ok=True)
    (folder.parent / VERDICTS / f"{folder.name}.json").write_bytes(told.stdout)
    return msgspec.json.decode(told.stdout, type=Verdict)


def told_before(folder: Path) -> list[Verdict]:
    """The verdicts on all runs of this folder, whenever they were; of one scenario and seed the last."""
    files = sorted((folder / VERDICTS).glob("*.json"), key=lambda path: int(path.stem.partition("-")[0][1:]))
    return [msgspec.json.decode(path.read_bytes(), type=Verdict) for path in files]
