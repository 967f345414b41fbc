"""The reads of posts over HTTP, against documents made by the domain's own folds."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest

from domains.posts import published as say
from tests.integration.queries.world import Api, World


async def test_a_post_is_shown_as_its_events_left_it(world: World, api: Api) -> None:
    post_id = world.post(author="Ann", message="first", likes=("bob", "cid"))
    comment_id = world.comment(post_id, "well said", by="bob")
    world.happened(post_id, say.MessageUpdatedV1(post_id=post_id, message="second"))
    async with api.client("bob") as bob, api.client("dan") as dan:
        answer = await bob.get(f"/posts/{post_id}")
        assert answer.status_code == 200
        post = answer.json()
        assert post.pop("datePosted").endswith("Z")
        assert post["comments"][0].pop("commentDate").endswith("Z")
        assert post == {
            "postId": post_id, "author": "Ann", "message": "second", "likes": 2, "likedByMe": True, "edited": True,
            "version": 5, "commentsCursor": None,
            "comments": [
                {"postId": post_id, "commentId": comment_id, "username": "bob", "comment": "well said", "edited": False}
            ],
        }  # fmt: skip
        assert answer.headers["etag"] == '"5"'
        assert answer.headers["consistency-token"] == f"post-{post_id}@5"
        assert (await dan.get(f"/posts/{post_id}")).json()["likedByMe"] is False


async def test_what_is_deleted_unknown_or_no_id_is_not_found(world: World, api: Api) -> None:
    deleted = world.post(comments=1)
    comment_id = world.database["comments"].find_one({"postId": deleted})["commentId"]  # type: ignore[index]
    world.happened(deleted, say.PostRemovedV1(post_id=deleted, username="ann"))
    async with api.client() as client:
        for path in (deleted, uuid4(), "no-id", f"{deleted}/comments", f"{deleted}/comments/{comment_id}"):
            answer = await client.get(f"/posts/{path}")
            assert answer.status_code == 404, path
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["type"].endswith("/not-found")
        assert (await client.get("/posts")).json() == {
            "posts": [], "message": "Successfully returned 0 posts!", "cursor": None
        }  # fmt: skip


async def test_a_read_the_reader_already_has_is_304(world: World, api: Api) -> None:
    post_id = world.post()
    async with api.client() as client:
        for path in (f"/posts/{post_id}", "/posts", f"/posts/{post_id}/comments"):
            tag = (await client.get(path)).headers["etag"]
            again = await client.get(path, headers={"If-None-Match": f'"other", {tag}'})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        tags = {path: (await client.get(path)).headers["etag"] for path in (f"/posts/{post_id}", "/posts")}
        world.happened(post_id, say.PostLikedV1(post_id=post_id, by="bob"))
        for path, tag in tags.items():
            assert (await client.get(path, headers={"If-None-Match": tag})).status_code == 200


async def test_lists_are_walked_by_cursors_newest_first_without_gap_or_repetition(world: World, api: Api) -> None:
    posts = [world.post(message=str(number)) for number in range(7)]
    async with api.client() as client:
        page = (await client.get("/posts", params={"limit": 3})).json()
        seen = [post["postId"] for post in page["posts"]]
        world.post(message="came meanwhile, and is newer")
        world.happened(posts[3], say.PostRemovedV1(post_id=posts[3], username="ann"))
        while page["cursor"]:
            page = (await client.get("/posts", params={"limit": 3, "cursor": page["cursor"]})).json()
            seen += [post["postId"] for post in page["posts"]]
        assert seen == [post_id for post_id in reversed(posts) if post_id != posts[3]]


async def test_posts_of_one_moment_are_all_listed(world: World, api: Api) -> None:
    ids = [world.post() for _ in range(5)]
    world.database["posts"].update_many({}, {"$set": {"datePosted": "2026-01-01T00:00:00.000000Z"}})
    async with api.client() as client:
        assert sorted(await walk(client, "/posts", 2)) == sorted(ids)


async def test_posts_are_found_by_any_part_of_the_authors_name(world: World, api: Api) -> None:
    maria, marc, dots = world.post("María López"), world.post("MARC"), world.post("a.b*c")
    async with api.client() as client:
        for part, found in {
            "mar": [marc, maria], "MARÍA L": [maria], "lópez": [maria], "ar": [marc, maria], "z": [maria],
            ".b*": [dots], "a.b": [dots], "axb": [], "nobody": [], "^": [], "ma(": [], "\u0000": [],
        }.items():  # fmt: skip
            answer = await client.get(f"/posts/byAuthor/{quote(part, safe='')}")
            assert [post["postId"] for post in answer.json()["posts"]] == found, part


async def test_posts_are_found_by_comments_and_by_likes(world: World, api: Api) -> None:
    plain, liked = world.post(), world.post(likes=("a", "b", "c", "d", "e"))
    commented = world.post(comments=1, likes=("a",))
    emptied = world.post()
    gone = world.comment(emptied, "gone")
    world.happened(emptied, say.CommentRemovedV1(post_id=emptied, comment_id=gone, username="bob"))
    async with api.client() as client:
        assert await walk(client, "/posts/withComments", 1) == [commented]
        expected = {0: [emptied, commented, liked, plain], 1: [commented, liked], 2: [liked], 5: [liked], 6: []}
        for at_least, found in {**expected, 2**70: []}.items():
            assert await walk(client, f"/posts/withLikes/{at_least}", 1) == found, at_least
        assert (await client.get("/posts/withLikes/many")).status_code == 404


async def test_a_post_shows_the_latest_fifty_comments_and_a_cursor_for_the_rest(world: World, api: Api) -> None:
    post_id = world.post(comments=55)
    async with api.client() as client:
        post = (await client.get(f"/posts/{post_id}")).json()
        assert [comment["comment"] for comment in post["comments"]] == [f"comment {n}" for n in range(54, 4, -1)]
        rest = await client.get(f"/posts/{post_id}/comments", params={"cursor": post["commentsCursor"]})
        assert [comment["comment"] for comment in rest.json()["comments"]] == [f"comment {n}" for n in range(4, -1, -1)]
        assert rest.json()["cursor"] is None


async def test_removed_comments_make_room_for_older_ones(world: World, api: Api) -> None:
    post_id = world.post(comments=55)
    async with api.client() as client:
        for shown in (await client.get(f"/posts/{post_id}")).json()["comments"][:10]:
            removed = say.CommentRemovedV1(post_id=post_id, comment_id=shown["commentId"], username="bob")
            world.happened(post_id, removed)
        post = (await client.get(f"/posts/{post_id}")).json()
        assert [comment["comment"] for comment in post["comments"]] == [f"comment {n}" for n in range(44, -1, -1)]
        assert post["commentsCursor"] is None


async def test_a_page_of_many_posts_shows_fewer_comments_of_each(world: World, api: Api) -> None:
    for _ in range(100):
        world.post()
    post_id = world.post(comments=12)
    async with api.client() as client:
        page = (await client.get("/posts", params={"limit": 100})).json()
        assert page["posts"][0]["postId"] == post_id
        assert len(page["posts"][0]["comments"]) == 10
        cursor = page["posts"][0]["commentsCursor"]
        rest = await client.get(f"/posts/{post_id}/comments", params={"cursor": cursor})
        assert [comment["comment"] for comment in rest.json()["comments"]] == ["comment 1", "comment 0"]


async def test_comments_are_paged_and_read_one_by_one(world: World, api: Api) -> None:
    post_id, other = world.post(comments=5), world.post(comments=1)
    async with api.client() as client:
        page = (await client.get(f"/posts/{post_id}/comments", params={"limit": 2})).json()
        comment = page["comments"][0]
        one = await client.get(f"/posts/{post_id}/comments/{comment['commentId']}")
        assert one.json() == comment
        assert (await client.get(f"/posts/{other}/comments/{comment['commentId']}")).status_code == 404
        removed = say.CommentRemovedV1(post_id=post_id, comment_id=comment["commentId"], username="bob")
        world.happened(post_id, removed)
        assert (await client.get(f"/posts/{post_id}/comments/{comment['commentId']}")).status_code == 404


async def test_a_cursor_of_another_list_or_an_altered_one_is_refused(world: World, api: Api) -> None:
    post_id = world.post(author="ann")
    world.post(author="ann")
    async with api.client() as client:
        cursor = (await client.get("/posts", params={"limit": 1})).json()["cursor"]
        for path, given in [
            ("/posts/withComments", cursor), ("/posts/byAuthor/ann", cursor), (f"/posts/{post_id}/comments", cursor),
            ("/posts", cursor[:-4]), ("/posts", cursor.swapcase()), ("/posts", "é"), ("/posts", "x"), ("/posts", ""),
        ]:  # fmt: skip
            answer = await client.get(path, params={"cursor": given})
            assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-cursor"), (path, given)


@pytest.mark.parametrize("limit", ["0", "101", "x", "-1"])
async def test_a_page_has_one_to_a_hundred_entries(world: World, api: Api, limit: str) -> None:
    async with api.client() as client:
        assert (await client.get("/posts", params={"limit": limit})).status_code in (400, 422)


async def test_reading_needs_a_token_with_the_scope(world: World, api: Api) -> None:
    async with api.client(scopes=["posts:write"]) as client:
        assert (await client.get("/posts")).status_code == 403
        assert (await client.get("/changes")).status_code == 403
        assert (await client.get("/posts", headers={"Authorization": ""})).status_code == 401


async def walk(client: httpx.AsyncClient, path: str, limit: int) -> list[Any]:
    """The ids of all posts of a list, page by page."""
    ids: list[Any] = []
    params: dict[str, Any] = {"limit": limit}
    while True:
        answer = await client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        ids += [post["postId"] for post in answer.json()["posts"]]
        if answer.json()["cursor"] is None:
            return ids
        params["cursor"] = answer.json()["cursor"]
