"""What a cursor says survives its text, fits into Kafka's metadata, and never counts what may still come."""

from __future__ import annotations

import random

import pytest

from relay.cursor import METADATA_BYTES, Cursor, CursorTooLong, CursorUnreadable, Identity, Snapshot, decode_cursor

HERE = Identity(7_711_485_090_526_641_671, 16_388, 1)


def busy_snapshot(seed: int, running: int, apart: int) -> Snapshot:
    choose = random.Random(seed)
    xid, ids = 2**40, []
    for _ in range(running):
        xid += choose.randint(1, apart)
        ids.append(xid)
    return Snapshot(xid + choose.randint(1, apart), tuple(ids))


def test_a_cursor_reads_back_as_it_was_written() -> None:
    for cursor in (
        Cursor(identity=HERE),
        Cursor(identity=HERE, number=12, passed=Snapshot(800)),
        Cursor(identity=HERE, number=12, passed=Snapshot(800, (5, 799)), until=Snapshot(900, (5, 850)), last=77),
    ):
        assert decode_cursor(cursor.encode()) == cursor


def test_two_snapshots_of_two_hundred_running_transactions_fit_into_kafkas_metadata() -> None:
    a, b = busy_snapshot(1, 200, 1_000_000), busy_snapshot(2, 200, 1_000_000)
    text = Cursor(identity=HERE, number=2**62, passed=a, until=b, last=2**62).encode()
    assert len(text) < METADATA_BYTES
    assert decode_cursor(text).until == b


def test_a_cursor_that_does_not_fit_is_refused_here_and_not_by_kafka() -> None:
    with pytest.raises(CursorTooLong):
        Cursor(identity=HERE, passed=busy_snapshot(1, 3_000, 100)).encode()


@pytest.mark.parametrize("text", ["", "nonsense", "2|1.1.1|0|1||0", "1|1.1|0|1||0", "1|1.1.1|x|1||0"])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(CursorUnreadable):
        decode_cursor(text)


def test_a_snapshot_reaches_no_further_than_the_newest_commit_it_delivers() -> None:
    seen = Snapshot(120, (90, 105, 112))
    cut = seen.reaching(107)
    assert cut == Snapshot(108, (90, 105))
    assert [xid for xid in range(85, 125) if cut.sees(xid)] == [*range(85, 90), *range(91, 105), 106, 107]
    assert seen.reaching(119) == seen
