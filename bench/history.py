"""A history of posts made up: mixed events in order, as published, the same for the same numbers. For benches that need
many events before they begin. What is written of them (outbox rows, Kafka records, documents) is made from here.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

from bench.workloads import COMMENT, MESSAGE, post_id
from domains.posts.published import (
    CommentAddedV1,
    MessageUpdatedV1,
    PostCreatedV1,
    PostLikedV1,
)
from kernel.codec import Codec
from kernel.domain import load_codec
from kernel.events import Published, PublishedEvent, wire_time
from kernel.partitioning import partition_of

TOPIC, PARTITIONS, LANES = "lockstep.posts", 12, 1
NEW, LIKED, COMMENTED = 0.15, 0.65, 0.9
"""Shares, added up: new posts, likes, comments; edits are the rest. Older posts get more of them."""
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


class Fact(NamedTuple):
    """One event, as published."""

    number: int
    stream: str
    version: int
    partition: int
    event_id: UUID
    moment: datetime
    type: str
    payload: bytes
    event: Published

    def received(self) -> PublishedEvent[Any]:
        """As a projection gets it."""
        return PublishedEvent(
            topic=TOPIC, partition=self.partition, offset=self.number, key=self.stream, stream=self.stream,
            version=self.version, event_id=str(self.event_id), type=self.type, occurred_at=wire_time(self.moment),
            event=self.event,
        )  # fmt: skip


def made_up(run: str, count: int, seed: int = 1) -> Iterator[Fact]:
    """`count` events of the run's posts, which are numbered as workloads number them."""
    codec: Codec = load_codec(["domains.posts"])
    chance = random.Random(seed)
    ids: list[str] = []
    versions: list[int] = []
    likes: list[int] = []
    for number in range(count):
        moment = BEGIN + timedelta(milliseconds=number)
        kind = chance.random()
        if not ids or kind < NEW:
            place = len(ids)
            ids.append(str(post_id(run, place)))
            versions.append(0)
            likes.append(0)
            event: Published = PostCreatedV1(
                post_id=ids[place], author=f"person-{place % 200:06d}", message=f"{MESSAGE}{number:010d}",
                date_posted=wire_time(moment),
            )  # fmt: skip
        else:
            place = int(len(ids) * chance.random() ** 2)
            event = _change(ids[place], kind, number, likes[place], moment)
            likes[place] += isinstance(event, PostLikedV1)
        versions[place] += 1
        stream = f"post-{ids[place]}"
        name, payload = codec.encode_published(event)
        event_id = UUID(int=(int(moment.timestamp() * 1_000) << 80) | 7 << 76 | 2 << 62 | number)
        yield Fact(
            number, stream, versions[place], partition_of(stream, PARTITIONS), event_id, moment, name, payload, event
        )


def _change(post: str, kind: float, number: int, likes: int, moment: datetime) -> Published:
    if kind < LIKED:
        return PostLikedV1(post_id=post, by=f"liker-{likes:06d}")
    if kind < COMMENTED:
        comment_id = str(uuid5(NAMESPACE_URL, f"lockstep-bench/comment/{number}"))
        return CommentAddedV1(
            post_id=post, comment_id=comment_id, comment=f"{COMMENT} {number}", username=f"person-{number % 200:06d}",
            comment_date=wire_time(moment),
        )  # fmt: skip
    return MessageUpdatedV1(post_id=post, message=f"{MESSAGE}{number:010d}")


def kafka_row(fact: Fact) -> tuple[Any, ...]:
    """The outbox row as the relay reads it, for making the very record that the relay would make."""
    milliseconds = int(fact.moment.timestamp() * 1_000)
    return (
        fact.number, 0, TOPIC, fact.partition, fact.stream, fact.stream, fact.version, str(fact.event_id), fact.type,
        wire_time(fact.moment), milliseconds, None, fact.payload,
    )  # fmt: skip
