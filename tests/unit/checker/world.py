"""A small world that keeps all promises, made by hand: history, stores and documents that agree. A test breaks one
thing in it and the checker must see exactly that.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from checker.folds.posts import fold_posts
from checker.history import Row, outcome_of
from checker.partitioner import partition_for
from checker.published import published_type, published_value
from checker.run import Run
from checker.stored import (
    About,
    Answered,
    Bite,
    Event,
    LaneRow,
    OutboxRow,
    Partition,
    Record,
    StreamRow,
)
from checker.verdict import Verdict, judge

TOPIC, PARTITIONS, START = "t.posts", 3, datetime(2026, 1, 1, tzinfo=UTC)
KINDS = {
    "create-post": "PostCreated", "edit-post": "MessageUpdated", "like": "PostLiked", "unlike": "PostUnliked",
    "comment": "CommentAdded", "edit-comment": "CommentUpdated", "remove-comment": "CommentRemoved",
    "remove-post": "PostRemoved",
}  # fmt: skip
CREATED = frozenset({"create-post", "comment"})


class World:
    """What happens in it happens at once and everywhere; the parts are lists to be broken."""

    def __init__(self) -> None:
        self.about = About(scenario="test", seed=1, bite={"cuts": Bite(5, 5)}, live_seconds=10, caught_up_ns=0)
        self.rows: list[Row] = []
        self.events: list[Event] = []
        self.answered: list[Answered] = []
        self.edits: dict[str, Callable[[Any], object]] = {}
        """Name of a file → what changes its rows in place, after everything that follows was made to follow."""
        self._numbers = 0
        self._clock = 1_000

    def post(self, number: int) -> str:
        return f"post-{UUID(int=number)}"

    def ask(self, f: str, stream: str, by: str, key: str = "", process: int = 0, **args: Any) -> Row:
        """A command is on its way."""
        self._numbers += 1
        number, process = self._numbers, process or self._numbers
        row = Row(
            type="invoke", index=number, process=process, ns=self.now(), f=f, principal=by, key=key or f"key-{number}",
            correlation=str(UUID(int=number)), stream=stream, args=args,
        )  # fmt: skip
        self.rows.append(row)
        return row

    def store(self, asked: Row) -> Event:
        """It takes effect."""
        version = 1 + sum(event.stream == asked.stream for event in self.events)
        event = Event(
            stream=asked.stream, version=version, event_id=str(UUID(int=10_000 + len(self.events))),
            type=KINDS[asked.f], data=self._data(asked),
            metadata={"correlation_id": asked.correlation, "principal": asked.principal},
            position=len(self.events) + 1, occurred_at="2026-01-01T00:00:00.000000Z",
        )  # fmt: skip
        self.events.append(event)
        self.answered.append(Answered(asked.principal, asked.key, self._answer(event)))
        return event

    def tell(self, asked: Row, *attempts: str, event: Event | None = None, **more: Any) -> Row:
        """Its client is told."""
        answers = [f"digest of {asked.key}"] if any(attempt[0] == "2" for attempt in attempts) else []
        versions = {event.stream: event.version} if event else {}
        row = Row(
            type=outcome_of(attempts), index=asked.index, process=asked.process, ns=self.now(),
            attempts=list(attempts), answers=answers, versions=versions,
            body=self._body(event) if event else "",
        )  # fmt: skip
        for name, value in more.items():
            setattr(row, name, value)
        self.rows.append(row)
        return row

    def do(self, f: str, stream: str, by: str, **args: Any) -> Event:
        """A command from beginning to end."""
        asked = self.ask(f, stream, by, **args)
        event = self.store(asked)
        self.tell(asked, "201" if f in CREATED else "200", event=event)
        return event

    def read(
        self, stream: str, version: int, message: str, token: int = 0, process: int = 0, status: str = "200"
    ) -> Row:
        """Somebody reads a post."""
        asked = self.ask("read", stream, "reader", process=process)
        asked.key, asked.token = "", {stream: token} if token else {}
        seen = {"message": message} if status == "200" else {}
        told = self.tell(asked, status, versions={stream: version} if status == "200" else {}, seen=seen)
        told.answers = []
        return told

    def now(self) -> int:
        self._clock += 1_000
        return self._clock

    def run(self, folder: Path) -> Run:
        """It lies frozen in the folder: what was not broken agrees with what was."""
        frozen = folder / "frozen"
        (frozen / "documents").mkdir(parents=True)
        (folder / "run.json").write_bytes(msgspec.json.encode(self.about))
        put(folder / "history.jsonl", self.rows)
        stores: dict[str, list[Any]] = {
            "streams": self.streams(), "outbox": self.outbox(), "lanes": self.lanes(), "records": self.records(),
            "partitions": [Partition(TOPIC, each, 1_000) for each in range(PARTITIONS)],
        }  # fmt: skip
        documents = self.documents()
        stores |= {"events": list(self.events), "commands": list(self.answered)}
        for name, edit in self.edits.items():
            edit(documents if name == "documents" else stores[name])
        for name, rows in stores.items():
            put(frozen / f"{name}.jsonl", rows)
        for name, found in documents.items():
            put(frozen / "documents" / f"{name}.jsonl", list(found.values()))
        return Run(folder)

    def verdict(self, folder: Path) -> Verdict:
        return judge(self.run(folder))

    # what follows from the events

    def streams(self) -> list[StreamRow]:
        last = {event.stream: event.version for event in self.events}
        return [StreamRow(stream, version) for stream, version in last.items()]

    def outbox(self) -> list[OutboxRow]:
        return [
            OutboxRow(
                position=event.position, txid=event.position, lane=0, event_id=event.event_id, stream=event.stream,
                version=event.version,
            )
            for event in self.events
        ]  # fmt: skip

    def lanes(self) -> list[LaneRow]:
        return [LaneRow(lane=0, epoch=1, owner="r", passed="1000:1000:", position=len(self.events))]

    def records(self) -> list[Record]:
        return [
            Record(
                topic=TOPIC, partition=partition_for(event.stream, PARTITIONS), offset=number, key=event.stream,
                headers={
                    "ce_id": event.event_id, "ce_stream": event.stream, "ce_sequence": str(event.version),
                    "ce_type": published_type(event), "ce_time": event.occurred_at,
                },
                value=msgspec.Raw(msgspec.json.encode(published_value(event))),
            )
            for number, event in enumerate(self.events)
        ]  # fmt: skip

    def documents(self) -> dict[str, dict[str, Any]]:
        documents: dict[str, dict[str, Any]] = dict(fold_posts(self.events))
        documents["projector_checkpoints"] = {
            str(each): {"_id": f"posts/{TOPIC}/{each}", "next": 1_000} for each in range(PARTITIONS)
        }
        return documents

    def _data(self, asked: Row) -> dict[str, Any]:
        moment = (START + timedelta(seconds=len(self.events))).isoformat()
        args, by = asked.args, asked.principal
        match asked.f:
            case "create-post":
                return {"author": by, "message": args["message"], "datePosted": moment}
            case "edit-post":
                return {"message": args["message"]}
            case "like" | "unlike":
                return {"by": by}
            case "comment":
                return {"commentId": args["id"], "comment": args["comment"], "username": by, "commentDate": moment}
            case "edit-comment":
                return {"commentId": args["id"], "comment": args["comment"], "username": by, "editDate": moment}
            case "remove-comment":
                return {"commentId": args["id"], "username": by}
            case _:
                return {"username": by}

    def _body(self, event: Event) -> str:
        return f'{{"id":"{event.stream}"}}'

    def _answer(self, event: Event) -> str:
        return f'{{"status":201,"headers":{{}},"body":{self._body(event)}}}'


def put(path: Path, rows: list[Any]) -> None:
    path.write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))


def good_world() -> World:
    """Two people, two posts, everything that can happen to them, a lost answer, a refusal, and readers."""
    world = World()
    one, two = world.post(1), world.post(2)
    world.do("create-post", one, "ann", message="first")
    world.do("create-post", two, "bob", message="second")
    world.do("like", one, "bob")
    world.do("comment", one, "bob", id="c1", comment="well said")
    world.do("edit-comment", one, "bob", id="c1", comment="well put")
    world.do("comment", one, "ann", id="c2", comment="thanks")
    world.do("remove-comment", one, "bob", id="c1")
    asked = world.ask("like", one, "bob")  # once more changes nothing
    world.answered.append(Answered(asked.principal, asked.key, '{"status":200,"headers":{},"body":{}}'))
    world.tell(asked, "200", versions={one: 6})
    asked = world.ask("edit-post", one, "ann", message="edited")
    event = world.store(asked)
    world.tell(asked, "reset", "409 idempotency-key-in-flight", "200", event=event)
    world.tell(world.ask("edit-post", one, "bob", message="not mine"), "403 not-yours")
    world.store(world.ask("unlike", one, "bob"))  # nobody ever heard of it
    world.tell(world.ask("like", two, "ann"), "timeout", "503 outcome-unknown")
    reader = 900
    world.read(one, 2, "first", token=1, process=reader)
    world.read(one, 8, "edited", token=7, process=reader)
    world.read(two, 1, "second", token=1, process=reader)
    world.do("like", two, "carl")
    world.do("unlike", two, "carl")
    world.tell(world.ask("remove-post", two, "bob"), "refused")
    world.do("remove-post", two, "bob")
    world.read(two, 0, "", token=1, process=reader, status="404 not-found")
    return world
