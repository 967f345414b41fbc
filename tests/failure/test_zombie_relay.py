"""S19: a relay stands still for longer than its lease, another takes over, and then it goes on where it was. It is
fenced: nothing of what it still had in hand becomes visible a second time.
"""

from __future__ import annotations

import pytest

from chaos.system import System
from lockstep_testing.facts import eventually
from tests.system.agreement import assert_everything_agrees, everything_published
from tests.system.workload import Workload

POINTS = [
    "page read", "transaction begun", "first batch handed over", "cursor in the transaction", "about to commit",
]  # fmt: skip
ROUNDS = 2
GIVEN_UP = ("lane given up", "lane lost")
BY_BROKER = ("ProducerFenced", "InvalidProducerEpoch", "fenced", "Fenced", "InvalidTxnState", "CoordinatorFenced")


@pytest.mark.timeout(240)
async def test_a_revived_relay_is_fenced(system: System) -> None:
    await system.start_all("app", "projector")
    revived = by_broker = 0
    async with Workload(system, people=6) as load:
        for point in POINTS * ROUNDS:
            zombie = system.start(
                "relay", arrange="tests.failure.points:freeze_at", arguments=[point], lease_seconds=0.5
            )
            await load.burst(20)
            await eventually(lambda zombie=zombie: zombie.is_frozen, 15)  # type: ignore[misc]
            successor = system.start("relay", lease_seconds=0.5)
            await load.burst(10)
            await everything_published(system)
            zombie.revive()
            revived += 1
            await eventually(lambda zombie=zombie: any(words in zombie.log for words in GIVEN_UP), 20)  # type: ignore[misc]
            by_broker += any(words in zombie.log for words in BY_BROKER)
            await load.burst(10)
            await everything_published(system)
            zombie.kill()
            await successor.stop()
        await system.start("relay", lease_seconds=0.5).ready()
        assert revived == len(POINTS) * ROUNDS
        assert by_broker >= ROUNDS, "no zombie got as far as being refused by the broker"
        await assert_everything_agrees(system, load.history)
