"""A bank under load while everything of ours dies: 64 clients make 10,000 transfers over 100 accounts, and app, relay
and projector are killed again and again. Afterwards the three stores hold the same sums, and no money was made or lost
at any moment.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from chaos.system import System
from lockstep_testing.facts import eventually
from tests.system.accounts import money_is_conserved
from tests.system.agreement import assert_everything_agrees
from tests.system.banking import Bank
from tests.system.raw import documents, projected_versions, published_records, stored_events

CLIENTS, ACCOUNTS, TRANSFERS, HOLDING = 64, 100, 10_000, 10_000
KILLS = ("app", "projector", "relay", "app", "relay", "app", "relay", "app", "projector", "relay", "app", "relay")
BETWEEN = 600
"""Transfers from one kill to the next, at least; together they leave some for when everything runs again."""


@pytest.mark.timeout(240)
async def test_money_is_conserved_whatever_dies(new_system: Callable[..., System]) -> None:
    system = new_system(domains="domains.accounts")
    await system.start_all("app")
    first = [system.start("relay", lease_seconds=0.5), system.start("projector"), system.start("projector")]
    await asyncio.gather(*(process.ready() for process in first))
    killed: Counter[str] = Counter()
    async with Bank(system, clients=CLIENTS) as bank:
        await bank.open(ACCOUNTS, HOLDING)
        async with bank.running():
            for kind in KILLS:
                due = bank.history.acknowledged + BETWEEN
                await eventually(lambda due=due: bank.history.acknowledged >= due, 60)  # type: ignore[misc]
                await at_work(system, kind)
                victim = system.one(kind)
                victim.kill()
                await victim.gone()
                killed[kind] += 1
                start_another(system, kind)
        assert killed == Counter(KILLS)
        await bank.burst(TRANSFERS - sum(done.path == "/transfers" for done in bank.history.done))
        transfers = [done for done in bank.history.done if done.path == "/transfers"]
        assert len(transfers) >= TRANSFERS
        assert {done.outcome for done in transfers} <= {"acknowledged", "refused"}
        assert {done.status for done in transfers if done.outcome == "refused"} <= {422}
        assert sum(done.outcome == "acknowledged" for done in transfers) >= TRANSFERS * 0.9
        assert bank.history.retried >= CLIENTS, "hardly a transfer was in hand"
        await assert_everything_agrees(system, bank.history, within=60)
        await the_sums_agree(system, transfers=sum(done.outcome == "acknowledged" for done in transfers))


async def at_work(system: System, kind: str) -> None:
    """The process of this kind does something now: killing an idle one proves nothing."""
    process = system.one(kind)
    await process.ready()
    if kind == "relay":
        await eventually(lambda: has_a_lane(system), 20)
    if kind == "projector":
        before = sum((await projected_versions(system)).values())
        await eventually(lambda: moved_on(system, before), 20)


async def has_a_lane(system: System) -> bool:
    return bool((await system.one("relay").report()).get("lanes"))


async def moved_on(system: System, before: int) -> bool:
    return sum((await projected_versions(system)).values()) > before


def start_another(system: System, kind: str) -> None:
    """As the one before was."""
    settings: dict[str, dict[str, Any]] = {"app": {"http_port": system.api_port}, "relay": {"lease_seconds": 0.5}}
    system.start(kind, **settings.get(kind, {}))


async def the_sums_agree(system: System, transfers: int) -> None:
    log = sorted(await stored_events(system), key=lambda event: event.position)
    assert money_is_conserved(log) == transfers
    records: Counter[str] = Counter()
    for record in await published_records(system):
        kind = record.headers["ce_type"].split(".")[1]
        way = {"MoneyDeposited": 1, "TransferReceived": 1, "TransferSent": -1}.get(kind, 0)
        records[record.stream] += way * record.value.get("amount", 0)
    shown = {stream: account["balance"] for stream, account in (await documents(system))["accounts"].items()}
    assert shown == dict(records)
    assert len(shown) == ACCOUNTS
    assert sum(shown.values()) == ACCOUNTS * HOLDING
