"""One projection with all its generations: a runner for each that there is, and the steps from one to the next.

Every projector process looks about once a second and does what is due; several at once come to the same, for every step
is a compare-and-set. A generation's runner is an ordinary one: it has its own collections, checkpoints and group.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from aiokafka.errors import KafkaError

from kernel.projection import Projection, generation_name
from kernel.settings import Settings
from kernel.telemetry import get_logger
from projector.generations import Generations, Registry
from projector.mongo import Mongo
from projector.rebuild_topics import RebuildTopics, open_rebuild_topics
from projector.runner import Runner
from projector.schema import CHECKPOINTS
from projector.switching import Switching
from projector.writes import Stale, Unavailable

log = get_logger("projector.generations")

_LOOK_SECONDS = 1.0


class _Running:
    """A generation's runner on a topic, until told to stop."""

    def __init__(self, runner: Runner, bootstrap: str, topic: str, group: str) -> None:
        self.runner, self.topic = runner, topic
        self._stop = asyncio.Event()
        self.task = asyncio.ensure_future(runner.run(bootstrap, topic, group, self._stop))

    async def end(self) -> None:
        self._stop.set()
        await self.task


class Supervisor:
    """Runs one projection in this process. `build`: (generation, topic) → its runner."""

    def __init__(
        self,
        projection: Projection,
        settings: Settings,
        mongo: Mongo,
        build: Callable[[int, str], Runner],
    ) -> None:
        self._projection = projection
        self._settings = settings
        self._mongo = mongo
        self._build = build
        self._topic = settings.topic(projection.domain)
        self._registry = Registry(mongo)
        transactions = mongo.transactions(1)
        self._transactions = transactions
        self._switching = Switching(mongo, transactions, self._registry, projection, self._topic)
        self._running: dict[int, _Running] = {}

    async def reach_kafka(self) -> None:
        """Returns when a broker answers each runner's consumer. Raises if one does not, or there is none yet."""
        if not self._running:
            raise ConnectionError("not started yet")
        for running in list(self._running.values()):
            await running.runner.reach_kafka()

    def report(self) -> dict[str, object]:
        """Generation's name → what an operator wants to see of its runner."""
        return {
            generation_name(self._projection.name, generation): running.runner.report()
            for generation, running in self._running.items()
        }

    async def run(self, stop: asyncio.Event) -> None:
        """Project every generation until `stop`; returns with nothing in hand. Raises what a runner raised."""
        await self._transactions.open()
        look = asyncio.ensure_future(self._look(stop))
        try:
            while not stop.is_set():
                tasks = {look, *(running.task for running in self._running.values())}
                done, _ = await asyncio.wait(tasks, timeout=_LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    if task is look or not stop.is_set():
                        task.result()
        finally:
            look.cancel()
            await asyncio.wait({look})
            await asyncio.gather(*(running.end() for running in self._running.values()))
            await self._transactions.close()

    async def _look(self, stop: asyncio.Event) -> None:
        """Round after round; a server that does not answer costs a round."""
        bootstrap, namespace = self._settings.kafka_bootstrap, self._settings.namespace
        while not stop.is_set():
            try:
                await self._follow_registry(await self._registry.read(self._projection.name))
                async with open_rebuild_topics(bootstrap, namespace) as topics:
                    while not stop.is_set():
                        known = await self._registry.read(self._projection.name)
                        with suppress(Stale):  # another projector was quicker
                            await self._step(topics, known)
                        await self._follow_registry(await self._registry.read(self._projection.name))
                        await asyncio.sleep(_LOOK_SECONDS)
            except (KafkaError, TimeoutError, Unavailable) as error:
                log.warning("cannot look after generations", projection=self._projection.name, reason=repr(error))
                await asyncio.sleep(_LOOK_SECONDS)

    async def _step(self, topics: RebuildTopics, known: Generations) -> None:
        """Whatever is due next, if anything is."""
        projection = self._projection
        if newer := await topics.newer(projection.name, known.newest):
            started = await topics.started(projection.name, newer)
            if started is not None:
                await self._registry.adopt(projection, known, started, self._settings.namespace, self._topic)
                log.info("rebuild begun", projection=projection.name, generation=newer)
            return
        building = known.building
        if building is not None and building.phase == "replaying":
            ends = await topics.ends(building.topic)
            if ends is not None and await self._reached(building.generation, building.topic, ends):
                await self._registry.follow(projection.name, building)
        elif building is not None and (building.switch or known.wish == building.generation):
            await self._switching.switch(known, building.generation)
        elif known.wish is not None and known.wish == known.previous:
            await self._switching.switch(known, known.wish)
        for generation in await self._registry.drop_retired(projection, known):
            log.info("generation dropped", projection=projection.name, generation=generation)

    async def _reached(self, generation: int, topic: str, ends: dict[int, int]) -> bool:
        prefix = f"{generation_name(self._projection.name, generation)}/{topic}"
        rows = await self._mongo.find_by_ids(CHECKPOINTS, [f"{prefix}/{partition}" for partition in ends])
        at = {row["partition"]: row["next"] for row in rows}
        return all(at.get(partition, 0) >= end for partition, end in ends.items())

    async def _follow_registry(self, known: Generations) -> None:
        """Runners as the registry has them: what is over is ended first, then what is new begins."""
        wanted = known.topics(self._topic)
        for generation, running in list(self._running.items()):
            if wanted.get(generation) != running.topic:
                await running.end()
                del self._running[generation]
        for generation, topic in wanted.items():
            if generation not in self._running:
                name = generation_name(self._projection.name, generation)
                group = f"{self._settings.namespace}.projector.{name}" + ("" if topic == self._topic else ".replay")
                runner = self._build(generation, topic)
                self._running[generation] = _Running(runner, self._settings.kafka_bootstrap, topic, group)
