"""Tokens, preferences, cursors and entity tags, as text."""

from __future__ import annotations

import base64

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.queries.answers import matches
from app.queries.consistency import MAX_WAIT_SECONDS, Seen, format_token, parse_token, parse_wait
from app.queries.cursors import format_cursor, parse_cursor
from app.queries.errors import BadCursor, BadToken


class Position(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    moment: str
    stream: str


def test_a_token_names_streams_and_versions_each_stream_once_at_its_highest() -> None:
    token = format_token(("post-1-2", 7), ("account-x", 1))
    assert token == "post-1-2@7,account-x@1"
    assert parse_token(token + ", post-1-2@3") == [Seen("post", "post-1-2", 7), Seen("account", "account-x", 1)]


@given(some.text())
def test_whatever_a_client_sends_is_a_token_or_refused(text: str) -> None:
    try:
        seen = parse_token(text)
    except BadToken:
        return
    assert parse_token(format_token(*((one.stream, one.version) for one in seen))) == seen


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        (None, 2.0), ("", 2.0), ("respond-async", 2.0), ("wait=5", 5.0), ("respond-async, wait=0", 0.0),
        ("WAIT=3; x", 3.0),
        ('wait="4"', 4.0), ("wait=0.25", 0.25), ("wait=999999", MAX_WAIT_SECONDS), ("wait=-1", 2.0), ("wait=x", 2.0),
        ("await=7", 2.0),
    ],
)  # fmt: skip
def test_a_preference_says_how_long_to_wait_and_nonsense_is_ignored(prefer: str | None, seconds: float) -> None:
    assert parse_wait(prefer) == seconds


@given(some.text(), some.text(max_size=50), some.text(max_size=50))
def test_a_cursor_leads_back_to_its_position_in_its_own_list_only(name: str, moment: str, stream: str) -> None:
    position = Position(moment, stream)
    cursor = format_cursor(name, position)
    assert parse_cursor(name, cursor, Position) == position
    with pytest.raises(BadCursor):
        parse_cursor(name + "x", cursor, Position)


@given(some.text())
def test_whatever_a_client_sends_as_cursor_is_refused_not_broken(text: str) -> None:
    with pytest.raises(BadCursor):
        parse_cursor("posts", text, Position)


def test_a_cursor_with_any_letter_changed_is_refused() -> None:
    cursor = format_cursor("posts", Position("2026", "post-1"))
    for place in range(len(cursor) - 1):
        other = "A" if cursor[place] != "A" else "B"
        with pytest.raises(BadCursor):
            parse_cursor("posts", cursor[:place] + other + cursor[place + 1 :], Position)


def test_a_cursor_of_another_shape_is_refused() -> None:
    class Other(msgspec.Struct, frozen=True, array_like=True):
        number: int

    cursor = format_cursor("posts", Other(1))
    assert base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).endswith(b"[1]")
    with pytest.raises(BadCursor):
        parse_cursor("posts", cursor, Position)


@pytest.mark.parametrize(
    ("given_tags", "tag", "same"),
    [
        ('"7"', '"7"', True), ('W/"7"', '"7"', True), ('"7"', 'W/"7"', True), ('"1", "7"', '"7"', True),
        ("*", '"7"', True),
        ('"77"', '"7"', False), ("7", '"7"', False), ("", '"7"', False),
    ],
)  # fmt: skip
def test_entity_tags_are_compared_weakly(given_tags: str, tag: str, same: bool) -> None:
    assert matches(given_tags, tag) is same
