"""Many readers, one query: the ids that concurrent readers ask for are fetched together.

There is no timer: readers are gathered for as long as the query before them is under way. A read never starts before
its reader has asked, so nobody is given an answer older than the question.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence

from app.queries.errors import ReadModelUnavailable
from app.queries.mongo import Document

Found = Mapping[str, Document]


class BatchLoader:
    """Loads documents of one collection by id. `fetch` answers for all the ids it is given at once."""

    def __init__(self, fetch: Callable[[Sequence[str]], Awaitable[Found]], max_ids: int = 2_000) -> None:
        self._fetch = fetch
        self._max_ids = max_ids
        self._asked: deque[tuple[Sequence[str], asyncio.Future[Found]]] = deque()
        self._task: asyncio.Task[None] | None = None

    def load(self, ids: Sequence[str]) -> asyncio.Future[Found]:
        """Will be the documents of these ids that exist, by id; the mapping may hold what others asked for, too."""
        answer: asyncio.Future[Found] = asyncio.get_running_loop().create_future()
        self._asked.append((ids, answer))
        if self._task is None:
            self._task = asyncio.create_task(self._answer_all())
        return answer

    async def close(self) -> None:
        """Nobody waits for ever: what has not been answered is refused."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        while self._asked:
            _refuse([self._asked.popleft()[1]], ReadModelUnavailable("this process is stopping"))

    async def _answer_all(self) -> None:
        try:
            while self._asked:
                await self._answer(*self._next_batch())
        finally:
            self._task = None

    def _next_batch(self) -> tuple[list[str], list[asyncio.Future[Found]]]:
        ids: dict[str, None] = {}
        answers = []
        while self._asked and (not ids or len(ids) < self._max_ids):
            wanted, answer = self._asked.popleft()
            if answer.done():
                continue  # its reader has gone
            ids.update(dict.fromkeys(wanted))
            answers.append(answer)
        return list(ids), answers

    async def _answer(self, ids: list[str], answers: list[asyncio.Future[Found]]) -> None:
        if not ids:
            found: Found = {}
        else:
            try:
                found = await self._fetch(ids)
            except asyncio.CancelledError:
                _refuse(answers, ReadModelUnavailable("this process is stopping"))
                raise
            except Exception as error:
                _refuse(answers, error)
                return
        for answer in answers:
            if not answer.done():
                answer.set_result(found)


def _refuse(answers: Sequence[asyncio.Future[Found]], error: Exception) -> None:
    for answer in answers:
        if not answer.done():
            answer.set_exception(error)
