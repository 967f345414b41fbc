"""Faults between the API and PostgreSQL, and clients who behave badly: lost answers and questions, one key at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chaos.asking import Command, Person, Told
from chaos.postgres_proxy import PostgresProxy, never, one_in
from chaos.scenarios.scenario import Scenario
from chaos.stage import Stage
from stack.ports import free_port

LOST_ONE_IN = 20
IDLE = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = '{database}' AND state LIKE 'idle in transaction%' AND state_change < now() - interval '5 seconds'
"""


@asynccontextmanager
async def proxied(stage: Stage, proxy: PostgresProxy) -> AsyncIterator[None]:
    """A whole system whose API speaks to PostgreSQL through the proxy."""
    system = stage.system
    async with proxy:
        dsn = system.ground.dsn("app", system.name, proxy.port)
        app = system.start("app", http_port=system.api_port, postgres_dsn=dsn)
        await app.ready()
        await system.start_all("relay", "projector")
        yield
        proxy.quiet = True
        # what follows goes straight to PostgreSQL: the proxy ends with this block
        await app.stop()
        await system.start("app", http_port=system.api_port).ready()


async def lost_answers(stage: Stage) -> None:
    """5 % of the answers to COMMIT never arrive."""
    goal = stage.scale(25, 500)
    proxy = PostgresProxy(stage.system.servers.postgres.port, one_in(stage.scale(5, LOST_ONE_IN), stage.seed))
    crowd = stage.crowd()
    async with proxied(stage, proxy):
        with stage.fault("answers to COMMIT lost"):
            async with crowd.at_work():
                while proxy.cuts < goal:
                    await crowd.grown(20)
        proxy.quiet = True
    stage.bit("cuts after COMMIT", proxy.cuts, goal)


async def lost_questions(stage: Stage) -> None:
    """5 % of the appends never reach PostgreSQL."""
    goal = stage.scale(25, 500)
    cut = one_in(stage.scale(5, LOST_ONE_IN), stage.seed)
    proxy = PostgresProxy(stage.system.servers.postgres.port, never, cut)
    crowd = stage.crowd()
    async with proxied(stage, proxy):
        with stage.fault("appends lost"):
            async with crowd.at_work():
                while proxy.cuts_before < goal:
                    await crowd.grown(20)
        proxy.quiet = True
    stage.bit("cuts before COMMIT", proxy.cuts_before, goal)


async def clients_who_go_away(stage: Stage) -> None:
    """10 % of the clients close their connection in the midst of a request, and come back with the same key."""
    goal = stage.scale(60, 1_000)
    await stage.system.start_all()
    crowd = stage.crowd()
    for person in crowd.people:
        person.impatience = 0.1
    with stage.fault("clients go away"):
        async with crowd.at_work():
            looks = clean = 0
            while sum(person.went_away for person in crowd.people) < goal:
                await crowd.grown(20)
                looks, clean = looks + 1, clean + (await idle_in_transaction(stage) == 0)
    stage.bit("requests left", sum(person.went_away for person in crowd.people), goal)
    stage.bit("looks that found no session idle in a transaction for 5 s", clean, looks)
    for person in crowd.people:
        person.impatience = 0.0


async def idle_in_transaction(stage: Stage) -> int:
    """Sessions of the system idle in a transaction for 5 s; only a superuser is told of the states of others."""
    statement = IDLE.format(database=stage.system.name)
    return int(await asyncio.to_thread(stage.system.servers.postgres.query, statement))


async def one_key_at_once(stage: Stage) -> None:
    """The same key sixteen times at once, over two processes: same body, another body, another person."""
    system, rounds = stage.system, stage.scale(15, 500)
    ports = [system.api_port, free_port()]
    await asyncio.gather(*(system.start("app", http_port=port).ready() for port in ports))
    await system.start_all("relay", "projector")
    crowd = stage.crowd(people=4, ports=ports)
    await crowd.burst(40)
    same = [crowd.person("twin") for _ in range(16)]
    other, foreign = [crowd.person("twin") for _ in range(2)], crowd.person("stranger")
    in_flight = reused = 0
    with stage.fault("one key at once"):
        for _ in range(rounds):
            first, second = crowd.posts.create("twin"), crowd.posts.create("twin")
            second.key = first.key
            sends = [once(person, first) for person in same] + [once(person, second) for person in other]
            told = await asyncio.gather(*sends, once(foreign, theirs(first)))
            words = [word for each in told for word in each.row.attempts]
            in_flight += sum(word == "409 idempotency-key-in-flight" for word in words)
            # and once nothing is in flight any more
            after = await asyncio.gather(*(once(person, second) for person in other), once(same[0], first))
            words += [word for each in after for word in each.row.attempts]
            reused += sum(word == "422 idempotency-key-reused" for word in words)
    stage.bit("rounds", rounds, rounds)
    stage.bit("answered that the key is in flight", in_flight, rounds)
    stage.bit("answered that the key is another request's", reused, rounds)


async def once(person: Person, command: Command) -> Told:
    return await person.command(command, patience=0)


def theirs(command: Command) -> Command:
    """The same key and body by somebody else."""
    body = {name: value for name, value in (command.body or {}).items() if name != "id"}
    return Command(
        f=command.f, principal="stranger", method=command.method, path=command.path, body=body, args=command.args,
        key=command.key,
    )  # fmt: skip


async def sixty_four_writers(stage: Stage) -> None:
    """64 people write to one post, over two processes."""
    system, each = stage.system, stage.scale(5, 100)
    ports = [system.api_port, free_port()]
    await asyncio.gather(*(system.start("app", http_port=port).ready() for port in ports))
    await system.start_all("relay", "projector")
    crowd = stage.crowd(people=64, ports=ports)
    await crowd.burst(80)
    author = crowd.people[0]
    told = await author.command(crowd.posts.create(author.name))
    (stream,) = told.row.versions
    post = stream.partition("-")[2]
    acknowledged = 0

    async def write(person: Person) -> None:
        nonlocal acknowledged
        for number in range(each):
            command = crowd.posts.comment(person.name, post) if number else crowd.posts.like(person.name, post)
            told = await person.command(command)
            acknowledged += told.ok  # on a line of its own: `+=` would read the sum before it waits

    with stage.fault("64 writers on one post"):
        await asyncio.gather(*(write(person) for person in crowd.people))
    stage.bit("commands on one post", acknowledged, 64 * each)


SCENARIOS = [
    Scenario(name="S1", title="answers to COMMIT are lost", play=lost_answers),
    Scenario(name="S2", title="appends are lost before they arrive", play=lost_questions),
    Scenario(name="S3", title="clients go away in the midst of a request", play=clients_who_go_away),
    Scenario(name="S8", title="one key sixteen times at once", play=one_key_at_once),
    Scenario(name="S9", title="64 writers on one post", play=sixty_four_writers),
]
