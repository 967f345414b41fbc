"""One projection's loop: hold partitions, poll, project, until asked to stop; the work in hand is finished first.

Any doubt (a lost compare-and-set, a server that did not answer) ends the tenure: everything remembered is dropped and
the positions are read again from MongoDB. So a crash, a rebalance and an outage are one path, walked every day.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from kernel.events import wire_time
from kernel.projection import Projection
from kernel.service import Watchdog
from kernel.telemetry import get_logger
from projector.consumer import Consumer, KafkaError, OutOfRange, open_consumer
from projector.control import Control
from projector.documents import Loaded
from projector.metrics import Metrics
from projector.mongo import Mongo, Transactions
from projector.pacing import BACKLOG_RECORDS, InHand
from projector.progress import Completeness, tell_progress
from projector.records import Record
from projector.taking import Taking
from projector.unit_of_work import Tenure, UnitOfWork
from projector.writes import Stale, Unavailable

log = get_logger("projector")

_WAIT_SECONDS = 0.5
"""How long an idle poll waits: also how late a stop or a pause is noticed."""
_FAULT_SECONDS = 5.0
_MEASURE_SECONDS = 2.0
"""How old, at least, what readers are told of the freshness may be."""


class Runner:
    """Runs one projection in this process."""

    def __init__(
        self,
        projection: Projection,
        mongo: Mongo,
        transactions: Transactions,
        unit: UnitOfWork,
        taking: Taking,
        control: Control,
        metrics: Metrics,
        watchdog: Watchdog,
        batch: int,
    ) -> None:
        self._name = projection.name
        self._mongo = mongo
        self._transactions = transactions
        self._unit = unit
        self._taking = taking
        self._control = control
        self._metrics = metrics
        self._watchdog = watchdog
        self._batch = batch
        self._in_hand = InHand()
        self._tenure: Tenure | None = None
        self._consumer: Consumer | None = None
        self.lag: int | None = None
        self.partitions: frozenset[int] = frozenset()

    @property
    def paused(self) -> bool:
        """Whether it stands still because somebody wished so."""
        return self._control.paused

    async def reach_kafka(self) -> None:
        """Returns when a broker answers this projection's consumer. Raises if none does, or there is no consumer."""
        if self._consumer is None:
            raise ConnectionError("not connected yet")
        await self._consumer.reachable()

    def report(self) -> dict[str, object]:
        """What an operator wants to see; never fatal."""
        return {"lag": self.lag, "partitions": len(self.partitions), "paused": self.paused}

    async def run(self, bootstrap: str, topic: str, group: str, stop: asyncio.Event) -> None:
        """Project until `stop`; returns with nothing in hand and the group left."""
        self._watchdog.progress(self._name)
        await self._transactions.open()
        while not stop.is_set():
            try:
                async with open_consumer(bootstrap, topic, group, self._in_hand.drain) as consumer:
                    self._consumer = consumer
                    measure = asyncio.create_task(self._measure(consumer))
                    try:
                        await self._serve(consumer, stop)
                    finally:
                        await self._in_hand.abandon()
                        measure.cancel()
                        self._consumer = None
            except (KafkaError, TimeoutError) as error:
                log.warning("Kafka does not answer", projection=self._name, reason=repr(error))
                self._watchdog.idle(self._name)
                await _pause(stop, 1.0)
        await self._transactions.close()
        self._watchdog.done(self._name)

    async def _serve(self, consumer: Consumer, stop: asyncio.Event) -> None:
        """One tenure after the other."""
        failures = 0
        while not stop.is_set():
            try:
                if not await consumer.assigned(_WAIT_SECONDS):
                    await consumer.reachable()  # if it is, and gives us nothing for long, the watchdog ends us
                elif await self._hold(consumer, stop):
                    failures = 0
            except Stale as error:
                self._metrics.lost.labels(self._name).inc()
                log.warning("another projector has taken over", projection=self._name, reason=str(error))
                # if the group has expelled us we learn it meanwhile, and do not take them back from the new owner
                await _pause(stop, random.uniform(0.2, 0.6))
            except Unavailable as error:
                failures += 1
                log.warning("MongoDB does not answer", projection=self._name, reason=str(error))
                self._watchdog.idle(self._name)
                await _pause(stop, min(5.0, 0.1 * 2**failures) * random.uniform(0.5, 1.0))
            except OutOfRange as error:
                log.error("stopped: position lost", projection=self._name, reason=str(error), repair=error.repair)
                self._watchdog.idle(self._name)
                with suppress(Unavailable):
                    await self._control.report_fault(error.partition, str(error), error.repair)
                await _pause(stop, _FAULT_SECONDS)
            finally:
                await self._in_hand.abandon()
                self._tenure = None

    async def _hold(self, consumer: Consumer, stop: asyncio.Event) -> bool:
        """Project what is assigned until that changes. True: at least one batch was looked for."""
        epoch, mine = consumer.epoch, consumer.assignment
        self.partitions = mine
        self._metrics.partitions.labels(self._name).set(len(mine))
        if not mine:
            self._watchdog.idle(self._name)
            await _pause(stop, _WAIT_SECONDS)
            return False
        tenure, verify = await self._taking.take(consumer, mine, Loaded(self._mongo))
        if consumer.epoch != epoch:
            return False
        self._tenure = tenure
        tenure.filled |= set(await self._control.requested(mine))
        await self._control.clear_fault(mine)
        while not stop.is_set() and consumer.epoch == epoch:
            await self._in_hand.room()
            if await self._control.look():
                tenure.filled |= set(await self._control.requested(mine))
            if self._control.paused:
                self._watchdog.idle(self._name)
                await self._in_hand.drain()
                await _pause(stop, _WAIT_SECONDS)
                continue
            if self._start_retry(tenure):
                continue
            await self._poll(consumer, tenure, verify)
        return True

    async def _poll(self, consumer: Consumer, tenure: Tenure, verify: dict[int, tuple[int, str]]) -> None:
        """Start projecting what has come, if anything has."""
        epoch, busy = consumer.epoch, self._in_hand.busy
        free = [partition for partition in tenure.checkpoints if partition not in busy]
        if not free:
            await self._in_hand.next_done()
            return
        polled = await consumer.poll(free, self._batch, 0 if busy else _WAIT_SECONDS)
        if consumer.epoch != epoch:
            return
        records = self._taking.verified(polled, verify)
        if records:
            self._in_hand.backlog = sum(map(len, records.values())) >= BACKLOG_RECORDS
            self._in_hand.start(records, self._project(tenure, records))
        elif busy:
            await self._in_hand.next_done()
        else:
            await self._past_markers(consumer, tenure)

    async def _project(self, tenure: Tenure, records: Mapping[int, Sequence[Record]]) -> None:
        started = time.perf_counter()
        done = await self._unit.project(tenure, records)
        self._watchdog.progress(self._name)
        if done.parked:
            log.error("events parked", projection=self._name, events=done.parked)
        self._metrics.projected(self._name, records.values(), done._asdict(), time.perf_counter() - started)

    async def _past_markers(self, consumer: Consumer, tenure: Tenure) -> None:
        """Nothing is waiting: checkpoints pass the transaction markers that end each partition. Else lag would never be
        nought, and retention would one day leave a position behind that nobody needs."""
        positions = await consumer.positions(tenure.checkpoints)
        ends = {each: offset for each, offset in positions.items() if offset > tenure.checkpoints[each].next}
        if ends:
            await self._unit.project(tenure, {}, ends)

    def _start_retry(self, tenure: Tenure) -> bool:
        """Begin to retry one stream that is due and whose partition is free."""
        busy = self._in_hand.busy
        for partition, stream in tenure.filled:
            if partition not in busy:
                tenure.filled.discard((partition, stream))
                self._in_hand.start([partition], self._retry(tenure, partition, stream))
                return True
        return False

    async def _retry(self, tenure: Tenure, partition: int, stream: str) -> None:
        freed = await self._unit.retry(tenure, partition, stream)
        self._watchdog.progress(self._name)
        log.info("parked stream tried again", projection=self._name, stream=stream, freed=freed)

    async def _measure(self, consumer: Consumer) -> None:
        """Lag, asked of Kafka itself, so a consumer that hangs cannot hide it. No lag, or no Kafka: fine."""
        completeness, measured = Completeness(), None
        while True:
            await asyncio.sleep(_MEASURE_SECONDS)
            tenure = self._tenure
            if tenure is None:
                continue
            if tenure is not measured:
                completeness, measured = Completeness(), tenure
            asked = wire_time(datetime.now(UTC))
            try:
                ends = await consumer.ends(tenure.checkpoints)
            except (KafkaError, TimeoutError):
                self._watchdog.idle(self._name)
                continue
            reached = {each: tenure.checkpoints[each].next for each in ends}
            complete = completeness.measured(asked, ends, reached)
            await tell_progress(self._mongo, self._name, complete, tenure.parked, consumer.width)
            self.lag = sum(max(0, ends[each] - reached[each]) for each in ends)
            self._metrics.lag.labels(self._name).set(self.lag)
            self._metrics.parked_streams.labels(self._name).set(sum(map(len, tenure.parked.values())))
            if self.lag == 0:
                self._watchdog.idle(self._name)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
