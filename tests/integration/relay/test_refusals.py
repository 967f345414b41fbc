"""A relay that finds topics other than they were recorded does not start, and says what to do (S26)."""

from __future__ import annotations

from aiokafka.admin import AIOKafkaAdminClient, NewPartitions

from chaos.system import System
from tests.integration.relay.writing import writer


async def test_a_topic_made_wider_in_kafka_is_refused(system: System) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=system.servers.kafka.bootstrap)
    await admin.start()
    await admin.create_partitions({system.topic: NewPartitions(24)})
    await admin.close()
    relay = system.start("relay")
    await relay.gone()
    assert "24 partitions in Kafka" in relay.log
    assert "LOCKSTEP_NAMESPACE" in relay.log


async def test_a_topic_that_was_never_made_is_refused(system: System) -> None:
    async with writer(system) as connection:
        await connection.execute("DELETE FROM topics")
    relay = system.start("relay")
    await relay.gone()
    assert "python -m relay.topics" in relay.log


async def test_more_lanes_than_cursor_partitions_are_refused(system: System) -> None:
    async with writer(system) as connection:
        await connection.execute("INSERT INTO relay_lanes (lane) VALUES (2)")
    relay = system.start("relay")
    await relay.gone()
    assert "python -m relay.lanes_change 3" in relay.log
