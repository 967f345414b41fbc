"""What is refused before a body is decoded."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.door import DEPTH_LIMIT, check_body
from app.problems import Problem


@pytest.mark.parametrize("body", [b"[" * 65 + b"]" * 65, b'{"a":' * 65 + b"1" + b"}" * 65])
def test_deep_nesting_is_refused(body: bytes) -> None:
    with pytest.raises(Problem, match="deeper") as refused:
        check_body(body)
    assert (refused.value.status, refused.value.type) == (422, "too-deep")


def test_wide_bodies_and_brackets_in_text_are_not_deep() -> None:
    check_body(b"[" + b"[]," * 1_000 + b"[]]")
    check_body(msgspec.json.encode({"message": "[" * 500 + '\\"' + "{" * 500}))
    check_body(b"[" * DEPTH_LIMIT + b"]" * DEPTH_LIMIT)


def test_an_escaped_nul_is_refused() -> None:
    with pytest.raises(Problem, match="NUL"):
        check_body(b'{"message":"a\\u0000b"}')
    with pytest.raises(Problem, match="NUL"):
        check_body(b'{"message":"a\\\\\\u0000b"}')


def test_a_backslash_before_u0000_is_only_text() -> None:
    check_body(b'{"message":"a\\\\u0000b"}')


@given(st.text())
def test_nul_is_found_exactly_when_the_text_holds_it(text: str) -> None:
    body = msgspec.json.encode({"message": text})
    if "\x00" in text:
        with pytest.raises(Problem, match="NUL"):
            check_body(body)
    else:
        check_body(body)
