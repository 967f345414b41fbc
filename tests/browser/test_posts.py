"""Posts on the page: every write, each shown from the first moment until it can be read; filters; the thread."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Enter, Site

LIKE = re.compile("^Like")
pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_a_post_is_there_once_from_sending_to_visible(enter: Enter, unique: str) -> None:
    """Never twice, and never gone in between: the row of the draft becomes the row that was read."""
    ann = await enter("ann")
    await ann.go("/posts")
    await ann.watch("article", unique)
    post = await ann.write_post(unique)
    await expect(ann.state(post, "visible")).to_be_visible()
    seen = await ann.seen()
    assert seen[0] == [0, None]
    assert [state for _, state in seen[1:]] == ["sending", "stored", "visible"]
    assert all(count == 1 for count, _ in seen[1:])


async def test_a_post_is_edited_liked_and_deleted(enter: Enter, site: Site, unique: str) -> None:
    ann = await enter("ann")
    await ann.go("/posts")
    post = await ann.write_post(unique)
    await post.get_by_role("button", name=LIKE).click()
    await expect(post.get_by_role("button", name="Take your like back")).to_have_text("♥1")
    await post.get_by_role("button", name="Take your like back").click()
    await expect(post.get_by_role("button", name=LIKE)).to_have_text("♡0")
    await post.get_by_role("button", name="Edit").click()
    await post.get_by_label("Edit the post").fill(f"{unique} in other words")
    await post.get_by_role("button", name="Save").click()
    await expect(post.get_by_text(f"{unique} in other words")).to_be_visible()
    await expect(post.get_by_text("edited")).to_be_visible()
    await expect(ann.state(post, "visible")).to_be_visible()

    async with site.api("ann") as api:
        found = (await api.get("/posts")).json()["posts"][0]
    assert (found["message"], found["likes"], found["edited"]) == (f"{unique} in other words", 0, True)

    await post.get_by_role("button", name="Delete").click()
    await post.get_by_role("button", name="Press again").click()
    await expect(post).to_have_count(0)
    await ann.page.reload()
    await expect(ann.page.get_by_role("article").first).to_be_visible()
    await expect(post).to_have_count(0)


async def test_comments_are_added_edited_and_removed(enter: Enter, unique: str) -> None:
    ann = await enter("ann")
    await ann.go("/posts")
    post = await ann.write_post(unique)
    await post.get_by_role("link", name="Comment").click()
    await ann.page.get_by_label("Write a comment").fill("first thought")
    await ann.page.get_by_role("button", name="Comment", exact=True).click()
    comment = ann.page.get_by_role("article", name="Comment by ann")
    await expect(ann.state(comment, "visible")).to_be_visible()
    await comment.get_by_role("button", name="Edit").click()
    await comment.get_by_label("Edit the comment").fill("second thought")
    await comment.get_by_role("button", name="Save").click()
    await expect(comment.get_by_text("second thought")).to_be_visible()
    await expect(ann.state(comment, "visible")).to_be_visible()
    await ann.page.get_by_text("How it came about").click()
    await expect(ann.page.get_by_text("CommentUpdated by ann")).to_be_visible()
    await comment.get_by_role("button", name="Remove").click()
    await comment.get_by_role("button", name="Press again").click()
    await expect(comment).to_have_count(0)
    await expect(ann.page.get_by_text("No comments yet")).to_be_visible()


async def test_a_text_that_cannot_be_stored_is_not_sent(enter: Enter) -> None:
    ann = await enter("ann")
    await ann.go("/posts")
    send = ann.page.get_by_role("button", name="Post", exact=True)
    await ann.page.get_by_label("Write a post").fill("   ")
    await expect(send).to_be_disabled()
    await ann.page.get_by_label("Write a post").fill("x" * 10_003)
    await expect(ann.page.get_by_text("3 characters too many")).to_be_visible()
    await expect(send).to_be_disabled()


async def test_the_feed_is_filtered_and_the_filter_is_in_the_address(enter: Enter, site: Site, unique: str) -> None:
    async with site.api(f"{unique}-author") as api, site.api("bob") as bob:
        quiet = (await api.post("/posts", json={"message": f"{unique} quiet"})).json()["id"]
        liked = (await api.post("/posts", json={"message": f"{unique} liked"})).json()["id"]
        await bob.put(f"/posts/like/{liked}")
        answer = await bob.post(f"/posts/{quiet}/comments", json={"comment": "well"})
        fresh = {"Consistency-Token": answer.headers["Consistency-Token"], "Prefer": "wait=10"}
        await bob.get(f"/posts/{quiet}", headers=fresh)
    ann = await enter("ann")
    await ann.go("/posts")
    await expect(ann.post(unique)).to_have_count(2)
    await ann.page.get_by_text("With comments", exact=True).click()
    await expect(ann.post(unique)).to_have_count(1)
    await expect(ann.post(f"{unique} quiet")).to_be_visible()
    await ann.page.get_by_text("By likes", exact=True).click()
    await expect(ann.post(f"{unique} liked")).to_be_visible()
    await expect(ann.post(f"{unique} quiet")).to_have_count(0)
    await ann.page.get_by_text("By author", exact=True).click()
    await ann.page.get_by_label("Part of the author’s name").fill(unique[:8].upper())
    await expect(ann.page.get_by_role("article")).to_have_count(2)
    await ann.page.reload()
    await expect(ann.page.get_by_role("article")).to_have_count(2)
