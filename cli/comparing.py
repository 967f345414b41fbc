"""Two generations of a projection, field by field, at one moment at which both stand at the same place.

The moment is a MongoDB snapshot in which every checkpoint of the one equals the other's; all is read in it, so writers
go on meanwhile and a difference is a difference.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient
from pymongo.client_session import ClientSession

from cli.readmodel import Rows
from kernel.projection import Projection, collection_name, generation_name
from projector.schema import CHECKPOINTS

SHOWN = 20
"""Differences that are listed; all are counted."""
WAIT_SECONDS = 60.0


class NeverEqual(Exception):
    """The two did not stand at the same place at any moment looked at."""


class Difference(msgspec.Struct, rename="camel"):
    """A document that is not the same in both: None where there is none, else the fields that differ."""

    collection: str
    id: str
    fields: list[str]
    one: dict[str, Any] | None
    other: dict[str, Any] | None


class Comparison(msgspec.Struct, rename="camel"):
    projection: str
    generations: tuple[int, int]
    documents: int
    different: int
    differences: list[Difference]


def compare(
    models: Rows, projection: Projection, one: int, other: int, topic: str, advance: Callable[[int], None]
) -> Comparison:
    """Every document of both compared; `advance` is told of each. Raises NeverEqual."""
    found = Comparison(projection.name, (one, other), 0, 0, [])
    with _same_place(models, projection, (one, other), topic) as session:
        for collection in projection.collections:
            for name, first, second in _pairs(models, session, collection, one, other):
                found.documents += 1
                advance(1)
                if first is not None and second is not None and first.raw == second.raw:
                    continue
                difference = _difference(collection, name, first, second)
                if difference is not None:
                    found.different += 1
                    if len(found.differences) < SHOWN:
                        found.differences.append(difference)
    return found


def _same_place(models: Rows, projection: Projection, generations: tuple[int, int], topic: str) -> ClientSession:
    deadline = time.monotonic() + WAIT_SECONDS
    client: MongoClient[dict[str, Any]] = models.client
    while True:
        session = client.start_session(snapshot=True)
        places = [_place(models, session, generation_name(projection.name, each), topic) for each in generations]
        if places[0] and places[0] == places[1]:
            return session
        session.end_session()
        if time.monotonic() > deadline:
            raise NeverEqual(f"they did not stand at the same place within {WAIT_SECONDS:.0f} s: {places}")
        time.sleep(0.02)


def _place(models: Rows, session: ClientSession, name: str, topic: str) -> dict[int, int]:
    prefix = f"{name}/{topic}/"
    rows = models[CHECKPOINTS].find({"_id": {"$gt": prefix, "$lt": f"{prefix[:-1]}0"}}, session=session)
    return {row["partition"]: row["next"] for row in rows}


def _pairs(
    models: Rows, session: ClientSession, collection: str, one: int, other: int
) -> Iterator[tuple[str, RawBSONDocument | None, RawBSONDocument | None]]:
    """(id, document of the one, of the other), in order of id."""
    left, right = (_documents(models, session, collection_name(collection, each)) for each in (one, other))
    first, second = next(left, None), next(right, None)
    while first is not None or second is not None:
        if second is None or (first is not None and first["_id"] < second["_id"]):
            assert first is not None
            yield first["_id"], first, None
            first = next(left, None)
        elif first is None or second["_id"] < first["_id"]:
            yield second["_id"], None, second
            second = next(right, None)
        else:
            yield first["_id"], first, second
            first, second = next(left, None), next(right, None)


def _documents(models: Rows, session: ClientSession, name: str) -> Iterator[RawBSONDocument]:
    raw = models.get_collection(name, codec_options=models.codec_options.with_options(document_class=RawBSONDocument))
    return iter(raw.find({}, session=session, sort=[("_id", 1)], batch_size=5_000))  # type: ignore[arg-type]


def _difference(
    collection: str, name: str, first: RawBSONDocument | None, second: RawBSONDocument | None
) -> Difference | None:
    """None where only the order of the fields differs."""
    one, other = (None if each is None else dict(each) for each in (first, second))
    if one is not None and other is not None:
        fields = sorted(
            field for field in one.keys() | other.keys() if one.get(field, _NONE) != other.get(field, _NONE)
        )
        if not fields:
            return None
        one, other = ({field: each[field] for field in fields if field in each} for each in (one, other))
    else:
        fields = []
    return Difference(collection, name, fields, _plain(one), _plain(other))


_NONE = object()


def _plain(document: dict[str, Any] | None) -> dict[str, Any] | None:
    """Without the driver's own types."""
    return None if document is None else {field: _value(value) for field, value in document.items()}


def _value(value: Any) -> Any:
    if isinstance(value, RawBSONDocument):
        return {name: _value(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_value(each) for each in value]
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value
