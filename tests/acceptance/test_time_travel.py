"""Time travel over HTTP: any aggregate as of an instant, what differs between two, and the events in between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from click.testing import CliRunner, Result

from app.store.archive import archive_closed
from app.store.pool import open_pool
from chaos.system import System
from cli.aggregate import aggregate
from domains.posts.aggregates import AGGREGATES
from lockstep_testing.facts import eventually
from tests.acceptance.conftest import Post
from tests.acceptance.problems import refused


@pytest.fixture
async def auditor(house: System) -> AsyncIterator[httpx.AsyncClient]:
    async with house.client("audra", ["history:read"]) as client:
        yield client


@pytest.fixture
async def told(auditor: httpx.AsyncClient, ann: httpx.AsyncClient, bob: httpx.AsyncClient, post: Post) -> Post:
    """Version 1 hello, 2 liked by bob, 3 two, 4 removed."""
    await bob.put(f"/posts/like/{post.id}")
    await ann.put(post.path, json={"message": "two"})
    await ann.delete(post.path)
    return post


async def answer(client: httpx.AsyncClient, path: str, **parameters: Any) -> dict[str, Any]:
    found = await client.get(path, params=parameters)
    assert found.status_code == 200, found.text
    body: dict[str, Any] = found.json()
    return body


async def test_any_version_of_an_aggregate_is_its_own_state(auditor: httpx.AsyncClient, told: Post) -> None:
    path = f"/history/post/{told.id}"
    state = {"author": "ann", "message": "hello", "exists": True, "removed": False}
    first = await answer(auditor, path, version=1)
    assert (first["state"], first["category"], first["id"]) == (state, "post", told.id)
    assert (first["at"]["version"], first["streamVersion"], first["at"]["settled"]) == (1, 4, True)
    assert (await answer(auditor, path, version=3))["state"] == state | {"message": "two"}
    now = await answer(auditor, path)
    assert (now["state"], now["at"]["version"]) == (state | {"message": "two", "removed": True}, 4)
    assert now["at"]["settled"] is False
    beyond = await answer(auditor, path, version=9)
    assert (beyond["at"]["version"], beyond["at"]["settled"]) == (4, False)
    refused(await auditor.get(path, params={"version": 0}), 404, "aggregate-not-found")


async def test_an_aggregate_as_of_a_time(auditor: httpx.AsyncClient, told: Post) -> None:
    path = f"/history/post/{told.id}"
    times = [one["occurredAt"] for one in (await answer(auditor, f"{path}/events"))["events"]]
    known = [one["recordedAt"] for one in (await answer(auditor, f"{path}/events"))["events"]]
    for version in (1, 2, 3, 4):
        assert (await answer(auditor, path, as_of=times[version - 1]))["at"]["version"] == version
        assert (await answer(auditor, path, as_known_at=known[version - 1]))["at"]["version"] == version
    both = await answer(auditor, path, as_of=times[3], as_known_at=known[1])
    assert both["at"]["version"] == 2
    assert (await answer(auditor, path, as_of="2099-01-01"))["at"]["version"] == 4
    refused(await auditor.get(path, params={"as_of": "2001-01-01"}), 404, "aggregate-not-found")
    refused(await auditor.get(path, params={"as_of": "yesterday"}), 422, "bad-moment")


async def test_a_moment_becomes_settled_and_one_to_come_is_not(auditor: httpx.AsyncClient, told: Post) -> None:
    path = f"/history/post/{told.id}"
    last = (await answer(auditor, path))["at"]["recordedAt"]

    async def settled() -> dict[str, Any] | None:
        then = await answer(auditor, path, as_known_at=last)
        return then if then["at"]["settled"] else None

    then = await eventually(settled)
    assert then["settledUntil"] > last
    future = await answer(auditor, path, as_known_at="2099-01-01")
    assert future["at"]["settled"] is False
    # what happened by then may be learnt any day; what was known of it at a settled moment stays
    assert (await answer(auditor, path, as_of=last))["at"]["settled"] is False
    assert (await answer(auditor, path, as_of=last, as_known_at=last))["at"]["settled"] is True


async def test_what_differs_between_two_instants_and_by_which_events(auditor: httpx.AsyncClient, told: Post) -> None:
    path = f"/history/post/{told.id}/diff"
    found = await answer(auditor, path, from_version=1, to_version=4)
    assert found["differences"] == [
        {"path": "/message", "from": "hello", "to": "two"},
        {"path": "/removed", "from": False, "to": True},
    ]
    assert [one["type"] for one in found["events"]] == ["PostLiked", "MessageUpdated", "PostRemoved"]
    assert [one["principal"] for one in found["events"]] == ["bob", "ann", "ann"]
    assert (found["from"]["version"], found["to"]["version"], found["next"]) == (1, 4, None)
    backwards = await answer(auditor, path, from_version=4, to_version=1, limit=2)
    assert backwards["differences"][0] == {"path": "/message", "from": "two", "to": "hello"}
    assert ([one["version"] for one in backwards["events"]], backwards["next"]) == ([2, 3], 3)
    whole = await answer(auditor, path)
    assert (whole["from"]["version"], whole["to"]["version"], len(whole["events"])) == (0, 4, 4)
    assert {"path": "/author", "from": "", "to": "ann"} in whole["differences"]
    same = await answer(auditor, path, from_version=2, to_version=2)
    assert (same["differences"], same["events"]) == ([], [])
    second = whole["events"][1]["occurredAt"]
    assert (await answer(auditor, path, from_version=1, to_as_of=second))["differences"] == []


async def test_events_between_two_instants_are_paged(auditor: httpx.AsyncClient, told: Post) -> None:
    path = f"/history/post/{told.id}/events"
    seen: list[list[int]] = []
    after: int | None = 0
    while after is not None:
        page = await answer(auditor, path, from_version=1, limit=2, after=after)
        seen.append([one["version"] for one in page["events"]])
        after = page["next"]
    assert seen == [[2, 3], [4]]
    assert [one["version"] for one in (await answer(auditor, path, to_version=2))["events"]] == [1, 2]
    refused(await auditor.get(path, params={"limit": 501}), 422, "invalid-request")


@pytest.mark.parametrize(
    "path",
    ["post/nobody", "nothing/1", "post/" + "x" * 300, "post/" + quote("\x00"), "post/" + quote("ä" * 99), "%00/1"],
    ids=lambda path: path[:12],
)
async def test_what_is_not_there_is_not_found(auditor: httpx.AsyncClient, path: str) -> None:
    for more in ("", "/events", "/diff"):
        refused(await auditor.get(f"/history/{path}{more}"), 404, "aggregate-not-found")


async def test_the_history_of_everybody_needs_a_scope_of_its_own(
    house: System, ann: httpx.AsyncClient, told: Post
) -> None:
    async with house.client("root", ["admin"]) as admin, httpx.AsyncClient(base_url=ann.base_url) as nobody:
        for more in ("", "/events", "/diff"):
            path = f"/history/post/{told.id}{more}"
            refused(await ann.get(path), 403, "missing-scope")
            refused(await nobody.get(path), 401, "unauthenticated")
            assert (await admin.get(path)).status_code == 200


async def test_an_archived_stream_has_the_history_it_had(
    house: System, auditor: httpx.AsyncClient, ann: httpx.AsyncClient, told: Post
) -> None:
    paths = [f"/history/post/{told.id}", f"/history/post/{told.id}/events", f"/history/post/{told.id}/diff"]
    paths += [f"{told.path}/events", f"{told.path}/history?version=3"]

    def lasting(body: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in body.items() if name != "settledUntil"}

    async def asked() -> list[dict[str, Any]]:
        return [lasting(await answer(auditor if "history/post" in path else ann, path)) for path in paths]

    before = await asked()
    where = "SELECT archived FROM streams WHERE stream = $1"

    async with open_pool(house.ground.dsn("app", house.name), 1, "test") as pool:

        async def archived() -> bool:
            await archive_closed(pool, AGGREGATES, timedelta(0))  # once the relay has told that it is published
            return bool((await house.sql(where, f"post-{told.id}"))[0]["archived"] == 4)

        await eventually(archived, within=20)
    assert await asked() == before
    refused(await ann.put(told.path, json={"message": "late"}), 404, "post-not-found")


async def test_the_command_line_tells_the_same(
    house: System, auditor: httpx.AsyncClient, told: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCKSTEP_POSTGRES_DSN", house.ground.dsn("app", house.name))

    async def lockstep(*arguments: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, aggregate, ["post", told.id, *arguments])

    shown = json.loads((await lockstep("--version", "3", "-o", "json")).stdout)
    over_http = await answer(auditor, f"/history/post/{told.id}", version=3)
    assert shown | {"settledUntil": 0} == over_http | {"settledUntil": 0}
    compared = json.loads((await lockstep("--version", "1", "--diff", "4", "-o", "json")).stdout)
    over_http = await answer(auditor, f"/history/post/{told.id}/diff", from_version=1, to_version=4)
    assert compared | {"settledUntil": 0} == over_http | {"settledUntil": 0}
    for_people = (await lockstep("--as-of", "2001-01-01", "--diff", "2099-01-01")).stdout
    assert "from version 0 to version 4" in for_people
    assert 'MessageUpdated {"message":"two"} by "ann"' in for_people
    for wrong in (["--diff", "4"], ["--version", "1", "--as-of", "2001-01-01"], ["--version", "1", "--diff", "x"]):
        assert (await lockstep(*wrong)).exit_code == 2, wrong
    assert (await lockstep("--as-of", "yesterday")).exit_code == 1
    assert (await lockstep("--version", "0")).exit_code == 1
