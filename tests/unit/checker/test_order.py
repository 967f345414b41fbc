"""The order of versions against the order that clients saw: compared with trying every pair, on random histories."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.checker.world import World

STREAM_OF = World().post(1)
INTERVALS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12)), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(INTERVALS, st.randoms())
def test_as_trying_every_pair_would_say(intervals: list[tuple[int, int]], chance: object) -> None:
    """Commands on one post, in a random order of versions, at random times."""
    world = World()
    world.do("create-post", STREAM_OF, "ann", message="first")
    spans = []
    for number, (began, took) in enumerate(intervals):
        asked = world.ask("edit-post", STREAM_OF, "ann", message=f"edit {number}")
        event = world.store(asked)
        told = world.tell(asked, "200", event=event)
        asked.ns, told.ns = 10_000_000 + began, 10_000_000 + began + took
        spans.append((began, began + took, event.version))
    wrong = any(
        earlier[1] < later[0] and earlier[2] > later[2] for earlier in spans for later in spans if earlier is not later
    )
    with TemporaryDirectory() as folder:
        verdict = world.verdict(Path(folder))
    assert bool(verdict.checks["C3"].breaches) == wrong, verdict.checks["C3"]
