"""Answers are stored and given again byte for byte; requests are the same only to the byte."""

from __future__ import annotations

import msgspec

from app.commands.answers import from_text, make_answer, request_hash, to_text


class Body(msgspec.Struct):
    id: str


def test_a_stored_answer_comes_back_byte_for_byte() -> None:
    answer = make_answer(201, Body('a "quoted" ü'), [("post-1", 3), ("post-2", 1)], "/posts/1")
    again = from_text(to_text(answer))
    assert bytes(again.body) == bytes(answer.body)
    assert (again.status, again.headers) == (201, answer.headers)
    assert answer.headers == {
        "ETag": '"3"',
        "Consistency-Token": "post-1@3,post-2@1",
        "Location": "/posts/1",
    }


def test_method_path_and_body_all_count() -> None:
    hashes = {
        request_hash(method, path, body)
        for method in ("POST", "PUT")
        for path in ("/a", "/b")
        for body in (b"{}", b'{"x":1}', b"")
    }
    assert len(hashes) == 12
