"""A listener's queue: bounded, filtered, and delivered before the end."""

from __future__ import annotations

import msgspec

from app.queries.listener import Change, Listener, Reset

DOMAINS = frozenset({"posts"})


def change(number: int, stream: str = "post-1", domain: str = "posts") -> Change:
    return Change(f"82{number:04}", stream, number, domain)


async def test_who_reads_too_slowly_is_ended_and_holds_nothing() -> None:
    listener = Listener(DOMAINS, queue_limit=3)
    for number in range(5):
        listener.offer(change(number))
    assert listener.ended == "too-slow"
    assert await listener.take(0) == []


async def test_a_listener_hears_its_domains_and_what_it_asked_for() -> None:
    offered = [change(1), change(2, "post-2"), change(3, "posted-1"), change(4, "account-1", "accounts")]
    for listener, versions in [
        (Listener(DOMAINS), [1, 2, 3]),
        (Listener(DOMAINS, stream="post-2"), [2]),
        (Listener(DOMAINS, category="post"), [1, 2]),
        (Listener(DOMAINS, stream="account-1"), []),
    ]:
        for one in offered:
            listener.offer(one)
        assert [one.version for one in await listener.take(0) if isinstance(one, Change)] == versions


async def test_what_is_somebody_s_is_told_to_that_person_alone() -> None:
    offered = [
        change(1),
        *(msgspec.structs.replace(change(n), owner=owner) for n, owner in ((2, "ann"), (3, "bob"), (4, ""))),
    ]
    for person, versions in (("ann", [1, 2]), ("bob", [1, 3]), ("cid", [1])):
        for stream in (None, "post-1"):
            listener = Listener(DOMAINS, stream, person=person)
            for one in offered:
                listener.offer(one)
            assert [one.version for one in await listener.take(0) if isinstance(one, Change)] == versions


async def test_a_hub_that_is_behind_repeats_nothing_until_a_reset() -> None:
    listener = Listener(DOMAINS)
    listener.told = "820002"
    for number in (1, 2, 3):
        listener.offer(change(number))
    listener.reset("820000", "too-old")
    listener.offer(change(1))
    assert await listener.take(0) == [change(3), Reset("820000", "too-old"), change(1)]


async def test_what_is_queued_is_delivered_before_the_end() -> None:
    listener = Listener(DOMAINS)
    listener.offer(change(1))
    listener.end("stopping")
    listener.offer(change(2))
    listener.end("other")
    assert await listener.take(0) == [change(1)]
    assert await listener.take(60) == []
    assert listener.ended == "stopping"
