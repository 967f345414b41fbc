"""Faults at a named point of a process of ours: it kills or freezes itself there. Run inside it, by `arrange`.

A point is a method of the program or of its driver, and a moment around one call of it. Nothing else is changed.
"""

from __future__ import annotations

import asyncio
import os
import signal
from importlib import import_module
from typing import Any, Literal, NamedTuple


class Point(NamedTuple):
    """`during`: the call has begun and its request is on its way. `after` counts only calls that returned something
    where `result` is set; with `mentions`, only calls count whose arguments hold that word."""

    method: str
    moment: Literal["before", "during", "after"]
    result: bool = False
    mentions: str = ""


RELAY_POINTS = {
    "lane taken": Point("relay.lanes:Lanes.take", "after", result=True),
    "predecessor fenced": Point("aiokafka:AIOKafkaProducer.start", "after"),
    "cursor read": Point("relay.publisher:Publisher.committed", "after"),
    "page read": Point("relay.outbox:Outbox.next_page", "after", result=True),
    "transaction begun": Point("aiokafka:AIOKafkaProducer.begin_transaction", "after"),
    "first batch handed over": Point("aiokafka:AIOKafkaProducer.send_batch", "after"),
    "cursor on its way": Point("aiokafka:AIOKafkaProducer.send_offsets_to_transaction", "during"),
    "cursor in the transaction": Point("aiokafka:AIOKafkaProducer.send_offsets_to_transaction", "after"),
    "about to commit": Point("aiokafka:AIOKafkaProducer.commit_transaction", "before"),
    "commit on its way": Point("aiokafka:AIOKafkaProducer.commit_transaction", "during"),
    "committed, not mirrored": Point("aiokafka:AIOKafkaProducer.commit_transaction", "after"),
    "mirrored": Point("relay.lanes:Lanes.confirm", "after"),
}
PROJECTOR_POINTS = {
    "about to write": Point("projector.mongo:Transactions.transact", "before", mentions="'posts'"),
    "writing": Point("projector.mongo:Transactions.transact", "during"),
    "written": Point("projector.mongo:Transactions.transact", "after"),
}
POINTS = RELAY_POINTS | PROJECTOR_POINTS


def die_at(name: str, call: int = 1) -> None:
    """This process will be killed at the point, when it gets there the `call`th time."""
    _arrange(POINTS[name], call, signal.SIGKILL)


def freeze_at(name: str, call: int = 1) -> None:
    """This process will stand still at the point; whoever revives it lets it go on from there, as if nothing were."""
    _arrange(POINTS[name], call, signal.SIGSTOP)


def _arrange(point: Point, call: int, number: signal.Signals) -> None:
    module, _, path = point.method.partition(":")
    owner, _, attribute = path.partition(".")
    kind = getattr(import_module(module), owner)
    method = getattr(kind, attribute)
    calls = 0

    def arrived() -> None:
        nonlocal calls
        calls += 1
        if calls == call:
            os.kill(os.getpid(), number)

    async def wrapped(*arguments: Any, **named: Any) -> Any:
        if point.mentions and point.mentions not in repr(arguments):
            return await method(*arguments, **named)
        if point.moment == "before":
            arrived()
        if point.moment == "during":
            running = asyncio.ensure_future(method(*arguments, **named))
            await asyncio.sleep(0.001)
            arrived()
            return await running
        result = await method(*arguments, **named)
        if point.moment == "after" and (result is not None or not point.result):
            arrived()
        return result

    setattr(kind, attribute, wrapped)
