"""What posts allow and refuse, from command to readable document, over HTTP."""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest

from tests.acceptance.conftest import Post
from tests.acceptance.problems import changed, refused

LONG = 10_000


async def test_a_post_is_written_and_read(ann: httpx.AsyncClient) -> None:
    answer = await ann.post("/posts", json={"message": "first words", "author": "ann"})
    assert answer.status_code == 201
    identifier = answer.json()["id"]
    assert answer.headers["Location"] == f"/api/v1/posts/{identifier}"
    token = changed(answer, 1)
    assert token == f"post-{identifier}@1"
    read = await ann.get(f"/posts/{identifier}", headers={"Consistency-Token": token, "Prefer": "wait=10"})
    assert read.headers["ETag"] == '"1"'
    seen = read.json()
    assert seen.pop("datePosted").endswith("Z")
    assert seen == {
        "postId": identifier, "author": "ann", "message": "first words", "likes": 0, "likedByMe": False,
        "comments": [], "commentsCursor": None, "edited": False, "version": 1,
    }  # fmt: skip


async def test_a_client_may_name_its_post_and_only_once(ann: httpx.AsyncClient) -> None:
    own = str(uuid4())
    assert (await ann.post("/posts", json={"id": own, "message": "mine"})).json()["id"] == own
    refused(await ann.post("/posts", json={"id": own, "message": "mine"}), 409, "already-exists")


async def test_only_its_author_edits_and_deletes_a_post(
    ann: httpx.AsyncClient, bob: httpx.AsyncClient, post: Post
) -> None:
    refused(await bob.put(post.path, json={"message": "mine now"}), 403, "not-yours")
    refused(await bob.delete(post.path), 403, "not-yours")
    token = changed(await ann.put(post.path, json={"message": "better words"}), 2)
    seen = (await bob.get(post.path, headers={"Consistency-Token": token})).json()
    assert (seen["message"], seen["edited"], seen["version"]) == ("better words", True, 2)


async def test_nobody_speaks_in_anothers_name(ann: httpx.AsyncClient, bob: httpx.AsyncClient, post: Post) -> None:
    refused(await bob.post("/posts", json={"message": "x", "author": "ann"}), 403, "not-you")
    comment = {"comment": "x", "username": "ann"}
    refused(await bob.post(f"{post.path}/comments", json=comment), 403, "not-you")
    refused(await bob.request("DELETE", post.path, json={"username": "ann"}), 403, "not-you")
    written = (await ann.post(f"{post.path}/comments", json={"comment": "mine"})).json()["id"]
    refused(await bob.put(f"{post.path}/comments/{written}", json=comment), 403, "not-you")


async def test_a_person_likes_once(ann: httpx.AsyncClient, bob: httpx.AsyncClient, post: Post) -> None:
    like = f"/posts/like/{post.id}"
    changed(await bob.put(like), 2)
    changed(await bob.put(like), 2)  # accepted, and nothing changes
    token = changed(await ann.put(like), 3)
    fresh = {"Consistency-Token": token}
    assert (await bob.get(post.path, headers=fresh)).json() | {"likes": 2, "likedByMe": True} == (
        await bob.get(post.path, headers=fresh)
    ).json()
    changed(await bob.delete(like), 4)
    token = changed(await bob.delete(like), 4)  # nothing left to take back
    seen = (await bob.get(post.path, headers={"Consistency-Token": token})).json()
    assert (seen["likes"], seen["likedByMe"]) == (1, False)
    changed(await bob.put(like), 5)


