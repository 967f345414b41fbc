"""What a command answers, as HTTP and as it is stored: the first answer of a key is given again byte for byte."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

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


def request_hash(method: str, path: str, body: bytes) -> bytes:
    """What makes two requests the same: method, path and the raw body, to the byte."""
    return blake2b(b"%s %s\n%s" % (method.encode(), path.encode(), body), digest_size=16).digest()
