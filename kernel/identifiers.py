"""Identifiers: time-ordered ids for events and commands, derived ids for what a retry must meet again."""

from __future__ import annotations

import os
import time
from uuid import UUID, uuid5

NAMESPACE = UUID("6f6b1d3e-6c0a-5e0e-9f57-0c1f6b1f7a10")


def uuid7() -> UUID:
    """A UUIDv7 (RFC 9562): 48 bits of unix milliseconds, then random bits."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | int.from_bytes(os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=value)


def derived_id(principal: str, route: str, key: str) -> UUID:
    """The id of what a keyed request creates: the same for every retry, wherever it lands (UUIDv5)."""
    return uuid5(NAMESPACE, f"{principal}\x1f{route}\x1f{key}")
