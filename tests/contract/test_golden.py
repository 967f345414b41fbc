"""Every shape of event that was ever stored or published is kept in tests/data/golden, and decodes for ever.

A file is never changed once it was released: a new shape is a new schema version (stored) or a new type (published),
and a file beside the old one. What is compared are the bytes on disk and on the wire, not our classes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kernel.domain import load_codec, load_schema
from kernel.settings import Settings

GOLDEN = Path(__file__).parents[1] / "data" / "golden"
FILES = sorted(GOLDEN.glob("*.json"))
PACKAGES = Settings().domain_packages
STREAM = "post-0190a1b2-0000-7000-8000-000000000001"


def golden(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def package(path: Path) -> str:
    return f"domains.{path.name.partition('.')[0]}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_stored_event_decodes_and_is_published_as_it_always_was(path: Path) -> None:
    kept, codec, schema = golden(path), load_codec([package(path)]), load_schema(package(path))
    stored = kept["stored"]
    event = codec.decode(stored["type"], stored["schemaVersion"], json.dumps(stored["data"]))
    name, version, data = codec.encode(event)
    if version == stored["schemaVersion"]:
        assert (name, json.loads(data)) == (stored["type"], stored["data"])
    published, payload = codec.encode_published(schema.publish(kept.get("stream", STREAM), event))
    assert (published, json.loads(payload)) == (kept["published"]["type"], kept["published"]["value"])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_published_event_decodes(path: Path) -> None:
    kept, codec = golden(path)["published"], load_codec([package(path)])
    event = codec.decode_published(kept["type"], msgspec.json.encode(kept["value"]))
    assert json.loads(codec.encode_published(event)[1]) == kept["value"]


@pytest.mark.parametrize("domain", PACKAGES)
def test_every_shape_of_today_is_kept(domain: str) -> None:
    kept, schema = [golden(path) for path in FILES if package(path) == domain], load_schema(domain)
    stored = {(each["stored"]["type"], each["stored"]["schemaVersion"]) for each in kept}
    assert stored >= {(name, version) for name, (_, version) in schema.types.items()}
    assert {each["published"]["type"] for each in kept} >= schema.published.keys()
