"""S31 and S32: projectors die, come and go while others work, and stand still while others take over. Every document
stays the fold of the stored events.
"""

from __future__ import annotations

import pytest

from chaos.processes import Process
from chaos.system import System
from lockstep_testing.facts import eventually
from tests.failure.points import PROJECTOR_POINTS
from tests.system.agreement import assert_everything_agrees, everything_projected
from tests.system.raw import projected_versions
from tests.system.workload import Workload, command

AT_ONCE = 4
GONE = ("another projector has taken over", "MongoDB does not answer")


@pytest.mark.timeout(240)
async def test_projectors_killed_at_every_point(system: System) -> None:
    """All of a generation die at their points; the next one takes over what they held."""
    await system.start_all("app", "relay")
    killed = 0
    async with Workload(system, people=6) as load:
        for number in range(3):
            await load.burst(60)
            generation = [
                system.start(
                    "projector", arrange="tests.failure.points:die_at", arguments=[point, 1 + number], project_batch=20
                )
                for point in PROJECTOR_POINTS
            ]
            for projector in generation:
                await dies(projector, load)
                killed += 1
        assert killed == 3 * len(PROJECTOR_POINTS)
        await system.start("projector").ready()
        await assert_everything_agrees(system, load.history, within=60)


async def dies(projector: Process, load: Workload) -> None:
    async def dead() -> bool:
        if projector.is_running:
            await load.burst(2)
        return not projector.is_running

    await eventually(dead, 40)


@pytest.mark.timeout(240)
async def test_projectors_that_come_and_go_under_load(system: System) -> None:
    """Every join and every leave shares the partitions out anew, in the midst of work."""
    await system.start_all("app", "relay")
    projectors = [system.start("projector")]
    await projectors[0].ready()
    rebalances = 0
    async with Workload(system, people=3) as load:
        async with load.running():
            for number in range(16):
                before = sum((await projected_versions(system)).values())
                if len(projectors) < AT_ONCE and number % 3 != 2:
                    projectors.append(await system.start("projector").ready())
                else:
                    await projectors.pop(0).stop()
                rebalances += 1
                await eventually(lambda before=before: moved_on(system, before), 40)  # type: ignore[misc]
        assert rebalances == 16
        await assert_everything_agrees(system, load.history, within=60)


async def moved_on(system: System, before: int) -> bool:
    return sum((await projected_versions(system)).values()) > before


@pytest.mark.timeout(240)
async def test_a_revived_projector_changes_nothing(system: System) -> None:
    """It stood still with a batch in hand, decided and not yet written, until another had its partitions."""
    await system.start_all()
    refused = 0
    async with Workload(system, people=6) as load:
        await load.burst(60)
        for number in range(3):
            await everything_projected(system)
            await system.one("projector").stop()
            zombie = system.start("projector", arrange="tests.failure.points:freeze_at", arguments=["about to write"])
            await zombie.ready()
            # only edits: whatever it has in hand would succeed if nobody looked who owns the partition
            for post, author in load.posts[:10]:
                await load.send(command(author, "PUT", f"/posts/{post}", {"message": f"edit {number}"}))
            await eventually(lambda zombie=zombie: zombie.is_frozen, 30)  # type: ignore[misc]
            await system.start("projector").ready()
            for post, author in load.posts[:10]:
                await load.send(command(author, "PUT", f"/posts/{post}", {"message": f"later edit {number}"}))
            await everything_projected(system)
            zombie.revive()
            await eventually(lambda zombie=zombie: any(words in zombie.log for words in GONE), 20)  # type: ignore[misc]
            refused += GONE[0] in zombie.log
            zombie.kill()
        assert refused >= 2, "no zombie was refused by the compare-and-set"
        await assert_everything_agrees(system, load.history, within=60)
