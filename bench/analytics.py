"""analytics: the seven questions over very many orders. These are stored through the append path, published and
projected as always; then every question is asked over HTTP, one at a time. Afterwards each answer is compared with the
plain computation over the same events.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec
from pymongo import MongoClient

from bench.client import Caller
from bench.generator import percentile
from bench.ground import BenchFailed, Ground, Running, open_ground, run_module
from bench.rounds import Result, Round
from bench.scrape import scrape, watch_until
from bench.shop_history import made_up
from bench.storing import Stored, Storing
from bench.wire import request
from domains.shop.analytics.asked import last_months, last_quarter
from domains.shop.reference import Reference
from domains.shop.verification import Question, differences
from stack.ports import HOST
from stack.server import Progress
from stack.topology import DATABASE

AT_MOST_MS = 50.0
PROJECT_SECONDS = 1_800.0
WARM = 10
DOMAIN = "domains.shop"


class Timed(msgspec.Struct, frozen=True):
    """One question, asked many times."""

    question: str
    parameters: dict[str, str]
    p50_ms: float
    p99_ms: float
    documents_read: int


def bench_analytics(data: Path | None, orders: int, times: int, progress: Progress) -> Result:
    now = datetime.now(UTC)
    with open_ground(data, progress, domain=DOMAIN) as ground:
        ground.make_database()
        progress(f"storing {orders:,} orders")
        storing = Storing(dsn=ground.dsn("app"), orders=orders, end=now)
        stored = run_module("bench.storing", msgspec.json.encode(storing), Stored)
        projected = project(ground, stored.events, progress)
        asked = questions(now)
        aggregated = aggregation_ms(ground, asked[0], asked[3])
        with ground.running("app", LOCKSTEP_ROLE="queries") as app:
            timed, answers = asyncio.run(ask(ground, app, asked, times, progress))
    progress("comparing with the plain computation")
    plain = Reference((stream.name, event) for stream in made_up(orders, now) for event in stream.events)
    for question, answer in zip(asked, answers, strict=True):
        if different := differences(question, plain, answer, now):
            raise BenchFailed(f"{question.name} {question.parameters}: {different[0]}")
    seven = [one.p99_ms for one in timed[:7]]
    slowest = max(seven)
    return Result(
        bench="analytics", value=round(slowest, 3), unit="ms p99, the slowest of the seven", limit=AT_MOST_MS,
        limit_is="what an answer may take", ratio=round(slowest / AT_MOST_MS, 3), reach="<= 1",
        reached=slowest <= AT_MOST_MS, rounds=1, measured=[Round(slowest, AT_MOST_MS)],
        details={
            "orders": orders, "events": stored.events, "stored_per_second": round(stored.events / stored.seconds),
            "projected_per_second": round(projected), "times": times, "answers_compared": len(answers),
            "questions": timed, "indexed_aggregation_ms": aggregated,
        },
    )  # fmt: skip


def project(ground: Ground, events: int, progress: Progress) -> float:
    """Events a second by one projector, from the first look that saw any to the one that saw all. They come through the
    relay, which is ahead."""
    with ground.running("relay"), ground.running("projector") as projector:

        def applied() -> float:
            return scrape(projector.port, "lockstep_projector_events_total", outcome="applied")

        looks = watch_until(applied, events, PROJECT_SECONDS, progress, "projected")
    began, first = next((moment, count) for moment, count in looks if count > 0)
    ended, last = looks[-1]
    if last != events:
        raise BenchFailed(f"{last:,.0f} events were applied instead of {events:,}")
    return (last - first) / max(ended - began, 1e-9)


def aggregation_ms(ground: Ground, year: Question, half: Question) -> dict[str, float]:
    """What two of the questions would take, asked of the sales themselves by an index: medians of three."""
    found = {}
    with MongoClient[dict[str, Any]](ground.servers.mongo.uri) as client:
        facts = client[DATABASE]["shop_facts"]
        for name, question, group in (
            ("sales of a year by month and segment", year,
             {"_id": {"month": {"$substrBytes": ["$at", 0, 7]}, "segment": "$segment"}, "sales": {"$sum": "$sales"}}),
            ("orders of each customer in six months", half, {"_id": "$customerId", "orders": {"$sum": 1}}),
        ):  # fmt: skip
            match = {"at": {"$gte": question.first.isoformat(), "$lt": question.until.isoformat()}}
            took = []
            for _ in range(3):
                began = time.perf_counter()
                list(facts.aggregate([{"$match": match}, {"$group": group}]))
                took.append((time.perf_counter() - began) * 1e3)
            found[name] = round(sorted(took)[1], 1)
    return found


def questions(now: datetime) -> list[Question]:
    """The seven as they are when no window is named; then some that fit no bucket, in a zone of half hours."""
    today = now.date()
    (year, month), half = last_months(12)(today), last_months(6)(today)[0]
    quarter = last_quarter(today)
    decade = last_months(120)(today)[0]
    seven = [
        Question(name="sales-by-month", first=year, until=month),
        Question(name="segments", first=year, until=month),
        Question(name="top-products", first=quarter[0], until=quarter[1]),
        Question(name="repeat-customers", first=half, until=month),
        Question(name="fulfilment-time", first=year, until=month),
        Question(name="promotion-effect", first=decade, until=month),
        Question(name="revenue-by-region", first=year, until=month),
    ]
    uneven = [
        msgspec.structs.replace(each, first=each.first.replace(day=17), until=today, tz="Asia/Kolkata")
        for each in seven
        if each.name != "promotion-effect"
    ]
    return [*seven, msgspec.structs.replace(seven[0], current=True), *uneven]


async def ask(
    ground: Ground, app: Running, asked: list[Question], times: int, progress: Progress
) -> tuple[list[Timed], list[dict[str, Any]]]:
    """How long each took, and its last answer."""
    token = ground.keys.token("bench", ("shop:read",))
    timed, answers = [], []
    async with Caller(HOST, app.port) as caller:
        for number, question in enumerate(asked, 1):
            progress(f"asking: {number} of {len(asked)}, {question.name}")
            # the seven are asked as anyone asks them, with no window named
            named = {} if number <= 7 else question.parameters
            sent = request("GET", f"/api/v1/analytics/{question.name}?{urlencode(named)}", token)
            took = []
            for count in range(WARM + times):
                began = time.perf_counter()
                answer = await caller.ask(sent)
                if count >= WARM:
                    took.append((time.perf_counter() - began) * 1e3)
                if answer.status != 200:
                    raise BenchFailed(f"{question.name}: {answer.status} {answer.body[:300]!r}")
            told = msgspec.json.decode(answer.body)
            took.sort()
            answers.append(told)
            timed.append(
                Timed(
                    question.name, named, round(percentile(took, 0.5), 2), round(percentile(took, 0.99), 2),
                    told["documentsRead"],
                )
            )  # fmt: skip
    return timed, answers
