"""Who takes and who gives lanes: by share, whatever the numbers, until all have theirs."""

from __future__ import annotations

import random
from uuid import UUID

import pytest

from relay.lanes import View, lanes_to_take, must_give_one

RELAYS = [UUID(int=number) for number in range(1, 6)]


def held(view: View, relay: UUID) -> int:
    return sum(owner == relay for owner in view.owners.values())


def test_a_lone_relay_takes_every_lane() -> None:
    view = View(dict.fromkeys(range(3), None), ())
    assert lanes_to_take(view, RELAYS[0], 0) == [0, 1, 2]


def test_nothing_is_given_while_a_lane_is_free() -> None:
    view = View({0: RELAYS[0], 1: RELAYS[0], 2: None}, RELAYS[:3])
    assert not must_give_one(view, RELAYS[0])


@pytest.mark.parametrize("lanes", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("relays", [1, 2, 3, 5])
def test_from_any_distribution_everyone_comes_to_a_fair_share_and_then_all_is_still(lanes: int, relays: int) -> None:
    choose = random.Random(lanes * 10 + relays)
    members = RELAYS[:relays]
    owners: dict[int, UUID | None] = {lane: choose.choice([None, *members]) for lane in range(lanes)}
    for _ in range(50):
        for me in members:
            view = View(dict(owners), members)
            if must_give_one(view, me):
                owners[max(lane for lane, owner in owners.items() if owner == me)] = None
            for lane in lanes_to_take(View(dict(owners), members), me, held(view, me)):
                owners[lane] = me
    view = View(dict(owners), members)
    shares = [held(view, me) for me in members]
    assert sum(shares) == lanes
    assert min(shares) >= lanes // relays
    assert not any(must_give_one(view, me) for me in members)
