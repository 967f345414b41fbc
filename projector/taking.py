"""Taking partitions over: where MongoDB says the projection stands, checked against what Kafka holds.

First start is at the beginning, explicitly. A position that is not there any more, or a topic that was deleted and made
anew under it, is an OutOfRange, never a silent reset.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from projector.checkpoints import Checkpoints
from projector.consumer import Consumer, OutOfRange
from projector.documents import Loaded
from projector.mongo import Mongo
from projector.parking import parked_streams
from projector.records import Record
from projector.unit_of_work import Tenure, record_id


class Taking:
    """How one projection takes partitions over."""

    def __init__(self, mongo: Mongo, projection: str, checkpoints: Checkpoints) -> None:
        self._mongo = mongo
        self._projection = projection
        self._checkpoints = checkpoints

    async def take(
        self, consumer: Consumer, partitions: Iterable[int], loaded: Loaded
    ) -> tuple[Tenure, dict[int, tuple[int, str]]]:
        """(tenure, partition → (offset, event id) of the last projected record, which is read once more to see that it
        is the same one). Raises OutOfRange, Stale, KafkaError, Unavailable."""
        first, end = await consumer.beginnings(partitions), await consumer.ends(partitions)
        checkpoints = await self._checkpoints.take(first)
        verify: dict[int, tuple[int, str]] = {}
        for partition, checkpoint in checkpoints.items():
            if not first[partition] <= checkpoint.next <= end[partition]:
                raise OutOfRange(
                    f"partition {partition} holds offsets {first[partition]} to {end[partition]}, "
                    f"the projection {self._projection} stands at {checkpoint.next}",
                    partition,
                )
            if checkpoint.last_offset is not None and checkpoint.last_offset >= first[partition]:
                verify[partition] = checkpoint.last_offset, checkpoint.last_event_id or ""
        consumer.seek(
            {
                partition: verify[partition][0] if partition in verify else checkpoint.next
                for partition, checkpoint in checkpoints.items()
            }
        )
        parked = await parked_streams(self._mongo, self._projection, checkpoints)
        return Tenure(checkpoints, parked, loaded), verify

    def verified(
        self, polled: Mapping[int, Sequence[Record]], verify: dict[int, tuple[int, str]]
    ) -> dict[int, Sequence[Record]]:
        """The records not projected yet; each partition's first poll is checked. Raises OutOfRange."""
        if not verify:
            return dict(polled)
        fresh: dict[int, Sequence[Record]] = {}
        for partition, records in polled.items():
            if partition in verify:
                offset, event_id = verify.pop(partition)
                if records[0].offset == offset:
                    if record_id(records[0]) != event_id:
                        raise OutOfRange(
                            f"partition {partition} holds another event at offset {offset} than was projected: "
                            "the topic was made anew",
                            partition,
                        )
                    records = records[1:]
            if records:
                fresh[partition] = records
        return fresh