async def test_comments_belong_to_their_writer(ann: httpx.AsyncClient, bob: httpx.AsyncClient, post: Post) -> None:
    answer = await bob.post(f"{post.path}/comments", json={"comment": "well said", "username": "bob"})
    assert answer.status_code == 201
    comment = f"{post.path}/comments/{answer.json()['id']}"
    assert answer.json()["postId"] == post.id
    assert answer.headers["Location"] == f"/api/v1{comment}"
    refused(await ann.put(comment, json={"comment": "x"}), 403, "not-yours")
    refused(await ann.delete(comment), 403, "not-yours")
    token = changed(await bob.put(comment, json={"comment": "better said"}), 3)
    seen = (await ann.get(comment, headers={"Consistency-Token": token})).json()
    assert (seen["comment"], seen["edited"], seen["username"]) == ("better said", True, "bob")
    shown = (await ann.get(post.path)).json()["comments"]
    assert shown == [seen]
    fresh = {"Consistency-Token": changed(await bob.delete(comment), 4)}
    refused(await ann.get(comment, headers=fresh), 404, "not-found")
    refused(await bob.put(comment, json={"comment": "x"}), 404, "comment-not-found")
    refused(await bob.delete(comment), 404, "comment-not-found")
    assert (await ann.get(post.path, headers=fresh)).json()["comments"] == []


async def test_a_deleted_post_is_gone_for_readers_and_writers(ann: httpx.AsyncClient, post: Post) -> None:
    await ann.post(f"{post.path}/comments", json={"comment": "last words"})
    fresh = {"Consistency-Token": changed(await ann.request("DELETE", post.path, json={"username": "ann"}), 3)}
    refused(await ann.get(post.path, headers=fresh), 404, "not-found")
    refused(await ann.get(f"{post.path}/comments", headers=fresh), 404, "not-found")
    assert post.id not in (await ann.get("/posts?limit=100", headers=fresh)).text
    for answer in (
        await ann.put(post.path, json={"message": "x"}),
        await ann.delete(post.path),
        await ann.put(f"/posts/like/{post.id}"),
        await ann.delete(f"/posts/like/{post.id}"),
        await ann.post(f"{post.path}/comments", json={"comment": "x"}),
    ):
        refused(answer, 404, "post-not-found")
    assert (await ann.get(f"{post.path}/history?version=2")).json()["deleted"] is False
    assert (await ann.get(f"{post.path}/history")).json()["deleted"] is True


async def test_what_does_not_exist_is_not_found(ann: httpx.AsyncClient, post: Post) -> None:
    nothing = f"/posts/{uuid4()}"
    refused(await ann.get(nothing), 404, "not-found")
    refused(await ann.get(f"{nothing}/comments"), 404, "not-found")
    refused(await ann.get(f"{post.path}/comments/{uuid4()}", headers=post.fresh), 404, "not-found")
    refused(await ann.get(f"{nothing}/events"), 404, "post-not-found")
    refused(await ann.get(f"{nothing}/history"), 404, "post-not-found")
    refused(await ann.put(nothing, json={"message": "x"}), 404, "post-not-found")
    refused(await ann.put(f"{post.path}/comments/{uuid4()}", json={"comment": "x"}), 404, "comment-not-found")
    refused(await ann.get("/nowhere"), 404, "not-found")
    refused(await ann.post(nothing, json={}), 405, "method-not-allowed")


@pytest.mark.parametrize("text", ["", "   \n\t", "\u3000", "x" * (LONG + 1)])
async def test_blank_and_endless_texts_are_refused(ann: httpx.AsyncClient, post: Post, text: str) -> None:
    refused(await ann.post("/posts", json={"message": text}), 422, "bad-text")
    refused(await ann.put(post.path, json={"message": text}), 422, "bad-text")
    refused(await ann.post(f"{post.path}/comments", json={"comment": text}), 422, "bad-text")


async def test_any_text_comes_back_as_it_was_written(ann: httpx.AsyncClient) -> None:
    text = "  <script>alert('x')</script> \u202e ✓ 𝄞 {\"$where\": 1} ' OR 1=1 -- \r\n\u2028" + "x" * 9_000
    answer = await ann.post("/posts", json={"message": text})
    fresh = {"Consistency-Token": changed(answer, 1)}
    assert (await ann.get(f"/posts/{answer.json()['id']}", headers=fresh)).json()["message"] == text
    assert len("x" * LONG) == LONG
    assert (await ann.post("/posts", json={"message": "𝄞" * LONG})).status_code == 201
