"""P1 whatever dies: the API's own process is killed with commands in hand. Clients ask again with their keys; what had
been stored is answered as it was the first time, what had not is stored now, once.
"""

from __future__ import annotations

from chaos.system import System
from lockstep_testing.facts import eventually
from tests.system.agreement import assert_everything_agrees
from tests.system.workload import Workload

KILLS = 20


async def test_app_killed_with_commands_in_hand(system: System) -> None:
    await system.start_all()
    app = system.one("app")
    async with Workload(system, people=12) as load:
        async with load.running():
            for _ in range(KILLS):
                seen = load.history.acknowledged
                await eventually(lambda seen=seen: load.history.acknowledged > seen + 20, 30)  # type: ignore[misc]
                app.kill()
                app = system.start("app", http_port=system.api_port)
        assert load.history.retried >= 2 * KILLS, "hardly a command was in hand"
        assert not load.history.of("unknown")
        await assert_everything_agrees(system, load.history)
