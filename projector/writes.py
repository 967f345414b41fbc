"""What a transaction is made of, and how it can fail: the vocabulary between what decides and what talks to MongoDB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

Row = dict[str, Any]
"""A document as it stands in MongoDB."""


class Update(NamedTuple):
    """Change the document that `where` (with `_id`) finds. If there is none: make it, or the transaction is Stale."""

    where: Mapping[str, Any]
    change: Mapping[str, Any]
    make: bool = False


class Put(NamedTuple):
    """Make the document that `where` finds equal to this one, or insert it; Taken if another one has its `_id`."""

    where: Mapping[str, Any]
    document: Mapping[str, Any]


class Insert(NamedTuple):
    """Insert; Taken if the `_id` is."""

    document: Mapping[str, Any]


class Delete(NamedTuple):
    """Delete the document with this `_id`, if it is there."""

    id: str


Write = Update | Put | Insert | Delete


class Stale(Exception):
    """What the transaction was decided on has changed meanwhile: another projector owns it. Nothing was written."""


class Taken(Stale):
    """Something to insert is there already."""


class Refused(Exception):
    """MongoDB or BSON cannot hold something in the transaction: its data is at fault. Nothing was written."""


class Unavailable(Exception):
    """MongoDB did not answer, or kept changing under us. The transaction's outcome may be unknown: read again."""
