"""What relay and projector say to one another about a rebuild, in the rebuild's own topic.

The topic begins, in partition 0, with Started, and every partition ends with Ended. Both have a stream of their own
category (`rebuild`), so they are no projection's events.
"""

from __future__ import annotations

import msgspec

STARTED, ENDED = "lockstep.RebuildStarted.v1", "lockstep.RebuildEnded.v1"


class Started(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The first record of partition 0."""

    id: str
    projection: str
    generation: int
    requested_by: str
    switch: bool
    """Readers are to be switched to it as soon as it has caught up, with no comparison before."""
    upto: int
    """The last position of the log that is replayed."""
    events: int
    """How many events that are, as they were counted before."""
    origin: dict[int, int]
    """Partition → the offset of the domain's topic from which to go on after the replay."""


class Ended(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The last record of every partition."""

    id: str
    sent: int
    """Events replayed."""
