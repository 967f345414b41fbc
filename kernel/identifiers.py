"""Identifiers: time-ordered ids for events and commands, derived ids for what a retry must meet again. All as text.

Random bits come from the process's own generator, seeded by the system: ids must not collide, nobody need be kept from
guessing them, and a call into the kernel for each was an eighth of a command's time. They are put together as text
because that is how all of them leave: making uuid.UUID objects first was another twentieth.
"""

from __future__ import annotations

import time
from hashlib import sha1
from random import getrandbits
from uuid import UUID

NAMESPACE = UUID("6f6b1d3e-6c0a-5e0e-9f57-0c1f6b1f7a10")

_VERSION_AND_VARIANT = 0xF << 76 | 0x3 << 62
_V5, _V7 = 0x5 << 76 | 0x2 << 62, 0x7 << 76 | 0x2 << 62


def uuid7() -> str:
    """A UUIDv7 (RFC 9562): 48 bits of unix milliseconds, then random bits."""
    return _text(((time.time_ns() // 1_000_000) << 80 | getrandbits(80)) & ~_VERSION_AND_VARIANT | _V7)


def derived_id(principal: str, route: str, key: str) -> str:
    """The id of what a keyed request creates: the same for every retry, wherever it lands (UUIDv5)."""
    name = f"{principal}\x1f{route}\x1f{key}".encode()
    digest = sha1(NAMESPACE.bytes + name, usedforsecurity=False).digest()
    return _text(int.from_bytes(digest[:16], "big") & ~_VERSION_AND_VARIANT | _V5)


def new_traceparent() -> str:
    """A W3C traceparent that begins a trace, sampled."""
    return f"00-{getrandbits(128) or 1:032x}-{getrandbits(64) or 1:016x}-01"


def _text(bits: int) -> str:
    digits = f"{bits:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
