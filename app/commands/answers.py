"""What a command answers, as HTTP and as it is stored: the first answer of a key is given again byte for byte."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from zlib import crc32

import msgspec


class Answer(msgspec.Struct, frozen=True):
    """An HTTP answer. `body` is JSON."""

    status: int
    body: msgspec.Raw
    headers: dict[str, str] = {}


class Replayed(msgspec.Struct, frozen=True):
    """The first answer of a key that was used before with the same request."""

    answer: Answer


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Answer).decode


def make_answer(
    status: int, body: msgspec.Struct, versions: Sequence[tuple[str, int]], location: str | None = None
) -> Answer:
    """An answer with the ETag of the first stream and the consistency token of all."""
    headers = {"ETag": f'"{versions[0][1]}"', "Consistency-Token": ",".join(f"{s}@{v}" for s, v in versions)}
    if location:
        headers["Location"] = location
    return Answer(status, msgspec.Raw(_encode(body)), headers)


def to_text(answer: Answer) -> str:
    return _encode(answer).decode()


def from_text(text: str) -> Answer:
    return _decode(text)


WHOLE = 16
"""The first bytes of a fingerprint: the hash that decides whether two requests are the same."""
_NAMED_FIELDS = 32
"""More fields than that a body of ours does not have; a fingerprint stays small whatever is sent."""
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def fingerprint(method: str, path: str, body: bytes) -> bytes:
    """What makes two requests the same, the hash of method, path and raw body to the byte; and behind it, only to tell
    the client what differs, a checksum of the target and of each top-level field."""
    target = f"{method} {path}\n".encode()
    whole = blake2b(target + body, digest_size=WHOLE).digest()
    try:
        fields = _fields(body) if body else {}
    except msgspec.DecodeError:  # no object, or none at all
        fields = {}
    parts = [f"{crc32(target):08x}", *(f"{crc32(value):08x}{name[:64]}" for name, value in fields.items())]
    return whole + "\n".join(parts[: _NAMED_FIELDS + 1]).encode()


def same_request(one: bytes, other: bytes) -> bool:
    """Whether two fingerprints are of the same request."""
    return one[:WHOLE] == other[:WHOLE]


def first_difference(first: bytes, other: bytes) -> str:
    """The first top-level field of the first request whose value the other does not have, or of the other's what the
    first lacks; `path` where the target differs, `body` where only the way it is written does."""
    (target, *parts), (other_target, *other_parts) = (
        each[WHOLE:].decode(errors="replace").split("\n") for each in (first, other)
    )
    if target != other_target:
        return "path"
    for part in [part for part in parts if part not in other_parts] or [
        part for part in other_parts if part not in parts
    ]:
        return part[8:]
    return "body"
