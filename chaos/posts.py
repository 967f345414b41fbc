"""What people do with posts: they write, like, comment, edit, take back, remove, and read what they wrote.

Posts are chosen by rank, the newer and luckier ones far more often than the rest (Zipf), so that some are hot.
"""

from __future__ import annotations

import random
from typing import Any
from uuid import UUID

from chaos.asking import Command, Person, Told

CANARY = "canary-words"
"""In every text that is written, and so in no log."""
READ_SHARE, BY_DERIVED_ID = 0.3, 0.5


class Posts:
    """All that the clients of one run know of posts. The seed fixes what is tried, not what happens."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._posts: list[tuple[str, str]] = []
        self._comments: list[tuple[str, str, str]] = []
        self._versions: dict[str, int] = {}
        self._texts = 0

    async def one(self, person: Person) -> Told:
        """One command or read by this person."""
        if self._posts and self._chance.random() < READ_SHARE:
            return await self._read(person)
        command = self.next(person.name)
        told = await person.command(command)
        self._learn(command, told)
        return told

    def next(self, person: str) -> Command:
        roll, text = self._chance.random(), self._text()
        if not self._posts or roll < 0.2:
            return self.create(person)
        post, author = self._hot()
        if roll < 0.5:
            return self.like(person, post)
        if roll < 0.56:
            return _command("unlike", person, "DELETE", f"/posts/like/{post}", post)
        if roll < 0.74 or not self._comments:
            return self.comment(person, post)
        if roll < 0.86:
            return self.edit(author, post)
        post, comment, writer = self._comments[self._chance.randrange(len(self._comments))]
        path = f"/posts/{post}/comments/{comment}"
        if roll < 0.94:
            return _command("edit-comment", writer, "PUT", path, post, {"comment": text}, comment=text)
        if roll < 0.985:
            return _command("remove-comment", writer, "DELETE", path, post)
        post, author = self._posts[-1]
        return _command("remove-post", author, "DELETE", f"/posts/{post}", post)

    def create(self, person: str) -> Command:
        """A new post, its id the client's or the server's to choose."""
        body: dict[str, Any] = {"message": self._text()}
        post = ""
        if self._chance.random() > BY_DERIVED_ID:
            post = body["id"] = str(UUID(int=self._chance.getrandbits(128), version=4))
        return _command("create-post", person, "POST", "/posts", post, body, message=body["message"])

    def like(self, person: str, post: str) -> Command:
        return _command("like", person, "PUT", f"/posts/like/{post}", post)

    def comment(self, person: str, post: str) -> Command:
        text = self._text()
        return _command("comment", person, "POST", f"/posts/{post}/comments", post, {"comment": text}, comment=text)

    def edit(self, author: str, post: str) -> Command:
        text = self._text()
        return _command("edit-post", author, "PUT", f"/posts/{post}", post, {"message": text}, message=text)

    async def _read(self, person: Person) -> Told:
        post, _ = self._hot()
        stream = f"post-{post}"
        token = self._versions.get(stream) if self._chance.random() < 0.7 else None
        return await person.read(f"/posts/{post}", stream, token)

    def _learn(self, command: Command, told: Told) -> None:
        if not told.ok or told.answer is None:
            return
        for stream, version in told.row.versions.items():
            self._versions[stream] = max(version, self._versions.get(stream, 0))
        if command.f == "create-post":
            (stream,) = told.row.versions
            self._posts.append((stream.partition("-")[2], command.principal))
        elif command.f == "comment":
            comment = told.answer.body.partition(b'"id":"')[2].partition(b'"')[0].decode()
            self._comments.append((command.stream.partition("-")[2], comment, command.principal))

    def _hot(self) -> tuple[str, str]:
        rank = int(len(self._posts) ** self._chance.random())
        return self._posts[-rank]

    def _text(self) -> str:
        self._texts += 1
        return f"{CANARY} {self._texts} {self._chance.randrange(10**6)}"


def _command(
    f: str, person: str, method: str, path: str, post: str, body: dict[str, Any] | None = None, **args: Any
) -> Command:
    stream = f"post-{post}" if post else ""
    return Command(f=f, principal=person, method=method, path=path, body=body, stream=stream, args=args)
