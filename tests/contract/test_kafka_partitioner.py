"""Every Kafka client finds a key's records where we put them: our partition is the one their partitioners compute."""

from __future__ import annotations

from uuid import UUID

import pytest
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.partitioner import murmur2 as theirs
from hypothesis import given
from hypothesis import strategies as st

from kernel.partitioning import murmur2, partition_of


@given(st.binary(max_size=80))
def test_murmur2_is_kafkas_own(data: bytes) -> None:
    assert murmur2(data) == theirs(data) & 0xFFFFFFFF


@given(st.one_of(st.text(min_size=1, max_size=60), st.uuids().map(lambda each: f"post-{each}")), st.integers(1, 500))
def test_a_key_goes_where_every_client_looks_for_it(key: str, partitions: int) -> None:
    everywhere = list(range(partitions))
    assert partition_of(key, partitions) == DefaultPartitioner()(key.encode(), everywhere, everywhere)


@pytest.mark.parametrize(
    ("data", "signed"),
    [
        (b"21", -973932308), (b"foobar", -790332482), (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829), (b"abc", 479470107),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
    ],
)  # fmt: skip
def test_murmur2_of_kafkas_own_test_cases(data: bytes, signed: int) -> None:
    assert murmur2(data) == signed % 2**32


def test_the_partitions_of_known_keys_never_move() -> None:
    """What is in topics already was placed by these numbers."""
    assert [partition_of(f"post-{UUID(int=number)}", 12) for number in range(8)] == [1, 2, 1, 3, 3, 10, 3, 6]
