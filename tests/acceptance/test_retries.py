"""A command sent again: the same key is the same command, for good; If-Match is a promise about what was seen."""

from __future__ import annotations

import json
from uuid import uuid4

import httpx

from chaos.system import System
from tests.acceptance.conftest import Post
from tests.acceptance.problems import changed, refused


def key() -> dict[str, str]:
    return {"Idempotency-Key": uuid4().hex}


async def test_a_repeated_key_gets_the_first_answer_to_the_byte(ann: httpx.AsyncClient, post: Post) -> None:
    comment = key()
    for method, path, body in (
        ("POST", "/posts", {"message": "once"}),
        ("PUT", post.path, {"message": "edited once"}),
        ("PUT", f"/posts/like/{post.id}", None),
        ("POST", f"{post.path}/comments", {"comment": "once"}),
        ("DELETE", post.path, None),
    ):
        same = comment if path.endswith("comments") else key()
        content = None if body is None else json.dumps(body)
        first = await ann.request(method, path, content=content, headers=same)
        assert first.status_code < 300, first.text
        again = await ann.request(method, path, content=content, headers=same)
        assert (again.status_code, again.content) == (first.status_code, first.content)
        for header in ("ETag", "Consistency-Token", "Location"):
            assert again.headers.get(header) == first.headers.get(header)
        assert again.headers["Idempotency-Replayed"] == "true"
    # also where the command would be refused by now: the post is gone
    late = await ann.post(f"{post.path}/comments", content=json.dumps({"comment": "once"}), headers=comment)
    assert late.status_code == 201


async def test_a_key_is_for_one_request_only(ann: httpx.AsyncClient, post: Post) -> None:
    same = key()
    assert (await ann.put(post.path, json={"message": "one"}, headers=same)).status_code == 200
    refused(await ann.put(post.path, json={"message": "two"}, headers=same), 422, "idempotency-key-reused")
    refused(await ann.put(f"/posts/like/{post.id}", headers=same), 422, "idempotency-key-reused")
    refused(await ann.post("/posts", json={"message": "one"}, headers=same), 422, "idempotency-key-reused")


async def test_a_refused_command_may_be_corrected_under_its_key(ann: httpx.AsyncClient) -> None:
    same = key()
    refused(await ann.post("/posts", json={"message": " "}, headers=same), 422, "bad-text")
    assert (await ann.post("/posts", json={"message": "corrected"}, headers=same)).status_code == 201


async def test_the_first_answer_survives_a_restart(house: System, ann: httpx.AsyncClient) -> None:
    same = key()
    first = await ann.post("/posts", json={"message": "kept"}, headers=same)
    other = await house.start("app").ready()
    async with house.client("ann", port=other.port) as elsewhere:
        again = await elsewhere.post("/posts", json={"message": "kept"}, headers=same)
    assert again.content == first.content
    await other.stop()


async def test_if_match_lets_only_the_version_through_that_was_seen(ann: httpx.AsyncClient, post: Post) -> None:
    changed(await ann.put(post.path, json={"message": "two"}, headers={"If-Match": '"1"'}), 2)
    late = await ann.put(post.path, json={"message": "three"}, headers={"If-Match": '"1"'})
    problem = refused(late, 412, "precondition-failed")
    assert (problem["version"], problem["ifMatch"]) == (2, 1)
    refused(await ann.put(f"/posts/like/{post.id}", headers={"If-Match": '"9"'}), 412, "precondition-failed")
    refused(await ann.delete(post.path, headers={"If-Match": '"1"'}), 412, "precondition-failed")
    changed(await ann.put(post.path, json={"message": "three"}, headers={"If-Match": '"2"'}), 3)
    changed(await ann.put(post.path, json={"message": "four"}, headers={"If-Match": "*"}), 4)
