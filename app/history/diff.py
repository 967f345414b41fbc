"""What differs between two states, field by field. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec


class Difference(msgspec.Struct, frozen=True, rename={"before": "from", "after": "to"}, omit_defaults=True):
    """One field, named by a JSON pointer (RFC 6901), and both values; one that is left out was not there."""

    path: str
    before: Any = msgspec.UNSET
    after: Any = msgspec.UNSET


def builtins(state: Any) -> Any:
    """The state as JSON has it, the same for equal states: sets are sorted."""
    return msgspec.to_builtins(state, str_keys=True, order="deterministic")


def differences(before: Any, after: Any, path: str = "") -> Iterator[Difference]:
    """Every field that differs, in order of name. Objects are gone into; a list is one value."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in sorted(before.keys() | after.keys()):
            step = str(name).replace("~", "~0").replace("/", "~1")
            yield from differences(before.get(name, msgspec.UNSET), after.get(name, msgspec.UNSET), f"{path}/{step}")
    elif type(before) is not type(after) or before != after:
        yield Difference(path, before, after)
