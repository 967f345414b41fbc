"""The list of scenarios has no holes: each is played, or the page says why not."""

from __future__ import annotations

from chaos.scenarios import NOT_STAGED, SCENARIOS, SMOKE


def test_every_scenario_is_played_or_says_why_not() -> None:
    assert SCENARIOS.keys().isdisjoint(NOT_STAGED)
    assert SCENARIOS.keys() | NOT_STAGED.keys() == {f"S{number}" for number in range(1, 46)}


def test_the_smoke_set_exists() -> None:
    assert set(SMOKE) <= SCENARIOS.keys()
