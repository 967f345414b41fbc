"""What a command costs PostgreSQL stays within recorded bounds: these figures are the same on a busy machine."""

from __future__ import annotations

import pytest

from bench.cost import Cost, bench_cost
from bench.rounds import Result

pytestmark = pytest.mark.timeout(240)

ROUND_TRIPS_ALONE = 2.5
"""The append, and what keeps the connection and wakes the relay."""
STATEMENTS_ALONE = 14.0
WAL_BYTES_ALONE = 2_700.0
STATEMENTS_GROUPED = 1.5
WAL_TO_PGBENCH = 1.15


@pytest.fixture(scope="module")
def found() -> Result:
    return bench_cost(None, seconds=1.0, rounds=1, progress=lambda _: None)


def test_a_command_alone(found: Result) -> None:
    alone: Cost = found.details["alone"]
    assert alone.commands == alone.events > 0
    assert alone.round_trips_per_command <= ROUND_TRIPS_ALONE
    assert alone.statements_per_command <= STATEMENTS_ALONE
    assert alone.wal_bytes_per_command <= WAL_BYTES_ALONE


def test_commands_in_groups_share_their_statements(found: Result) -> None:
    grouped: Cost = found.details["grouped"]
    assert grouped.statements_per_command <= STATEMENTS_GROUPED
    assert grouped.wal_bytes_per_command <= found.details["alone"].wal_bytes_per_command


def test_the_log_grows_as_if_the_rows_were_written_by_hand(found: Result) -> None:
    assert 0.8 <= found.ratio <= WAL_TO_PGBENCH
