"""The cheap HTTP client: answers in any number of pieces, and what workloads send."""

from __future__ import annotations

import asyncio
from itertools import islice
from uuid import UUID

import pytest

from bench.wire import Answer, Connection, request
from bench.workloads import Work, post_id, requests

ANSWER = b'HTTP/1.1 201 Created\r\nETag: "1"\r\nContent-Length: 5\r\nConsistency-Token: post-x@1\r\n\r\nhello'


class Pipe(asyncio.WriteTransport):
    """A transport that leads nowhere."""


@pytest.mark.parametrize(
    "pieces", [[ANSWER], [ANSWER[:30], ANSWER[30:]], [ANSWER[at : at + 1] for at in range(len(ANSWER))]]
)
def test_an_answer_is_whole_however_it_arrives(pieces: list[bytes]) -> None:
    answers: list[Answer] = []
    connection = Connection(lambda _, answer: answers.append(answer), lambda *_: None)
    connection.connection_made(Pipe())
    for piece in pieces:
        connection.data_received(piece)
    (answer,) = answers
    assert (answer.status, answer.body, answer.header(b"consistency-token")) == (201, b"hello", b"post-x@1")
    assert answer.header(b"nothing") is None


def test_two_answers_in_one_piece_are_two() -> None:
    answers: list[Answer] = []
    connection = Connection(lambda _, answer: answers.append(answer), lambda *_: None)
    connection.connection_made(Pipe())
    connection.data_received(ANSWER + ANSWER[:20])
    connection.data_received(ANSWER[20:])
    assert [answer.body for answer in answers] == [b"hello", b"hello"]


def test_an_answer_without_a_length_is_refused() -> None:
    connection = Connection(lambda *_: None, lambda *_: None)
    with pytest.raises(ValueError, match="Content-Length"):
        connection.data_received(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")


@pytest.mark.parametrize("kind", ["posts", "mixed", "path"])
def test_no_key_and_no_like_comes_twice(kind: str) -> None:
    work = Work(kind=kind, run="r", tokens=[f"t{number}" for number in range(50)], posts=20)  # type: ignore[arg-type]
    made = list(islice(requests(work), 3_000))
    keys = [line for one in made for line in one.split(b"\r\n") if line.startswith(b"Idempotency-Key")]
    assert len(keys) == len(set(keys)) == len(made)
    likes = [tuple(one.split(b"\r\n")[i] for i in (0, 2)) for one in made if b"/like/" in one]
    assert len(likes) == len(set(likes))


def test_what_is_sent_is_as_long_as_it_says() -> None:
    work = Work(kind="posts", run="r", tokens=["a", "b"])
    for one in islice(requests(work), 10):
        head, _, body = one.partition(b"\r\n\r\n")
        assert f"Content-Length: {len(body)}".encode() in head
    assert request("GET", "/x", "t").count(b"Content-Length") == 0
    assert post_id("r", 1) == post_id("r", 1) != post_id("r", 2)
    assert isinstance(post_id("r", 1), UUID)
