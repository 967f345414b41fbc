"""What is known of an operation with such attempts, and what is no history at all."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.history import BadHistory, Row, outcome_of, pair

DEFINITE = ["400 malformed-json", "403 not-yours", "404 post-not-found", "409 contended", "412 precondition-failed",
            "422 bad-text", "429 too-many", "refused"]  # fmt: skip
UNKNOWN = ["reset", "timeout", "500 internal-error", "503 outcome-unknown", "409 idempotency-key-in-flight"]
ACCEPTED = ["200", "201"]


@given(st.lists(st.sampled_from(DEFINITE), min_size=1))
def test_refused_only_when_every_attempt_was(attempts: list[str]) -> None:
    assert outcome_of(attempts) == "fail"


@given(st.lists(st.sampled_from(DEFINITE + UNKNOWN)), st.sampled_from(UNKNOWN), st.randoms())
def test_one_attempt_in_doubt_leaves_all_in_doubt(others: list[str], doubt: str, chance: random.Random) -> None:
    """A refusal of the second try says nothing of the first, whose answer was lost."""
    attempts = [*others, doubt]
    chance.shuffle(attempts)
    assert outcome_of(attempts) == "info"


@given(st.lists(st.sampled_from(DEFINITE + UNKNOWN)), st.sampled_from(ACCEPTED))
def test_accepted_once_is_accepted(others: list[str], accepted: str) -> None:
    assert outcome_of([*others, accepted]) == "ok"


def test_nothing_tried_is_in_doubt() -> None:
    assert outcome_of([]) == "info"


def row(type_: str, index: int, process: int = 1, ns: int = 0, attempts: Sequence[str] = ()) -> Row:
    return Row(type=type_, index=index, process=process, ns=ns, f="like", attempts=list(attempts))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "rows",
    [
        [row("invoke", 1), row("invoke", 1, process=2)],
        [row("invoke", 1), row("invoke", 2)],
        [row("ok", 1, attempts=["200"])],
        [row("invoke", 1), row("ok", 1, attempts=["200"]), row("ok", 1, attempts=["200"])],
        [row("invoke", 1), row("ok", 1, process=2, attempts=["200"])],
        [row("invoke", 1), row("fail", 1, attempts=["reset"])],
        [row("invoke", 1), row("info", 1, attempts=["reset"]), row("invoke", 2)],
    ],
    ids=["begins twice", "asks again", "no beginning", "ends twice", "ends elsewhere", "says otherwise", "not retired"],
)
def test_what_is_no_history(rows: list[Row]) -> None:
    with pytest.raises(BadHistory):
        pair(rows)


def test_what_never_ended_may_still_take_effect() -> None:
    (operation,) = pair([row("invoke", 1, ns=5)])
    assert (operation.outcome, operation.began) == ("info", 5)
    assert operation.until > 10**18
