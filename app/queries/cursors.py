"""Opaque, stable cursors: where a list goes on, as the sort key of the last entry that was shown.

A cursor says nothing of page numbers, so entries that come or go elsewhere neither repeat nor hide others. It is
bound to its list by a digest: one that was cut, altered or taken from another list is refused. The digest guards
against mistakes; a forged cursor would only start the same list elsewhere.
"""

from __future__ import annotations

import base64
import binascii
from hashlib import blake2s
from typing import TypeVar

import msgspec

from app.queries.errors import BadCursor

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
_DIGEST_BYTES = 8
_MAX_CHARACTERS = 1_024

K = TypeVar("K", bound=msgspec.Struct)


def format_cursor(of_list: str, key: msgspec.Struct) -> str:
    """The cursor behind the entry with this sort key. `of_list` names the list and all that selects its entries."""
    body = msgspec.json.encode(key)
    return base64.urlsafe_b64encode(_digest(of_list, body) + body).rstrip(b"=").decode()


def parse_cursor(of_list: str, cursor: str, kind: type[K]) -> K:
    """The sort key that the cursor stands behind. Raises BadCursor."""
    try:
        if len(cursor) > _MAX_CHARACTERS:
            raise ValueError("too long")
        raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        body = raw[_DIGEST_BYTES:]
        if raw[:_DIGEST_BYTES] != _digest(of_list, body):
            raise ValueError("of another list, or altered")
        return msgspec.json.decode(body, type=kind)
    except (ValueError, binascii.Error, msgspec.MsgspecError) as error:
        raise BadCursor("this cursor is not one that this list gave: start again without it") from error


def _digest(of_list: str, body: bytes) -> bytes:
    return blake2s(of_list.encode() + b"\0" + body, digest_size=_DIGEST_BYTES).digest()
