"""What the tests of the query side stand on: documents as the projection makes them, and the API over HTTP.

Documents are made by the domain's own folds and written as the projector writes them: all that one event changes in one
transaction, the version kept on the primary document.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import Any
from uuid import uuid4

import httpx
from pymongo import MongoClient
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from domains.posts import published as say
from domains.posts.views import POSTS
from kernel.events import Published, PublishedEvent
from kernel.projection import Document, Lookup, Ref


async def eventually(fact: Callable[[], Any | Awaitable[Any]], within: float = 5.0) -> Any:
    """What `fact` says once it is true. Raises AssertionError when that takes too long."""
    deadline = time.monotonic() + within
    while True:
        said = fact()
        if isinstance(said, Awaitable):
            said = await said
        if said:
            return said
        assert time.monotonic() < deadline, f"not within {within} s"
        await asyncio.sleep(0.01)


class World:
    """One test's own database, and its posts' histories."""

    def __init__(self, uri: str, name: str) -> None:
        self.uri, self.name = uri, name
        self.client: MongoClient[Document] = MongoClient(uri)
        self.database = self.client.get_database(
            name, write_concern=WriteConcern("majority"), read_concern=ReadConcern("majority")
        )
        self._versions: dict[str, int] = {}
        self._moments = count(1)
        for collection, indexes in POSTS.collections.items():
            self.database.create_collection(collection)
            for index in indexes:
                self.database[collection].create_index(list(index.keys))

    def close(self) -> None:
        self.client.drop_database(self.name)
        self.client.close()

    def moment(self) -> str:
        number = next(self._moments)
        return f"2026-01-01T00:{number // 60:02}:{number % 60:02}.000000Z"

    def post(self, author: str = "ann", message: str = "hello", likes: tuple[str, ...] = (), comments: int = 0) -> str:
        """A new post's id."""
        post_id = str(uuid4())
        self.happened(
            post_id,
            say.PostCreatedV1(post_id=post_id, author=author, message=message, date_posted=self.moment()),
            *(say.PostLikedV1(post_id=post_id, by=person) for person in likes),
        )
        for number in range(comments):
            self.comment(post_id, f"comment {number}")
        return post_id

    def comment(self, post_id: str, text: str, by: str = "bob") -> str:
        """A new comment's id."""
        comment_id = str(uuid4())
        added = say.CommentAddedV1(
            post_id=post_id, comment_id=comment_id, comment=text, username=by, comment_date=self.moment()
        )
        self.happened(post_id, added)
        return comment_id

    def happened(self, post_id: str, *events: Published) -> int:
        """The events are folded into the documents, each in a transaction; the stream's version."""
        stream = f"post-{post_id}"
        for event in events:
            version = self._versions.get(stream, 0) + 1
            recorded = PublishedEvent(
                topic="t", partition=0, offset=0, key=stream, stream=stream, version=version, event_id=str(uuid4()),
                type=type(event).__name__, occurred_at="2026-01-01T00:00:00.000000Z", event=event,
            )  # fmt: skip
            self._apply(recorded)
            self._versions[stream] = version
        return self._versions[stream]

    def _apply(self, recorded: PublishedEvent[Any]) -> None:
        primary = Ref(POSTS.primary, recorded.stream)
        documents = {}
        for ref in (primary, *POSTS.needs(recorded)):
            assert not isinstance(ref, Lookup)
            document = self.database[ref.collection].find_one({"_id": ref.id})
            if document is not None:
                documents[ref] = document
        changes = dict(POSTS.fold(documents, recorded))
        changes.setdefault(primary, documents.get(primary))
        with self.client.start_session() as session, session.start_transaction():
            for ref, changed in changes.items():
                if changed is None:
                    self.database[ref.collection].delete_one({"_id": ref.id}, session=session)
                else:
                    document = {**changed, "version": recorded.version} if ref == primary else changed
                    self.database[ref.collection].replace_one({"_id": ref.id}, document, upsert=True, session=session)


class Api:
    """The query side of one process, as its readers meet it."""

    def __init__(self, address: str, token: Callable[..., str]) -> None:
        self.address = address
        self._token = token

    def client(self, person: str = "ann", **claims: Any) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=f"http://{self.address}/api/v1",
            headers={"Authorization": f"Bearer {self._token(person, **claims)}"},
            timeout=15,
        )


class Event:
    """One server-sent event as a browser sees it."""

    def __init__(self, name: str, data: str, last_id: str) -> None:
        self.name, self.data, self.last_id = name, data, last_id

    def __repr__(self) -> str:
        return f"{self.name} {self.data}"


async def events_of(response: httpx.Response) -> AsyncIterator[Event]:
    """The server-sent events of an open response; one named `ping` for what carries an id and no data."""
    name, data, last_id, comment = "", "", "", False
    async for line in response.aiter_lines():
        field, _, value = line.partition(": ")
        if line.startswith(":"):
            comment = True
        elif field == "event":
            name = value
        elif field == "data":
            data = value
        elif field == "id":
            last_id = value
        elif not line and (data or comment):
            yield Event(name or "ping", data, last_id)
            name, data, comment = "", "", False


@asynccontextmanager
async def listening(
    client: httpx.AsyncClient, last_id: str | None = None, **params: str
) -> AsyncIterator[AsyncIterator[Event]]:
    """The events of /changes while the block lasts."""
    headers = {} if last_id is None else {"Last-Event-ID": last_id}
    async with client.stream("GET", "/changes", params=params, headers=headers) as response:
        assert response.status_code == 200, await response.aread()
        yield events_of(response)
