"""lookup: posts read a second through the API, 16 connections, against raw find_one by the same driver, 16 at once.

The API's answer is more than a document: it carries the latest comments and whether the reader likes the post.
`python -m bench.lookup` is the raw side, in a process of its own.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import uvloop
from pymongo import AsyncMongoClient

from bench.documents import Writing, Written
from bench.generator import Load
from bench.ground import BenchFailed, Ground, Running, generate, open_ground, run_module
from bench.rounds import Result, alternate, result
from bench.workloads import Work, post_id, subjects
from stack.server import Progress
from stack.topology import DATABASE

AT_LEAST = 0.5
AT_ONCE = 16
RUN, EVENTS, POSTS = "lookup", 20_000, 2_000
"""That many events make at least that many posts."""
WARM_SECONDS = 1.0


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What the raw side does."""

    uri: str
    database: str
    seconds: float


class ReadOut(msgspec.Struct, frozen=True):
    per_second: float


def bench_lookup(data: Path | None, seconds: float, rounds: int, progress: Progress) -> Result:
    with open_ground(data, progress, servers=("mongo",)) as ground:
        uri = ground.servers.mongo.uri
        progress("writing documents")
        writing = Writing(uri=uri, database=DATABASE, run=RUN, count=EVENTS, seed=1, batch=1_000)
        run_module("bench.documents", msgspec.json.encode(writing), Written)
        tokens = ground.tokens(list(subjects(200)))
        with ground.running("app", LOCKSTEP_ROLE="queries") as app:
            generate(_load(app, tokens, 0.5))
            measured = alternate(
                rounds,
                lambda _: generate(_load(app, tokens, seconds)).per_second,
                lambda _: _raw(ground, seconds),
                progress,
                "lookups/s",
            )
    return result(
        "lookup", measured, unit="lookups/s", limit_is=f"AsyncMongoClient.find_one, {AT_ONCE} at once",
        at_least=AT_LEAST, connections=AT_ONCE,
    )  # fmt: skip


def _load(app: Running, tokens: list[str], seconds: float) -> Load:
    work = Work(kind="lookups", run=RUN, tokens=tokens, posts=POSTS)
    return Load(
        host="127.0.0.1", port=app.port, work=work, connections=AT_ONCE, seconds=seconds, warm_seconds=WARM_SECONDS
    )  # fmt: skip


def _raw(ground: Ground, seconds: float) -> float:
    reading = Reading(uri=ground.servers.mongo.uri, database=DATABASE, seconds=seconds)
    return run_module("bench.lookup", msgspec.json.encode(reading), ReadOut).per_second


async def read(reading: Reading) -> ReadOut:
    """Posts found a second, after a warm-up."""
    ids = [f"post-{post_id(RUN, number)}" for number in range(POSTS)]
    async with AsyncMongoClient[dict[str, Any]](reading.uri) as client:
        posts = client[reading.database]["posts"]
        begin = time.monotonic() + WARM_SECONDS
        end = begin + reading.seconds
        found = 0

        async def one_reader(seed: int) -> None:
            nonlocal found
            chance = random.Random(seed)
            while (now := time.monotonic()) < end:
                if await posts.find_one({"_id": chance.choice(ids)}) is None:
                    raise BenchFailed("a post is not there")
                found += now >= begin

        await asyncio.gather(*(one_reader(seed) for seed in range(AT_ONCE)))
        return ReadOut(found / (time.monotonic() - begin))


if __name__ == "__main__":
    given = msgspec.json.decode(sys.stdin.buffer.read(), type=Reading)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(read(given))))
