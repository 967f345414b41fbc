"""S1: the server committed and nobody was told. Nothing is lost, nothing is done twice, every retry gets its answer."""

from __future__ import annotations

from chaos.postgres_proxy import PostgresProxy, one_in
from chaos.system import System
from tests.system.agreement import assert_everything_agrees
from tests.system.workload import Workload

CUTS = 100


async def test_lost_commit_answers_lose_and_double_nothing(system: System) -> None:
    async with PostgresProxy(system.servers.postgres.port, one_in(3)) as proxy:
        dsn = system.ground.dsn("app", system.name, proxy.port)
        app = system.start("app", http_port=system.api_port, postgres_dsn=dsn)
        await app.ready()
        await system.start_all("relay", "projector")
        async with Workload(system, people=16) as load:
            async with load.running(until=lambda: proxy.cuts >= CUTS + 10):
                while proxy.cuts < CUTS:
                    await load.one("person-0")
            proxy.quiet = True
            assert proxy.cuts >= CUTS, f"only {proxy.cuts} of {proxy.appends} answers were lost"
            assert load.history.acknowledged > 300
            await assert_everything_agrees(system, load.history)
            await first_answers_are_given_again(load)
        await app.stop()


async def first_answers_are_given_again(load: Workload) -> None:
    """Every acknowledged command sent once more gets its first answer, byte for byte."""
    for done in load.history.of("acknowledged")[:200]:
        again = await load._attempt(done)
        assert again is not None
        assert (again.status_code, again.content) == (done.status, done.answer)
        assert again.headers["Idempotency-Replayed"] == "true"
