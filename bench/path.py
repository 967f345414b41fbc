"""path: 600 commands a second for a minute through everything: how long from the commit to Kafka, and from the answer
to the document, and whether anything was lost or doubled.

The load is open: commands are due at fixed moments, whatever the system does. commit→Kafka is from the beginning of the
recording transaction (so a little more than from its commit) until a read_committed consumer has the record;
accepted→readable is from the client's 2xx until a change stream shows the document at that version or a later one.
All clocks are this host's.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec

from bench.generator import Load, Report, percentile
from bench.ground import BenchFailed, generate
from bench.history import PARTITIONS, TOPIC
from bench.observer import Observing, Seen
from bench.rounds import Result, Round
from bench.scrape import watch_until
from bench.whole import Whole, open_whole
from bench.workloads import Work, subjects
from domains.posts.views import POSTS
from stack.server import Progress

RATE, CONNECTIONS = 600.0, 64
PEOPLE, POSTS_BEFORE = 2_000, 1_000
WARM_SECONDS = 3.0
P50_MS, P99_MS = 25.0, 75.0
CATCH_UP_SECONDS = 30.0


class Accepted(NamedTuple):
    """A command's 2xx: what it wrote, and when it came."""

    stream: str
    version: int
    answered: int
    timed: bool


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Of one round."""

    commands: int
    events: int
    kafka_p50_ms: float
    kafka_p95_ms: float
    kafka_p99_ms: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    answer_p50_ms: float
    answer_p99_ms: float
    lost: int
    duplicated: int


def bench_path(data: Path | None, seconds: float, rounds: int, rate: float, progress: Progress) -> Result:
    with open_whole(data, progress) as whole:
        bench = PathBench(whole, rate, progress)
        found = []
        for number in range(1, rounds + 1):
            progress(f"round {number} of {rounds}")
            found.append(bench.run(number, seconds))
            progress(f"round {number} of {rounds}: {found[-1].p50_ms:.1f} ms")
    middle = {
        name: round(statistics.median(getattr(one, name) for one in found), 2)
        for name in Figures.__struct_fields__ if name.endswith("_ms")
    }  # fmt: skip
    lost, duplicated = sum(one.lost for one in found), sum(one.duplicated for one in found)
    reached = middle["p50_ms"] <= P50_MS and middle["p99_ms"] <= P99_MS and not lost and not duplicated
    return Result(
        bench="path", value=middle["p50_ms"], unit="ms", limit=P50_MS, limit_is=f"p50 to reach; p99: {P99_MS:.0f} ms",
        ratio=round(middle["p50_ms"] / P50_MS, 3), reach=f"p50 <= {P50_MS:.0f} ms, p99 <= {P99_MS:.0f} ms",
        reached=reached, rounds=rounds, measured=[Round(one.p50_ms, P50_MS) for one in found],
        p50_ms=middle["p50_ms"], p95_ms=middle["p95_ms"], p99_ms=middle["p99_ms"], lost=lost, duplicated=duplicated,
        details={
            "commands_per_second": rate, "seconds": seconds, "commands": sum(one.commands for one in found),
            "events": sum(one.events for one in found),
            "commit_to_kafka_ms": {at: middle[f"kafka_{at}_ms"] for at in ("p50", "p95", "p99")},
            "due_to_answer_ms": {at: middle[f"answer_{at}_ms"] for at in ("p50", "p99")},
            "each": found,
        },
    )  # fmt: skip


class PathBench:
    """Loads and observes a running system."""

    def __init__(self, whole: Whole, rate: float, progress: Progress) -> None:
        api = urlsplit(whole.state.urls.api)
        self._whole, self._rate, self._progress = whole, rate, progress
        self._host, self._port = api.hostname or "127.0.0.1", api.port or 80
        self._people = whole.tokens(list(subjects(PEOPLE)))

    def run(self, number: int, seconds: float) -> Figures:
        """One round, on posts of its own: all that was answered in it was looked for."""
        posts = Work(kind="known-posts", run=f"path-{number}", tokens=self._people, posts=POSTS_BEFORE)
        generate(Load(host=self._host, port=self._port, work=posts, connections=16, seconds=60))
        answers, seen_file = self._whole.folder / "answers", self._whole.folder / "seen"
        observer = self._start_observer(seen_file)
        try:
            report = generate(
                Load(
                    host=self._host, port=self._port, connections=CONNECTIONS, seconds=seconds,
                    warm_seconds=WARM_SECONDS,
                    work=msgspec.structs.replace(posts, kind="path", seed=number), rate=self._rate, record=str(answers),
                )
            )  # fmt: skip
            self._await_all(answers)
        finally:
            observer.communicate(timeout=30)
        if observer.returncode:
            raise BenchFailed("the observer failed; its words are above")
        return judge(read_answers(answers), msgspec.json.decode(seen_file.read_bytes(), type=Seen), report)

    def _start_observer(self, file: Path) -> subprocess.Popen[bytes]:
        servers = self._whole.state.servers
        observing = Observing(
            bootstrap=servers.kafka.bootstrap, topic=TOPIC, partitions=PARTITIONS, uri=servers.mongo.uri,
            database=servers.mongo.database, collection=POSTS.primary, file=str(file),
        )  # fmt: skip
        observer = subprocess.Popen(
            [sys.executable, "-m", "bench.observer", msgspec.json.encode(observing).decode()],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert observer.stdout is not None
        if observer.stdout.readline() != b"ready\n":
            observer.kill()
            raise BenchFailed("the observer did not start; its words are above")
        return observer

    def _await_all(self, answers: Path) -> None:
        """Every answered version is in its document, or time is up: what is missing then counts as lost."""
        from pymongo import MongoClient

        wanted: dict[str, int] = {}
        for stream, version, _, _ in read_answers(answers):
            wanted[stream] = max(version, wanted.get(stream, 0))
        servers = self._whole.state.servers
        with MongoClient[dict[str, object]](servers.mongo.uri) as client:
            posts = client[servers.mongo.database][POSTS.primary]

            def reached() -> float:
                found = {
                    str(each["_id"]): each["version"]
                    for each in posts.find({"_id": {"$in": list(wanted)}}, {"version": 1})
                }
                return sum(1 for stream, version in wanted.items() if int(str(found.get(stream, 0))) >= version)

            try:
                watch_until(reached, len(wanted), CATCH_UP_SECONDS, self._progress, "readable")
            except BenchFailed:
                self._progress("not everything became readable")
        time.sleep(0.5)  # the observer's change stream may be this far behind what a find sees


def read_answers(file: Path) -> list[Accepted]:
    """Every command that was accepted."""
    accepted = []
    for line in file.read_text().splitlines():
        due, answered, status, token = line.split(" ")
        if status.startswith("2"):
            stream, _, version = token.partition("@")
            accepted.append(Accepted(stream, int(version), int(answered), due != "0"))
    return accepted


def judge(accepted: list[Accepted], seen: Seen, report: Report) -> Figures:
    """The figures. Lost: an accepted version that is not in Kafka, or not in its document. The warm-up is looked for
    too, and not timed."""
    in_kafka = Counter((stream, version) for stream, version, _, _ in seen.kafka)
    versions: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for stream, version, at in seen.mongo:
        versions[stream].append((version, at))
    readable: list[float] = []
    lost = 0
    for stream, version, answered, timed in accepted:
        moments = [at for reached, at in versions[stream] if reached >= version]
        if not moments or not in_kafka[stream, version]:
            lost += 1
        elif timed:
            # a document may be there before its command's answer has arrived
            readable.append(max(0.0, (min(moments) - answered) / 1e6))
    of_round = {(stream, version) for stream, version, _, timed in accepted if timed}
    kafka = sorted(at / 1e6 - recorded for stream, version, recorded, at in seen.kafka if (stream, version) in of_round)
    readable.sort()
    return Figures(
        commands=len(accepted),
        events=len(kafka),
        kafka_p50_ms=percentile(kafka, 0.5), kafka_p95_ms=percentile(kafka, 0.95), kafka_p99_ms=percentile(kafka, 0.99),
        p50_ms=percentile(readable, 0.5), p95_ms=percentile(readable, 0.95), p99_ms=percentile(readable, 0.99),
        max_ms=round(readable[-1], 2) if readable else 0.0,
        answer_p50_ms=report.p50_ms, answer_p99_ms=report.p99_ms,
        lost=lost,
        duplicated=sum(times - 1 for times in in_kafka.values()),
    )  # fmt: skip
