"""What differs between two states, as JSON has them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from app.history.diff import builtins, differences


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1, "b": "x"}, {"a": 2, "b": "x"}, [{"path": "/a", "from": 1, "to": 2}]),
        ({"a": None}, {}, [{"path": "/a", "from": None}]),
        ({}, {"a": None}, [{"path": "/a", "to": None}]),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, [{"path": "/a/c", "from": 2, "to": 3}]),
        ({"a": [1, 2]}, {"a": [1, 2, 3]}, [{"path": "/a", "from": [1, 2], "to": [1, 2, 3]}]),
        ({"a": 1}, {"a": True}, [{"path": "/a", "from": 1, "to": True}]),
        ({"a": {"b": 1}}, {"a": None}, [{"path": "/a", "from": {"b": 1}, "to": None}]),
        ({"x/y~z": 1}, {"x/y~z": 2}, [{"path": "/x~1y~0z", "from": 1, "to": 2}]),
        ({"b": 1, "a": 1}, {"b": 2, "a": 2}, [{"path": "/a", "from": 1, "to": 2}, {"path": "/b", "from": 1, "to": 2}]),
    ],
)  # fmt: skip
def test_each_field_that_differs_is_named_with_both_values(before: Any, after: Any, found: list[Any]) -> None:
    assert msgspec.json.decode(msgspec.json.encode(list(differences(before, after)))) == found


class State(msgspec.Struct):
    names: frozenset[str]
    at: datetime
    by_number: dict[int, str]


def test_equal_states_look_the_same_whatever_they_hold() -> None:
    names = [f"name-{n}" for n in range(50)]
    at = datetime(2023, 5, 28, tzinfo=UTC)
    one, other = (State(frozenset(each), at, {2: "b", 1: "a"}) for each in (names, names[::-1]))
    assert builtins(one) == builtins(other)
    assert builtins(one)["names"] == sorted(names)
    assert list(differences(builtins(one), builtins(other))) == []
