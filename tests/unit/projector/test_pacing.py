"""One unit at a time while there is little, four with a backlog, and nothing forgotten."""

from __future__ import annotations

import asyncio

import pytest

from projector.pacing import MOST_AT_ONCE, InHand


class Gate:
    """Units that run until they are let go."""

    def __init__(self) -> None:
        self.open = asyncio.Event()

    async def unit(self) -> None:
        await self.open.wait()

    async def failing(self) -> None:
        await self.open.wait()
        raise ValueError("unit")


async def is_room(in_hand: InHand) -> bool:
    try:
        await asyncio.wait_for(in_hand.room(), 0.01)
    except TimeoutError:
        return False
    return True


async def test_without_a_backlog_the_next_unit_waits_for_the_one_in_hand() -> None:
    in_hand, gate = InHand(), Gate()
    in_hand.start([1, 2], gate.unit())
    assert in_hand.busy == {1, 2}
    assert not await is_room(in_hand)
    gate.open.set()
    assert await is_room(in_hand)
    assert not in_hand.busy


async def test_with_a_backlog_there_is_room_for_four() -> None:
    in_hand, gate = InHand(), Gate()
    in_hand.backlog = True
    for number in range(MOST_AT_ONCE):
        assert await is_room(in_hand)
        in_hand.start([number], gate.unit())
    assert not await is_room(in_hand)
    gate.open.set()
    assert await is_room(in_hand)


async def test_what_a_unit_raised_is_raised_to_who_asks_for_room_even_after_a_drain() -> None:
    in_hand, gate = InHand(), Gate()
    in_hand.start([1], gate.failing())
    gate.open.set()
    await in_hand.drain()
    with pytest.raises(ValueError, match="unit"):
        await in_hand.room()


async def test_abandoning_waits_for_what_is_in_hand_and_forgets_its_outcome() -> None:
    in_hand, gate = InHand(), Gate()
    in_hand.start([1], gate.failing())
    abandoning = asyncio.create_task(in_hand.abandon())
    await asyncio.sleep(0)
    assert not abandoning.done()
    gate.open.set()
    await abandoning
    assert await is_room(in_hand)
