"""`lockstep topics`: Kafka's topics, their partitions and how much is in them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import click
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from rich.console import Console
from rich.table import Table

from cli.output import data_option, output_option, print_json, running_stack


@click.command()
@data_option
@output_option
def topics(data: Path, output: str) -> None:
    """List topics with their partitions and offsets."""
    found = asyncio.run(list_topics(running_stack(data).servers.kafka.bootstrap))
    if output == "json":
        print_json({"topics": found})
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("topic", "partitions", "offsets"):
        table.add_column(column)
    for topic in found:
        table.add_row(topic["name"], str(topic["partitions"]), str(topic["offsets"]))
    Console().print(table)


async def list_topics(bootstrap: str) -> list[dict[str, Any]]:
    """Each topic's name, partition count, and offsets from the first to the last, transaction markers counted."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        described = await admin.describe_topics()
    finally:
        await admin.close()
    names = {topic["topic"]: len(topic["partitions"]) for topic in described if not topic["is_internal"]}
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await consumer.start()
    try:
        return [await measure(consumer, name, names[name]) for name in sorted(names)]
    finally:
        await consumer.stop()


async def measure(consumer: AIOKafkaConsumer, name: str, partitions: int) -> dict[str, Any]:
    parts = [TopicPartition(name, number) for number in range(partitions)]
    consumer.assign(parts)  # makes the client ask who leads them
    first, last = await consumer.beginning_offsets(parts), await consumer.end_offsets(parts)
    return {"name": name, "partitions": partitions, "offsets": sum(last[part] - first[part] for part in parts)}
