"""Reads: one's own writes at once or an honest refusal, pages that neither skip nor repeat, tags that spare answers."""

from __future__ import annotations

import asyncio
import time
from uuid import uuid4

import httpx

from chaos.system import System
from tests.acceptance.conftest import Post
from tests.acceptance.problems import changed, refused


async def test_everyone_reads_what_they_wrote_at_once(house: System) -> None:
    """P6: a hundred writes from ten people, each read straight after, and none is missing."""

    async def write_and_read(number: int) -> None:
        async with house.client(f"reader-{number}") as person:
            for _ in range(10):
                answer = await person.post("/posts", json={"message": f"by {number}"})
                fresh = {"Consistency-Token": answer.headers["Consistency-Token"], "Prefer": "wait=10"}
                read = await person.get(f"/posts/{answer.json()['id']}", headers=fresh)
                assert read.status_code == 200, read.text
                mine = await person.get(f"/posts/byAuthor/reader-{number}?limit=100", headers=fresh)
                assert answer.json()["id"] in {post["postId"] for post in mine.json()["posts"]}

    await asyncio.gather(*(write_and_read(number) for number in range(10)))


async def test_whoever_cannot_be_shown_their_write_is_told_how_far_it_is(house: System, ann: httpx.AsyncClient) -> None:
    """The projector stands still: the read waits as long as it was asked to, and no longer."""
    projector = house.one("projector")
    projector.freeze()
    try:
        answer = await ann.post("/posts", json={"message": "not yet"})
        path, token = f"/posts/{answer.json()['id']}", answer.headers["Consistency-Token"]
        started = time.monotonic()
        behind = await ann.get(path, headers={"Consistency-Token": token, "Prefer": "wait=0.5"})
        assert 0.5 <= time.monotonic() - started < 5
        problem = refused(behind, 503, "projection-behind")
        assert problem["behind"] == [{"stream": token.partition("@")[0], "asked": 1, "reached": 0}]
        refused(await ann.get(path), 404, "not-found")  # without a token: what there is
        refused(
            await ann.get("/posts", headers={"Consistency-Token": token, "Prefer": "wait=0"}), 503, "projection-behind"
        )
    finally:
        projector.revive()
    read = await ann.get(path, headers={"Consistency-Token": token, "Prefer": "wait=10"})
    assert read.status_code == 200


async def test_a_token_may_name_several_streams(ann: httpx.AsyncClient) -> None:
    tokens = [(await ann.post("/posts", json={"message": "x"})).headers["Consistency-Token"] for _ in range(5)]
    answer = await ann.get("/posts?limit=100", headers={"Consistency-Token": ", ".join(tokens), "Prefer": "wait=10"})
    shown = {post["postId"] for post in answer.json()["posts"]}
    assert {token.partition("@")[0].removeprefix("post-") for token in tokens} <= shown


async def test_what_the_reader_has_is_not_sent_again(ann: httpx.AsyncClient, post: Post) -> None:
    fresh = dict(post.fresh)
    for path in (post.path, f"{post.path}/comments"):
        first = await ann.get(path, headers=fresh)
        tag = {"If-None-Match": first.headers["ETag"]}
        again = await ann.get(path, headers=tag)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        comment = await ann.post(f"{post.path}/comments", json={"comment": "new"})
        fresh["Consistency-Token"] = comment.headers["Consistency-Token"]
        assert (await ann.get(path, headers=tag | fresh)).status_code == 200


async def test_pages_neither_skip_nor_repeat_while_others_write(house: System) -> None:
    name = f"pager-{uuid4().hex[:8]}"
    async with house.client(name) as person:
        written = [(await person.post("/posts", json={"message": str(n)})) for n in range(23)]
        tokens = ",".join(answer.headers["Consistency-Token"] for answer in written)
        fresh = {"Consistency-Token": tokens, "Prefer": "wait=10"}
        shown: list[str] = []
        cursor = ""
        while True:
            page = (await person.get(f"/posts/byAuthor/{name}?limit=5{cursor}", headers=fresh)).json()
            assert len(page["posts"]) <= 5
            assert isinstance(page["message"], str)
            shown += [post["postId"] for post in page["posts"]]
            if page["cursor"] is None:
                break
            cursor = f"&cursor={page['cursor']}"
            await person.post("/posts", json={"message": "meanwhile"})  # newer: it belongs in front, and moves nothing
        assert shown == [answer.json()["id"] for answer in reversed(written)]
        other = await person.get(f"/posts?limit=5{cursor}")
        refused(other, 400, "bad-cursor")  # a cursor belongs to its list


async def test_lists_by_author_likes_and_comments(
    house: System, ann: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    name = f"Mixed.Case*{uuid4().hex[:8]}"
    async with house.client(name) as person:
        post = (await person.post("/posts", json={"message": "popular"})).json()["id"]
        for who in (ann, bob, person):
            await who.put(f"/posts/like/{post}")
        fresh = {"Consistency-Token": changed(await bob.put(f"/posts/like/{post}"), 4), "Prefer": "wait=10"}

        async def found(path: str) -> bool:
            answer = await ann.get(path, headers=fresh)
            assert answer.status_code == 200, answer.text
            return post in {each["postId"] for each in answer.json()["posts"]}

        assert await found(f"/posts/byAuthor/{name[3:].lower()}?limit=100")
        assert not await found("/posts/byAuthor/.%2A?limit=100")  # letters, not a pattern
        assert await found("/posts/withLikes/3?limit=100")
        assert await found("/posts/withLikes/1?limit=100")
        assert not await found("/posts/withLikes/4?limit=100")
        assert not await found("/posts/withComments?limit=100")
        comment = await ann.post(f"/posts/{post}/comments", json={"comment": "c"})
        fresh["Consistency-Token"] = comment.headers["Consistency-Token"]
        assert await found("/posts/withComments?limit=100")


async def test_comments_beyond_the_latest_fifty_are_paged(ann: httpx.AsyncClient, post: Post) -> None:
    texts = [f"comment {number}" for number in range(57)]
    for text in texts:
        last = await ann.post(f"{post.path}/comments", json={"comment": text})
    seen = (await ann.get(post.path, headers={"Consistency-Token": last.headers["Consistency-Token"]})).json()
    assert [comment["comment"] for comment in seen["comments"]] == texts[:6:-1]
    rest = (await ann.get(f"{post.path}/comments?cursor={seen['commentsCursor']}")).json()
    assert [comment["comment"] for comment in rest["comments"]] == texts[6::-1]
    assert rest["cursor"] is None
