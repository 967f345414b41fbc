"""Documents equal the fold of what was published, whatever is repeated, killed, shared or paused on the way."""

from __future__ import annotations

import random
from functools import partial

from tests.integration.projector.conftest import PARTITIONS, Place, eventually
from tests.integration.projector.feed import Story


async def test_documents_equal_the_fold_of_everything_published(place: Place) -> None:
    await place.send(Story().chapter(posts=20, events=800))
    async with place.projecting():
        await eventually(lambda: _count(place, 820))
    assert await place.documents() == await place.plain_fold()


async def test_what_is_delivered_twice_is_skipped_in_all_documents(place: Place) -> None:
    events = Story().chapter(posts=10, events=200)
    await place.send(events)
    async with place.projecting():
        await eventually(lambda: _count(place, 210))
        before = await place.documents()
        await place.send(events)
        last = Story(seed=2).create()
        await place.send([last])
        await eventually(lambda: place.post(last[0]))
        await eventually(lambda: _caught_up(place, 2 * 210 + 1))
    after = await place.documents()
    del after["posts"][last[0]]
    assert after == before


async def test_a_like_taken_back_and_given_again_in_one_batch_is_one_like(place: Place) -> None:
    story = Story()
    created = story.create()
    post_id = story.posts[0]
    await place.send([created, story.like(post_id, by="eve")])
    async with place.projecting():
        await eventually(lambda: _count(place, 2))
        # its document is there and nobody read it: the insert that is tried first must give way
        await place.send(
            [story.unlike(post_id, by="eve"), story.like(post_id, by="eve"), story.like(post_id, by="bob")]
        )
        await eventually(lambda: _count(place, 5))
        await place.send([story.unlike(post_id, by="bob"), story.unlike(post_id, by="eve")])
        await eventually(lambda: _count(place, 7))
    assert (await place.post(created[0]))["likes"] == 0
    assert await place.documents() == await place.plain_fold()


async def test_a_projector_killed_again_and_again_leaves_documents_equal_to_the_fold(place: Place) -> None:
    story, total = Story(), 0
    kills_in_the_middle = 0
    for _ in range(3):
        chapter = story.chapter(posts=20, events=2_000)
        await place.send(chapter)
        total += len(chapter)
        before = await place.versions()
        with place.process() as process:
            await eventually(partial(_more_than, place, before))
            process.kill()
        kills_in_the_middle += await place.versions() < total
    assert kills_in_the_middle == 3, "the kills came too late to prove anything"
    async with place.projecting():
        await eventually(lambda: _count(place, total))
    assert await place.documents() == await place.plain_fold()


async def test_two_projectors_share_the_partitions_and_a_stopped_one_hands_over(place: Place) -> None:
    story = Story()
    await place.send(story.chapter(posts=20, events=500))
    async with place.projecting() as first:
        await eventually(lambda: _count(place, 520))
        async with place.projecting() as second:
            await eventually(lambda: _true(len(first.partitions) == len(second.partitions) == PARTITIONS // 2))
            assert first.partitions | second.partitions == set(range(PARTITIONS))
            await place.send(story.chapter(posts=20, events=500))
            await eventually(lambda: _count(place, 1_040))
        await place.send(story.chapter(posts=20, events=500))
        await eventually(lambda: _count(place, 1_560), within=5)  # well within the session timeout: it was a hand-over
    assert await place.documents() == await place.plain_fold()


async def test_a_caught_up_projection_stands_at_the_end_past_the_transaction_markers(place: Place) -> None:
    chosen = random.Random(3)
    story = Story()
    await place.send(story.chapter(posts=5, events=20))
    async with place.projecting() as runner:
        await eventually(lambda: _count(place, 25))
        await place.send([story.like(chosen.choice(story.posts))])
        await eventually(lambda: _count(place, 26))
        await eventually(lambda: _no_lag(runner))


async def _count(place: Place, events: int) -> bool:
    return await place.versions() == events


async def _more_than(place: Place, events: int) -> bool:
    return await place.versions() > events


async def _caught_up(place: Place, records: int) -> bool:
    return sum((await place.checkpoints()).values()) >= records


async def _no_lag(runner: object) -> bool:
    return getattr(runner, "lag", None) == 0


async def _true(fact: bool) -> bool:
    return fact
