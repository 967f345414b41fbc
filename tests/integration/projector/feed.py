"""Published events of posts for the projector's tests: told in order, written to Kafka as the relay writes them, and
folded one by one as the plain answer that the documents must equal."""

from __future__ import annotations

import itertools
import random
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from domains.posts import published
from domains.posts.views import POSTS
from kernel.codec import Codec
from kernel.domain import load_codec
from kernel.events import Published, wire_time
from kernel.partitioning import partition_of
from kernel.projection import Document, Projection, Ref
from projector.records import receive

TYPE_OF = {kind: name for name, kind in published.PUBLISHED_TYPES.items()}
Message = tuple[str, bytes, list[tuple[str, bytes]]]
"""(key, value, headers)"""


class Story:
    """What happened to posts, in order; the same seed tells the same story."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._versions: defaultdict[str, int] = defaultdict(int)
        self._numbers = itertools.count(1)
        self.posts: list[str] = []
        self._comments: defaultdict[str, list[str]] = defaultdict(list)

    def uuid(self) -> str:
        return str(UUID(int=self._random.getrandbits(128)))

    def say(self, post_id: str, event: Published) -> Message:
        """The next event of a post."""
        stream = f"post-{post_id}"
        self._versions[stream] += 1
        return message(stream, self._versions[stream], TYPE_OF[type(event)], msgspec.json.encode(event), self.uuid())

    def create(self) -> Message:
        post_id = self.uuid()
        self.posts.append(post_id)
        created = published.PostCreatedV1(post_id=post_id, author="Ada", message="hello", date_posted=_now())
        return self.say(post_id, created)

    def like(self, post_id: str, by: str = "") -> Message:
        person = by or f"person-{next(self._numbers)}"
        return self.say(post_id, published.PostLikedV1(post_id=post_id, by=person))

    def unlike(self, post_id: str, by: str) -> Message:
        return self.say(post_id, published.PostUnlikedV1(post_id=post_id, by=by))

    def comment(self, post_id: str) -> Message:
        comment_id = self.uuid()
        self._comments[post_id].append(comment_id)
        return self.say(
            post_id,
            published.CommentAddedV1(
                post_id=post_id, comment_id=comment_id, comment="well said", username="Bob", comment_date=_now()
            ),
        )

    def edit(self, post_id: str, text: str = "changed") -> Message:
        return self.say(post_id, published.MessageUpdatedV1(post_id=post_id, message=text))

    def anything(self) -> Message:
        """One more event of any kind, of a post that is there."""
        chance, post_id = self._random.random(), self._random.choice(self.posts)
        comments = self._comments[post_id]
        if chance < 0.1:
            return self.create()
        if chance < 0.5:
            return self.like(post_id)
        if chance < 0.7 or not comments:
            return self.comment(post_id)
        if chance < 0.8:
            edited = published.CommentUpdatedV1(
                post_id=post_id, comment_id=self._random.choice(comments), comment="!", username="Bob", edit_date=_now()
            )
            return self.say(post_id, edited)
        if chance < 0.9:
            gone = comments.pop(self._random.randrange(len(comments)))
            return self.say(post_id, published.CommentRemovedV1(post_id=post_id, comment_id=gone, username="Bob"))
        return self.edit(post_id)

    def chapter(self, posts: int, events: int) -> list[Message]:
        return [*(self.create() for _ in range(posts)), *(self.anything() for _ in range(events))]


def message(stream: str, version: int, kind: str, value: bytes, event_id: str) -> Message:
    headers = {
        "ce_specversion": "1.0",
        "ce_id": event_id,
        "ce_type": kind,
        "ce_source": "/lockstep/posts",
        "ce_time": _now(),
        "ce_partitionkey": stream,
        "ce_sequence": str(version),
        "ce_stream": stream,
        "content-type": "application/json",
    }
    return stream, value, [(name, text.encode()) for name, text in headers.items()]


def _now() -> str:
    return wire_time(datetime.now(UTC))


async def make_topic(bootstrap: str, topic: str, partitions: int) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, partitions, 1)])
    finally:
        await admin.close()


async def send(bootstrap: str, topic: str, partitions: int, messages: Iterable[Message]) -> None:
    """The messages are in Kafka, committed, in order per key."""
    producer = AIOKafkaProducer(
        bootstrap_servers=bootstrap, transactional_id=f"feed-{topic}", retry_backoff_ms=10, linger_ms=5
    )
    await producer.start()
    try:
        async with producer.transaction():
            sent = [
                await producer.send(
                    topic,
                    value,
                    key.encode(),
                    partition_of(key, partitions),
                    timestamp_ms=int(time.time() * 1000),
                    headers=headers,
                )
                for key, value, headers in messages
            ]
            for future in sent:
                await future
    finally:
        await producer.stop()


async def documents_by_plain_fold(
    bootstrap: str, topic: str, partitions: int, projection: Projection = POSTS, codec: Codec | None = None
) -> dict[str, dict[str, Document]]:
    """Collection → id → document, folded from all that is in Kafka, one event at a time, repeats left out."""
    codec = codec or load_codec(["domains.posts"])
    state: dict[Ref, Document] = {}
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        tps = [TopicPartition(topic, number) for number in range(partitions)]
        consumer.assign(tps)
        ends: Mapping[TopicPartition, int] = await consumer.end_offsets(tps)
        while any([await consumer.position(tp) < ends[tp] for tp in tps]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                for record in records:
                    received = receive(record, codec)
                    assert received.event is not None, received.fault
                    _apply(projection, state, received.event)
    finally:
        await consumer.stop()
    found: dict[str, dict[str, Document]] = {collection: {} for collection in projection.collections}
    for ref, document in state.items():
        found[ref.collection][ref.id] = document
    return found


def _apply(projection: Projection, state: dict[Ref, Document], event: Any) -> None:
    primary = Ref(projection.primary, event.stream)
    if event.version <= state.get(primary, {}).get("version", 0):
        return
    for ref, document in projection.fold(state, event).items():
        if document is None:
            state.pop(ref, None)
        else:
            state[ref] = document
    state[primary] = {**state[primary], "version": event.version}
