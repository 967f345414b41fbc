"""The projector's own collections, and every projection's: they exist, with their indexes, before a transaction needs
them. Names and shapes that the command line shares with the projector stand here; what they mean stays out.

`projector_checkpoints`     "<projection>/<topic>/<partition>": next (offset), revision (of the compare-and-set),
                            lastOffset and lastEventId (tell a topic that was made anew), owner (its sessions)
`projector_projections`     "<projection>": paused?, pausedAt?, pauseReason?, requests (counter: look at the parked
                            streams), fault? {error, repair, at}, partitions? (of the topic), complete?
                            {partition: until when all that was published is in the documents}, parked? {partition:
                            how many streams are}
`projector_parked_streams`  "<projection>/<stream>": why, since when, attempts, request? {kind, reason?, by?, at}
`projector_parked_events`   "<projection>/<stream>/<version>/<offset>": the record as Kafka gave it
`projector_discarded`       the same, with who gave it up, when and why: an audit trail, only ever added to
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kernel.projection import PROJECTIONS, Projection

if TYPE_CHECKING:  # the command line needs the names, not the driver
    from projector.mongo import Mongo

CHECKPOINTS = "projector_checkpoints"
PARKED_STREAMS = "projector_parked_streams"
PARKED_EVENTS = "projector_parked_events"
DISCARDED = "projector_discarded"


def parked_id(projection: str, stream: str) -> str:
    return f"{projection}/{stream}"


async def ensure_schema(mongo: Mongo, projections: Iterable[Projection]) -> None:
    """Every collection and index exists. Several processes may do this at once, and again."""
    await mongo.ensure(CHECKPOINTS, [])
    await mongo.ensure(PROJECTIONS, [])
    await mongo.ensure(PARKED_STREAMS, [[("projection", 1), ("fingerprint", 1)], [("projection", 1), ("partition", 1)]])
    await mongo.ensure(PARKED_EVENTS, [[("projection", 1), ("stream", 1), ("version", 1), ("offset", 1)]])
    await mongo.ensure(DISCARDED, [[("projection", 1), ("stream", 1)]])
    for projection in projections:
        for collection, indexes in projection.collections.items():
            await mongo.ensure(collection, [])
            for index in indexes:
                await mongo.ensure(collection, [index.keys], unique=index.unique)
