"""What a later stage could not hold is refused at the door, with a problem, and leaves nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from chaos.system import System
from tests.acceptance.conftest import Post
from tests.acceptance.problems import refused

BAD_BODIES: list[tuple[bytes, int, str]] = [
    (b'{"message": "\\u0000"}', 422, "bad-character"),
    (b'{"message": "x", "id": ' + b"[" * 65 + b"]" * 65 + b"}", 422, "too-deep"),
    (b'{"message": "x", "more": 1}', 422, "invalid-request"),
    (b'{"message": "x", "$set": {}}', 422, "invalid-request"),
    (b'{"message": "x", "a.b": 1}', 422, "invalid-request"),
    (b'{"message": 7}', 422, "invalid-request"),
    (b'{"message": 99999999999999999999999999}', 422, "invalid-request"),
    (b'{"message": null}', 422, "invalid-request"),
    (b'{"message": "x", "id": "no uuid"}', 422, "invalid-request"),
    (b"{}", 422, "invalid-request"),
    (b"[]", 422, "invalid-request"),
]
MALFORMED = [
    b"",
    b"{",
    b'{"message": "x"',
    b"\xff\xfe",
    b'{"message": "\\ud800"}',
    b'{"message": "\xed\xa0\x80"}',
    b"nul",
]


@pytest.mark.parametrize(("body", "status", "kind"), BAD_BODIES, ids=lambda value: str(value)[:40])
async def test_bad_bodies(ann: httpx.AsyncClient, body: bytes, status: int, kind: str) -> None:
    refused(await ann.post("/posts", content=body), status, kind)


@pytest.mark.parametrize("body", MALFORMED, ids=lambda value: str(value)[:40])
async def test_malformed_json(ann: httpx.AsyncClient, body: bytes) -> None:
    answer = await ann.post("/posts", content=body)
    assert answer.status_code in (400, 422)
    refused(answer, answer.status_code, answer.json()["type"].removeprefix("/problems/"))


async def test_bodies_over_the_limit(ann: httpx.AsyncClient) -> None:
    refused(await ann.post("/posts", content=b'{"message": "' + b"x" * 262_144 + b'"}'), 413, "body-too-large")

    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"message": "'
        for _ in range(300):
            yield b"x" * 1_024
        yield b'"}'

    answer = await ann.post("/posts", content=chunks())  # no length is announced
    refused(answer, 413, "body-too-large")


@pytest.mark.parametrize(
    ("headers", "status", "kind"),
    [
        ({"Idempotency-Key": "x" * 201}, 400, "bad-idempotency-key"),
        ({"Idempotency-Key": "with space"}, 400, "bad-idempotency-key"),
        ({"If-Match": "1"}, 400, "bad-if-match"),
        ({"If-Match": 'W/"1"'}, 400, "bad-if-match"),
        ({"If-Match": '"1", "2"'}, 400, "bad-if-match"),
        ({"X-Correlation-Id": "no uuid"}, 400, "bad-correlation-id"),
    ],
    ids=str,
)
async def test_bad_command_headers(
    ann: httpx.AsyncClient, post: Post, headers: dict[str, str], status: int, kind: str
) -> None:
    refused(await ann.put(post.path, json={"message": "x"}, headers=headers), status, kind)


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/posts?limit=0", 422, "invalid-request"),
        ("/posts?limit=101", 422, "invalid-request"),
        ("/posts?limit=many", 422, "invalid-request"),
        ("/posts?cursor=invented", 400, "bad-cursor"),
        ("/posts/withLikes/many", 404, "not-found"),
        ("/posts/no-uuid", 404, "not-found"),
    ],
)
async def test_bad_questions(ann: httpx.AsyncClient, path: str, status: int, kind: str) -> None:
    refused(await ann.get(path), status, kind)


@pytest.mark.parametrize("token", ["", "nonsense", "post-1", "unknown-1@1", "post-1@x", ",".join(["post-1@1"] * 40)])
async def test_bad_tokens(ann: httpx.AsyncClient, token: str) -> None:
    refused(await ann.get("/posts", headers={"Consistency-Token": token}), 400, "bad-token")


async def test_nothing_of_it_was_stored(house: System, ann: httpx.AsyncClient) -> None:
    before = await house.sql("SELECT count(*) FROM events")
    for body, *_ in BAD_BODIES:
        await ann.post("/posts", content=body, headers={"Idempotency-Key": "refused-at-the-door"})
    assert await house.sql("SELECT count(*) FROM events") == before
    assert (await house.sql("SELECT count(*) FROM commands WHERE key = 'refused-at-the-door'"))[0][0] == 0
