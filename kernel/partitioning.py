"""Where an event goes: partition by key as every Kafka client computes it, lane by partition.

Both are fixed when the outbox row is written, so nothing later can send one key to two places.
"""

from __future__ import annotations

from functools import lru_cache
from struct import unpack

_MASK = 0xFFFFFFFF
_M = 0x5BD1E995


def murmur2(data: bytes) -> int:
    """Kafka's murmur2 (seed 0x9747b28c), as an unsigned 32-bit number."""
    length = len(data)
    h = (0x9747B28C ^ length) & _MASK
    whole = length & ~3
    for word in unpack(f"<{whole >> 2}I", data[:whole]):
        k = (word * _M) & _MASK
        k ^= k >> 24
        k = (k * _M) & _MASK
        h = ((h * _M) & _MASK) ^ k
    rest = data[whole:]
    if rest:
        h ^= int.from_bytes(rest, "little")
        h = (h * _M) & _MASK
    h ^= h >> 13
    h = (h * _M) & _MASK
    return h ^ (h >> 15)


@lru_cache(maxsize=65_536)
def partition_of(key: str, partitions: int) -> int:
    """The partition of a key: toPositive(murmur2(key)) mod partitions, Kafka's default partitioner."""
    return (murmur2(key.encode()) & 0x7FFFFFFF) % partitions


def lane_of(partition: int, lanes: int) -> int:
    """The lane that publishes a partition."""
    return partition % lanes
