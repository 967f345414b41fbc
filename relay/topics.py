"""`python -m relay.topics`: the topics exist, as wide as they were recorded; the relay refuses to start otherwise.

Invariant: a topic's partition count never changes silently, for then keys would move to other partitions and lanes, and
a stream's events could overtake one another. The count is recorded in PostgreSQL when the topic is made; writers use
it.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from kernel.domain import load_domain
from kernel.settings import Settings, SettingsError, read_settings
from relay.database import open_pool
from relay.publisher import RECORD_BYTES

if TYPE_CHECKING:
    from relay.database import Pool

RECORD_TOPIC = "INSERT INTO topics (topic, partitions) VALUES ($1, $2) ON CONFLICT DO NOTHING"
HAS_PUBLISHED = "SELECT EXISTS (SELECT FROM relay_lanes WHERE cursor IS NOT NULL)"

DOMAIN_TOPIC = {
    "cleanup.policy": "delete",
    # Nothing is deleted by time unless an operator says so: a new reader, or one that was away, finds everything. Our
    # own projections do not depend on it, they are rebuilt from the event store.
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "max.message.bytes": str(RECORD_BYTES + 100_000),
    "message.timestamp.type": "CreateTime",
}
CURSOR_TOPIC = {"cleanup.policy": "delete", "retention.ms": "-1"}
"""Nothing is ever written to it: it is what the relay's group offsets, the cursors, belong to."""

_ANSWER_MS = 5_000


class TopicMismatch(Exception):
    """Topics are not as the outbox's rows need them; the message says what to do."""


class KafkaUnreachable(OSError):
    """Kafka does not answer; it may do so later."""


class Topics:
    """What must be true of the topics of this system."""

    def __init__(self, settings: Settings, pool: Pool) -> None:
        self._bootstrap = settings.kafka_bootstrap
        self._pool = pool
        self._cursor_topic = settings.cursor_topic
        domains = [load_domain(package) for package in settings.domain_packages]
        self._wanted = {settings.topic(domain.name): domain.partitions for domain in domains}

    async def check(self) -> None:
        """Every topic is as recorded. Raises TopicMismatch when not, KafkaUnreachable when that cannot be said."""
        recorded, lanes = await self._recorded()
        async with self._admin() as admin:
            found = await widths(admin)
        for topic in self._wanted:
            if topic not in recorded:
                raise TopicMismatch(f"topic {topic} has not been made: run python -m relay.topics")
        for topic, partitions in {**recorded, self._cursor_topic: lanes}.items():
            self._compare(topic, partitions, found.get(topic), recorded)

    async def make(self) -> list[str]:
        """Missing topics are made and recorded; returns their names. Raises TopicMismatch rather than change one."""
        recorded, lanes = await self._recorded()
        wanted = {**self._wanted, self._cursor_topic: lanes}
        if not lanes:
            raise TopicMismatch("there are no lanes in PostgreSQL: run python -m migrations first")
        async with self._admin() as admin:
            found = await widths(admin)
            missing = {topic for topic in wanted if topic not in found}
            for topic, partitions in wanted.items():
                self._compare(topic, partitions, found.get(topic, partitions), recorded)
                if topic in missing and topic in recorded and await self._pool.fetchval(HAS_PUBLISHED):
                    raise TopicMismatch(
                        f"topic {topic} was there and is gone, with what was published to it. Bring Kafka's data back; "
                        f"or, to go on without, make it by hand with {partitions} partitions and rebuild projections"
                    )
            brokers = len((await admin.describe_cluster())["brokers"])
            for topic in sorted(missing):
                await self._create(admin, topic, wanted[topic], brokers)
            # made is not yet known to every broker, and nothing tells when it is
            while not missing <= (await widths(admin)).keys():  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        for topic, partitions in self._wanted.items():
            await self._pool.execute(RECORD_TOPIC, topic, partitions)
        return sorted(missing)

    async def ask_kafka(self) -> None:
        """Returns when Kafka answers; raises KafkaUnreachable."""
        async with self._admin() as admin:
            await admin.describe_cluster()

    def _compare(self, topic: str, partitions: int, found: int | None, recorded: Mapping[str, int]) -> None:
        if topic in recorded and recorded[topic] != partitions:
            raise TopicMismatch(
                f"{topic} was made with {recorded[topic]} partitions and its domain now says {partitions}. Keys would "
                f"move between partitions: set it back to {recorded[topic]}"
            )
        if found is None:
            raise TopicMismatch(f"topic {topic} is not there: run python -m relay.topics")
        if topic == self._cursor_topic:
            if found < partitions:
                raise TopicMismatch(
                    f"topic {topic} has {found} partitions and there are {partitions} lanes: "
                    f"run python -m relay.lanes_change {partitions}"
                )
        elif found != partitions:
            raise TopicMismatch(
                f"topic {topic} has {found} partitions in Kafka, and its rows are written for {partitions}. Partitions "
                "cannot be taken away: make the topic anew with the right count or, if another system uses it, set "
                "another LOCKSTEP_NAMESPACE"
            )

    async def _recorded(self) -> tuple[dict[str, int], int]:
        rows = await self._pool.fetch("SELECT topic, partitions FROM topics")
        lanes: int = await self._pool.fetchval("SELECT count(*) FROM relay_lanes")
        return {row["topic"]: row["partitions"] for row in rows}, lanes

    async def _create(self, admin: AIOKafkaAdminClient, topic: str, partitions: int, brokers: int) -> None:
        config = dict(CURSOR_TOPIC if topic == self._cursor_topic else DOMAIN_TOPIC)
        copies = min(3, brokers)
        if copies == 3:
            config["min.insync.replicas"] = "2"  # an acknowledged record is on two brokers at least
        answer = await admin.create_topics([NewTopic(topic, partitions, copies, topic_configs=config)])
        for _, code, *_ in answer.topic_errors:  # type: ignore[attr-defined]
            error = for_code(code)
            if code and error is not TopicAlreadyExistsError:  # somebody made it at the same time
                raise TopicMismatch(f"Kafka refuses to make {topic}: {error.__name__} {error.description}")

    @asynccontextmanager
    async def _admin(self) -> AsyncIterator[AIOKafkaAdminClient]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self._bootstrap, request_timeout_ms=_ANSWER_MS)
        try:
            await admin.start()
            yield admin
        except (KafkaError, OSError, TimeoutError) as error:
            raise KafkaUnreachable(f"Kafka at {self._bootstrap} does not answer: {error}") from error
        finally:
            await admin.close()


async def widths(admin: AIOKafkaAdminClient) -> dict[str, int]:
    """Topic → how many partitions it has, of all topics there are."""
    described: list[dict[str, Any]] = await admin.describe_topics()
    return {topic["topic"]: len(topic["partitions"]) for topic in described}


async def main(settings: Settings) -> list[str]:
    """Makes what is missing; returns the names of what was made."""
    settings.require("postgres_dsn", "kafka_bootstrap")
    async with open_pool(settings.postgres_dsn, 2) as pool:
        return await Topics(settings, pool).make()


if __name__ == "__main__":
    try:
        for name in asyncio.run(main(read_settings())):
            print(f"made {name}")
    except (TopicMismatch, KafkaUnreachable, SettingsError) as refusal:
        print(f"topics: {refusal}", file=sys.stderr)
        raise SystemExit(1) from None
