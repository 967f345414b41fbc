"""S8 and S9: the same command sixteen times at once, and 64 people writing to one post. One effect each, none lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import uuid4

import httpx

from chaos.system import System
from stack.ports import free_port
from tests.system.agreement import assert_everything_agrees
from tests.system.history import Done
from tests.system.raw import stored_events
from tests.system.workload import Workload

AT_ONCE = 16
ROUNDS = 12


async def two_apps(system: System) -> list[int]:
    """Two app processes, so that neither knows what the other has in flight, and their ports."""
    ports = [system.api_port, free_port()]
    await asyncio.gather(*(system.start("app", http_port=port).ready() for port in ports))
    await system.start_all("relay", "projector")
    return ports


async def test_the_same_key_sixteen_times_at_once_has_one_effect(system: System) -> None:
    ports = await two_apps(system)
    met: Counter[str] = Counter()
    people = [system.client("ann", port=port) for port in ports]
    bob = system.client("bob")

    async def send(client: httpx.AsyncClient, key: str, message: str) -> httpx.Response:
        return await client.post("/posts", json={"message": message}, headers={"Idempotency-Key": key})

    for number in range(ROUNDS):
        key, said = uuid4().hex, f"round {number}"
        same = [send(people[each % 2], key, said) for each in range(AT_ONCE)]
        other_body = [send(people[each % 2], key, "something else") for each in range(2)]
        other_person = send(bob, key, said)
        *answers, foreign = await asyncio.gather(*same, *other_body, other_person)
        created = [answer for answer in answers if answer.status_code == 201]
        assert created
        assert len({answer.content for answer in created}) == 1  # all of one body, or all of the other
        won = created[0].json()["id"]
        for person in people:  # also once nothing is in flight, in either process
            assert (await send(person, key, "yet another")).status_code == 422
        for answer in answers:
            if answer.status_code != 201:
                met[answer.json()["type"].rpartition("/")[2]] += 1
                assert answer.status_code in (409, 422)
        assert foreign.status_code == 201
        assert foreign.json()["id"] != won
    events = await stored_events(system)
    assert len(events) == 2 * ROUNDS, "one post for ann and one for bob in each round"
    assert met["idempotency-key-in-flight"] >= ROUNDS, met
    assert met["idempotency-key-reused"] >= ROUNDS, met
    await assert_everything_agrees(system)
    for client in (*people, bob):
        await client.aclose()


async def test_64_writers_on_one_post_lose_no_update(system: System) -> None:
    ports = await two_apps(system)
    async with system.client("author") as author:
        post = (await author.post("/posts", json={"message": "hot"})).json()["id"]
    async with Workload(system, people=0, ports=ports) as load:

        async def write(number: int) -> list[Done]:
            person = f"writer-{number}"
            sent = []
            for each in range(5):
                like = Done(principal=person, method="PUT", path=f"/posts/like/{post}", body=None, key=uuid4().hex,
                            may_change_nothing=each > 0)  # fmt: skip
                comment = Done(principal=person, method="POST", path=f"/posts/{post}/comments",
                               body={"comment": f"{each} of {number}"}, key=uuid4().hex)  # fmt: skip
                sent += [await load.send(like), await load.send(comment)]
            return sent

        done = [one for each in await asyncio.gather(*(write(number) for number in range(64))) for one in each]
    assert all(one.outcome == "acknowledged" for one in done)
    assert len({one.version for one in done if not one.may_change_nothing}) == 64 * 6
    async with system.client("author") as author:
        token = {"Consistency-Token": f"post-{post}@{1 + 64 * 6}", "Prefer": "wait=10"}
        seen = (await author.get(f"/posts/{post}", headers=token)).json()
    assert (seen["likes"], seen["version"]) == (64, 1 + 64 * 6)
    events = [event for event in await stored_events(system) if event.metadata["principal"] != "author"]
    assert len(events) == 64 * 6
    await assert_everything_agrees(system)


async def test_of_two_edits_of_one_version_one_is_refused(system: System) -> None:
    """Without the check both would be accepted and one of them lost, unseen."""
    ports = await two_apps(system)
    clients = [system.client("ann", port=port) for port in ports]
    answer = await clients[0].post("/posts", json={"message": "first"})
    post, version = answer.json()["id"], answer.headers["ETag"]
    refused = 0
    for number in range(30):
        edits = [client.put(f"/posts/{post}", json={"message": f"{number} {client.base_url}"},
                            headers={"If-Match": version}) for client in clients]  # fmt: skip
        answers = await asyncio.gather(*edits)
        assert sorted(each.status_code for each in answers) == [200, 412]
        refused += 1
        version = next(each.headers["ETag"] for each in answers if each.status_code == 200)
    assert refused == 30
    for client in clients:
        await client.aclose()
    await assert_everything_agrees(system)
