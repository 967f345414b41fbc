"""Submissions by the dozen, as the pipeline would make them."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from app.store.append import ClaimWrite, NewEvent, StreamWrite, Submission
from kernel.aggregate import ClaimOp
from kernel.identifiers import uuid7

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def event(stream: str, version: int) -> NewEvent:
    return NewEvent(
        stream, version, uuid7(), "PostLiked", 1, '{"by": "ann"}', '{"principal": "ann"}', NOW,
        0, "t.posts", 0, stream, "posts.PostLiked.v1", None, b"{}",
    )  # fmt: skip


def submission(
    *streams: tuple[str, int, int], key: str | None = None, claims: tuple[ClaimWrite, ...] = (), body: bytes = b"1"
) -> Submission:
    """Of (stream, expected version, events) each; `body` stands for the request."""
    return Submission(
        "ann",
        key or uuid4().hex,
        body,
        f'{{"answer": "{uuid4().hex}"}}',
        tuple(StreamWrite(stream, "post", expected, expected + events) for stream, expected, events in streams),
        claims,
        tuple(event(stream, expected + 1 + n) for stream, expected, events in streams for n in range(events)),
    )


def claim(op: ClaimOp, value: str, holder: str = "ann") -> ClaimWrite:
    return ClaimWrite(op, "likes", value, holder, "post-1")
