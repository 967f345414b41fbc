"""Stored and published events to bytes and back, with upcasting.

A stored event of any released shape decodes for ever (tests/data/golden); a name or a version that is not known is an
error that says which, never a guess.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from kernel.events import Event, EventSchema, Published


class UnknownEvent(Exception):
    """No class is registered for a type and schema version: older code than the data, or a missing upcaster."""


class Codec:
    """Encodes and decodes the events of the given domains. Pure; safe to share."""

    def __init__(self, schemas: Iterable[EventSchema]) -> None:
        self._encoder = msgspec.json.Encoder()
        self._stored: dict[str, tuple[msgspec.json.Decoder[Event], type[Event], int]] = {}
        self._names: dict[type[Event], tuple[str, int]] = {}
        self._upcasters: dict[tuple[str, int], Any] = {}
        self._published: dict[str, msgspec.json.Decoder[Published]] = {}
        self._published_names: dict[type[Published], str] = {}
        for schema in schemas:
            for name, (kind, version) in schema.types.items():
                if name in self._stored:
                    raise ValueError(f"two domains store events named {name}")
                self._stored[name] = (msgspec.json.Decoder(kind), kind, version)
                self._names[kind] = (name, version)
            self._upcasters.update(schema.upcasters)
            for name, published in schema.published.items():
                self._published[name] = msgspec.json.Decoder(published)
                self._published_names[published] = name

    def encode(self, event: Event) -> tuple[str, int, bytes]:
        """(wire name, schema version, JSON) of a stored event. Raises UnknownEvent for a class nobody registered."""
        try:
            name, version = self._names[type(event)]
        except KeyError:
            raise UnknownEvent(f"{type(event).__name__} is in no domain's EVENT_TYPES") from None
        return name, version, self._encoder.encode(event)

    def decode(self, name: str, version: int, data: bytes | str) -> Event:
        """The stored event as today's class. Raises UnknownEvent, or msgspec.DecodeError for bytes that do not fit."""
        entry = self._stored.get(name)
        if entry is None:
            raise UnknownEvent(f"no domain that runs here stores events named {name}")
        decoder, kind, current = entry
        if version == current:
            return decoder.decode(data)
        if version > current:
            raise UnknownEvent(f"{name} is stored at schema {version}; this code knows {current}: update it first")
        body = msgspec.json.decode(data)
        for step in range(version, current):
            try:
                upcaster = self._upcasters[(name, step)]
            except KeyError:
                raise UnknownEvent(f"no upcaster for {name} from schema {step}") from None
            body = upcaster(body)
        return msgspec.convert(body, kind)

    def encode_published(self, published: Published) -> tuple[str, bytes]:
        """(wire name, JSON) of a published event."""
        try:
            name = self._published_names[type(published)]
        except KeyError:
            raise UnknownEvent(f"{type(published).__name__} is in no domain's PUBLISHED_TYPES") from None
        return name, self._encoder.encode(published)

    def decode_published(self, name: str, data: bytes) -> Published:
        """The published event. Raises UnknownEvent, or msgspec.DecodeError for bytes that do not fit."""
        decoder = self._published.get(name)
        if decoder is None:
            raise UnknownEvent(f"no domain that runs here publishes {name}")
        return decoder.decode(data)
