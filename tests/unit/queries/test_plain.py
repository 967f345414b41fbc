"""What the driver decodes as its own kind of integer is an int by the time a finder sees it."""

from __future__ import annotations

import bson
import msgspec

from app.queries.mongo import plain

LARGE = 2**62


def test_integers_of_64_bits_are_plain_wherever_they_stand() -> None:
    said = {"a": LARGE, "b": 1, "c": "x", "d": {"e": [LARGE, {"f": -LARGE}, [LARGE]], "g": None}, "h": 1.5, "i": True}
    found = plain(bson.decode(bson.encode(said)))
    assert found == said
    assert {type(found["a"]), type(found["d"]["e"][0]), type(found["d"]["e"][1]["f"]), type(found["d"]["e"][2][0])} == {
        int
    }
    assert msgspec.json.decode(msgspec.json.encode(found)) == said
