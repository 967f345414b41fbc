"""One bad event stops only its own stream; once repaired, the documents equal the fold as if nothing had been."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from functools import partial
from typing import Any, NamedTuple

import msgspec

from domains.posts import events, published, views
from kernel.codec import Codec
from kernel.events import EventSchema, PublishedEvent
from kernel.projection import Changes, Documents, Ref
from projector.schema import DISCARDED, PARKED_EVENTS, PARKED_STREAMS
from tests.integration.projector.conftest import Place, eventually
from tests.integration.projector.feed import Story


def code_that_does_not_know(*types: str) -> Codec:
    """An older release: these published types came later."""
    known = {name: kind for name, kind in published.PUBLISHED_TYPES.items() if name not in types}
    return Codec([EventSchema(types=events.EVENT_TYPES, upcasters={}, published=known, publish=published.publish)])


class Called(NamedTuple):
    exit_code: int
    answer: Any


async def call(place: Place, *arguments: str) -> Called:
    """`lockstep …` against the place's database, as an operator's process."""
    given = {"LOCKSTEP_MONGO_URI": place.settings.mongo_uri, "LOCKSTEP_MONGO_DATABASE": place.name}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli.main", *arguments, "-o", "json"),
        stdout=PIPE,
        stderr=PIPE,
        env=os.environ | given,
    )
    out, err = await process.communicate()
    return Called(process.returncode or 0, json.loads(out or err))


async def test_an_unknown_event_parks_only_its_stream_and_a_retry_after_the_update_equals_the_fold(
    place: Place,
) -> None:
    story = Story()
    first, second, third = (story.create() for _ in range(3))
    poisoned = [story.like(story.posts[0]), story.comment(story.posts[0]), story.like(story.posts[0])]
    also = [story.comment(story.posts[1])]
    fine = [story.like(story.posts[2]) for _ in range(5)]
    await place.send([first, second, third, *poisoned, *also, *fine])
    async with place.projecting(codec=code_that_does_not_know("posts.CommentAdded.v1")):
        await eventually(lambda: parked(place, 2))
        await eventually(lambda: at_version(place, third[0], 6))
        assert await at_version(place, first[0], 2)
        listed = (await call(place, "parked", "list")).answer["parked"]
        assert {(each["stream"], each["version"], each["queued"]) for each in listed} == {
            (first[0], 3, 2),
            (second[0], 2, 1),
        }
        assert listed[0]["fingerprint"] == listed[1]["fingerprint"]
        assert "posts.CommentAdded.v1" in listed[0]["error"]
        refused = await call(place, "parked", "retry", first[0])  # nothing has been repaired
        assert refused.exit_code == 4
        assert refused.answer["stillParked"][0]["attempts"] == 2
    async with place.projecting():
        retried = await call(place, "parked", "retry", "--fingerprint", listed[0]["fingerprint"])
        assert retried.answer == {"asked": 2, "freed": 2, "stillParked": []}
        assert await place.documents() == await place.plain_fold()
        await place.send([story.like(story.posts[0])])  # the stream flows again
        await eventually(lambda: at_version(place, first[0], 5))
    assert await place.rows(PARKED_EVENTS) == []
    assert await place.rows(PARKED_STREAMS) == []


async def test_a_missing_version_parks_the_stream_until_it_arrives(place: Place) -> None:
    story = Story()
    created, missing, later, last = story.create(), *(story.like(story.posts[0]) for _ in range(3))
    other = story.create()
    await place.send([created, later, last, other])
    async with place.projecting():
        await eventually(lambda: at_version(place, other[0], 1))
        await eventually(lambda: parked(place, 1))
        assert await at_version(place, created[0], 1)
        assert (await place.rows(PARKED_STREAMS))[0]["fingerprint"] == "gap"
        await place.send([missing])
        await eventually(lambda: at_version(place, created[0], 4))
        await eventually(lambda: parked(place, 0))
    assert (await place.post(created[0]))["likes"] == 3


async def test_a_document_that_mongodb_cannot_hold_parks_its_stream_and_nobody_elses(place: Place) -> None:
    def fold(documents: Documents, recorded: PublishedEvent[Any]) -> Changes:
        changes = dict(views.fold(documents, recorded))
        ref = Ref("posts", recorded.stream)
        if getattr(recorded.event, "message", "") == "beyond 64 bits":
            changes[ref] = {**(changes[ref] or {}), "likes": 2**70}
        return changes

    story = Story()
    posts = [story.create() for _ in range(10)]
    bad = story.edit(story.posts[4], "beyond 64 bits")
    await place.send([*posts, bad, *(story.like(post) for post in story.posts)])
    async with place.projecting(msgspec.structs.replace(views.POSTS, fold=fold)):
        await eventually(lambda: parked(place, 1))
        for post in posts:
            await eventually(partial(at_version, place, post[0], 1 if post is posts[4] else 2))
    assert (await place.rows(PARKED_STREAMS))[0]["stream"] == posts[4][0]
    assert len(await place.rows(PARKED_EVENTS)) == 2
    async with place.projecting():
        assert (await call(place, "parked", "retry", posts[4][0])).exit_code == 0
    assert await place.documents() == await place.plain_fold()


async def test_a_discarded_event_leaves_the_document_as_it_was_and_is_kept_with_the_reason(place: Place) -> None:
    story = Story()
    created, comment, like = story.create(), story.comment(story.posts[0]), story.like(story.posts[0])
    await place.send([created, comment, like])
    async with place.projecting(codec=code_that_does_not_know("posts.CommentAdded.v1")):
        await eventually(lambda: parked(place, 1))
        assert (await call(place, "parked", "discard", created[0], "--reason", " ")).exit_code != 0
        done = await call(place, "parked", "discard", created[0], "--reason", "a test comment")
        assert done.answer["freed"] == 1
    post = await place.post(created[0])
    assert (post["version"], post["likes"], post["commentCount"]) == (3, 1, 0)
    (kept,) = await place.rows(DISCARDED)
    assert (kept["reason"], kept["version"], kept["value"]) == ("a test comment", 2, comment[1])


async def test_a_paused_projection_stands_still_until_it_is_resumed(place: Place) -> None:
    story = Story()
    created = story.create()
    await place.send([created])
    async with place.projecting() as runner:
        await eventually(lambda: at_version(place, created[0], 1))
        assert (await call(place, "projection", "pause", "posts")).answer["state"] == "paused"
        await eventually(lambda: is_paused(runner))
        await place.send([story.like(story.posts[0])])
        await eventually(lambda: lag_is(runner, 1))
        assert await at_version(place, created[0], 1)
        await call(place, "projection", "resume", "posts")
        await eventually(lambda: at_version(place, created[0], 2))
    status = (await call(place, "projection", "status")).answer["projections"]
    (posts,) = (each for each in status if each["name"] == "posts")
    assert (posts["state"], posts["parkedStreams"]) == ("running", 0)


async def parked(place: Place, streams: int) -> bool:
    return len(await place.rows(PARKED_STREAMS)) == streams


async def at_version(place: Place, stream: str, version: int) -> bool:
    return (await place.post(stream)).get("version") == version


async def is_paused(runner: Any) -> bool:
    return bool(runner.paused)


async def lag_is(runner: Any, least: int) -> bool:
    return runner.lag is not None and runner.lag >= least
