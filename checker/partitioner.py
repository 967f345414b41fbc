"""Which partition a key belongs to, by Kafka's published rule: murmur2 with its seed, sign bit off, modulo."""

from __future__ import annotations

from functools import lru_cache

SEED, MULTIPLIER, WORD = 0x9747B28C, 0x5BD1E995, 0xFFFFFFFF


@lru_cache(maxsize=2_000_000)
def partition_for(key: str, partitions: int) -> int:
    data = key.encode()
    hashed = (SEED ^ len(data)) & WORD
    for at in range(0, len(data) - len(data) % 4, 4):
        word = int.from_bytes(data[at : at + 4], "little") * MULTIPLIER & WORD
        word = (word ^ (word >> 24)) * MULTIPLIER & WORD
        hashed = (hashed * MULTIPLIER & WORD) ^ word
    if tail := data[len(data) - len(data) % 4 :]:
        hashed = (hashed ^ int.from_bytes(tail, "little")) * MULTIPLIER & WORD
    hashed = (hashed ^ (hashed >> 13)) * MULTIPLIER & WORD
    return ((hashed ^ (hashed >> 15)) & 0x7FFFFFFF) % partitions
