"""Identifiers as text: what the standard library makes of them, and apart however many there are."""

from __future__ import annotations

import re
import time
from uuid import UUID, uuid5

from kernel.identifiers import NAMESPACE, derived_id, new_traceparent, uuid7


def test_a_derived_id_is_the_uuid5_of_principal_route_and_key() -> None:
    assert derived_id("ann", "POST /posts", "k") == str(uuid5(NAMESPACE, "ann\x1fPOST /posts\x1fk"))


def test_ids_are_uuid7_of_now_and_never_the_same() -> None:
    before = time.time_ns() // 1_000_000
    made = [uuid7() for _ in range(1_000)]
    after = time.time_ns() // 1_000_000
    assert len(set(made)) == len(made)
    for each in made:
        parsed = UUID(each)
        assert (str(parsed), parsed.version, parsed.variant) == (each, 7, "specified in RFC 4122")
        assert before <= parsed.int >> 80 <= after


def test_a_new_trace_is_a_valid_traceparent() -> None:
    assert re.fullmatch(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-01", new_traceparent())
