"""The batch loader: few queries for many readers, and no answer older than its question."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from app.queries.errors import ReadModelUnavailable
from app.queries.loader import BatchLoader, Found


class Source:
    """A store whose answers are held back until let go; each tells the state at the time it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.state = 0
        self.failing: Exception | None = None
        self.let_go = asyncio.Event()
        self.was_asked = asyncio.Event()

    async def fetch(self, ids: Sequence[str]) -> Found:
        self.asked.append(list(ids))
        self.was_asked.set()
        state, failing = self.state, self.failing
        await self.let_go.wait()
        if failing is not None:
            raise failing
        return {identifier: {"_id": identifier, "state": state} for identifier in ids if identifier != "none"}


async def test_readers_who_come_while_a_query_is_under_way_share_the_next_one() -> None:
    source = Source()
    loader = BatchLoader(source.fetch)
    first = loader.load(["a"])
    await source.was_asked.wait()
    later = [loader.load([identifier]) for identifier in ("a", "b", "b", "none")]
    source.let_go.set()
    await first
    answers = [await answer for answer in later]
    assert source.asked == [["a"], ["a", "b", "none"]]
    assert answers[1]["b"]["_id"] == "b"
    assert "none" not in answers[3]


async def test_no_answer_is_older_than_its_question() -> None:
    source = Source()
    loader = BatchLoader(source.fetch)
    first = loader.load(["a"])
    await source.was_asked.wait()
    source.state = 1  # written after the first query began: whoever asks from here on must see it
    second = loader.load(["a"])
    source.let_go.set()
    assert (await first)["a"]["state"] == 0
    assert (await second)["a"]["state"] == 1


async def test_a_failed_query_fails_its_own_readers_only() -> None:
    source = Source()
    loader = BatchLoader(source.fetch)
    source.failing = ReadModelUnavailable("down")
    first = loader.load(["a"])
    await source.was_asked.wait()
    source.failing = None
    second = loader.load(["a"])
    source.let_go.set()
    with pytest.raises(ReadModelUnavailable):
        await first
    assert (await second)["a"]["state"] == 0


async def test_a_reader_who_leaves_takes_nobody_along() -> None:
    source = Source()
    loader = BatchLoader(source.fetch)
    first = asyncio.ensure_future(loader.load(["a"]))
    await source.was_asked.wait()
    leaving, staying = loader.load(["b"]), loader.load(["b"])
    first.cancel()
    leaving.cancel()
    source.let_go.set()
    assert (await staying)["b"]["_id"] == "b"


async def test_a_batch_is_bounded() -> None:
    source = Source()
    source.let_go.set()
    loader = BatchLoader(source.fetch, max_ids=3)
    await asyncio.gather(*(loader.load([str(number)]) for number in range(8)))
    assert [len(ids) for ids in source.asked] == [3, 3, 2]


async def test_closing_refuses_who_still_waits() -> None:
    source = Source()
    loader = BatchLoader(source.fetch)
    first = loader.load(["a"])
    await source.was_asked.wait()
    second = loader.load(["b"])
    await loader.close()
    for waiting in (first, second):
        with pytest.raises(ReadModelUnavailable):
            await waiting
