"""Answers are stored and given again byte for byte; requests are the same only to the byte."""

from __future__ import annotations

import msgspec
import pytest

from app.commands.answers import WHOLE, fingerprint, first_difference, from_text, make_answer, same_request, to_text


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
        fingerprint(method, path, body)[:WHOLE]
        for method in ("POST", "PUT")
        for path in ("/a", "/b")
        for body in (b"{}", b'{"x":1}', b"")
    }
    assert len(hashes) == 12


FIRST = b'{"from": "a", "to": "b", "amount": 5, "more": {"deep": [1]}}'


@pytest.mark.parametrize(
    ("other", "field"),
    [
        (b'{"from": "a", "to": "b", "amount": 6, "more": {"deep": [1]}}', "amount"),
        (b'{"from": "a", "to": "c", "amount": 6, "more": {"deep": [1]}}', "to"),
        (b'{"more": {"deep": [2]}, "amount": 6, "to": "b", "from": "a"}', "amount"),
        (b'{"from": "a", "to": "b", "amount": 5, "more": {"deep": [2]}}', "more"),
        (b'{"from": "a", "to": "b", "amount": "5", "more": {"deep": [1]}}', "amount"),
        (b'{"from": "a", "to": "b", "amount": 5}', "more"),
        (b'{"from": "a", "to": "b", "amount": 5, "more": {"deep": [1]}, "reference": "x"}', "reference"),
        (b'{"from": "a", "to": "b", "amount": 5, "amount": 5, "more": {"deep": [1]}}', "body"),
        (b'{"to": "b", "from": "a", "amount": 5, "more": {"deep": [1]}}', "body"),
        (b"", "from"),
    ],
)
def test_the_first_field_that_differs_is_named(other: bytes, field: str) -> None:
    one, another = fingerprint("POST", "/transfers", FIRST), fingerprint("POST", "/transfers", other)
    assert not same_request(one, another)
    assert first_difference(one, another) == field
    assert first_difference(fingerprint("POST", "/a", FIRST), fingerprint("POST", "/b", other)) == "path"


@pytest.mark.parametrize("body", [b"", b"null", b"[1]", b"{", b'"x"', b'{"a\\nb": 1}', b'{"' + b"k" * 5_000 + b'": 1}'])
def test_any_body_has_a_small_fingerprint(body: bytes) -> None:
    one = fingerprint("POST", "/a", body)
    assert len(one) <= 2_000
    assert same_request(one, fingerprint("POST", "/a", body))


def test_a_fingerprint_of_many_fields_stays_small() -> None:
    body = msgspec.json.encode({f"field{number}": number for number in range(10_000)})
    assert len(fingerprint("POST", "/a", body)) < 2_000
