"""What becomes of a write when something goes wrong meanwhile: nothing is lost, doubled or overwritten unseen."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Route, expect

from tests.browser.conftest import Enter, Site

pytestmark = pytest.mark.asyncio(loop_scope="package")
POSTS = re.compile(r"/api/v1/posts$")


async def posts_saying(site: Site, text: str) -> list[str]:
    async with site.api("ann") as api:
        return [each["postId"] for each in (await api.get("/posts")).json()["posts"] if text in each["message"]]


@pytest.mark.parametrize("reached", [False, True], ids=["before it was sent", "before its answer came"])
async def test_a_reload_in_mid_write_sends_it_again_with_the_same_key(
    enter: Enter, site: Site, unique: str, reached: bool
) -> None:
    ann = await enter("ann")
    await ann.go("/posts")
    keys: list[str | None] = []
    held = asyncio.Event()

    async def hold(route: Route) -> None:
        """The first try hangs: here, or with its answer."""
        if route.request.method != "POST":
            await route.continue_()
            return
        keys.append(await route.request.header_value("idempotency-key"))
        if len(keys) > 1:
            await route.continue_()
            return
        if reached:
            await route.fetch()
        held.set()

    await ann.page.route(POSTS, hold)
    post = await ann.write_post(unique)
    await asyncio.wait_for(held.wait(), 10)
    await expect(ann.state(post, "sending")).to_be_visible()
    await ann.page.reload()
    await expect(ann.state(post, "visible")).to_be_visible()
    assert len(keys) == 2
    assert keys[0] == keys[1]
    assert len(await posts_saying(site, unique)) == 1


async def test_what_is_not_available_is_tried_again_with_the_same_key(enter: Enter, site: Site, unique: str) -> None:
    ann = await enter("ann")
    await ann.go("/posts")
    keys: list[str | None] = []

    async def refuse_twice(route: Route) -> None:
        if route.request.method != "POST":
            await route.continue_()
            return
        keys.append(await route.request.header_value("idempotency-key"))
        if len(keys) == 1:
            await route.fulfill(status=503, headers={"Retry-After": "1"}, json={"type": "/problems/overloaded"})
        elif len(keys) == 2:
            await route.abort()
        else:
            await route.continue_()

    await ann.page.route(POSTS, refuse_twice)
    post = await ann.write_post(unique)
    await expect(ann.state(post, "visible")).to_be_visible()
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert len(await posts_saying(site, unique)) == 1


async def test_a_refused_write_says_why_and_is_gone(enter: Enter, site: Site, unique: str) -> None:
    ann = await enter("ann")
    await ann.go("/posts")
    post = await ann.write_post(unique)
    await expect(ann.state(post, "visible")).to_be_visible()
    (post_id,) = await posts_saying(site, unique)
    await post.get_by_role("button", name="Edit").click()
    await post.get_by_label("Edit the post").fill(f"{unique} too late")

    async def refuse(route: Route) -> None:
        problem = {"type": "/problems/not-yours", "status": 403, "detail": "only its author may change a post"}
        await route.fulfill(status=403, json=problem, content_type="application/problem+json")

    await ann.page.route(re.compile(post_id), refuse)
    await post.get_by_role("button", name="Save").click()
    alert = ann.page.get_by_role("alert")
    await expect(alert).to_contain_text("Your edit was not stored. This belongs to somebody else.")
    await expect(alert).to_contain_text(f"{unique} too late")
    await expect(post.get_by_text(unique, exact=True)).to_be_visible()
    await alert.get_by_role("button", name="Close").click()
    await expect(alert).to_have_count(0)


@pytest.mark.parametrize("decision", ["theirs", "mine"])
async def test_of_two_edits_the_later_person_decides(enter: Enter, site: Site, unique: str, decision: str) -> None:
    """Two tabs of one person: both have the post open in an editor, and one is quicker."""
    ann = await enter("ann")
    await ann.go("/posts")
    post = await ann.write_post(unique)
    await expect(ann.state(post, "visible")).to_be_visible()
    (post_id,) = await posts_saying(site, unique)
    await post.get_by_role("button", name="Edit").click()
    await post.get_by_label("Edit the post").fill(f"{unique} mine")
    async with site.api("ann") as api:
        assert (await api.put(f"/posts/{post_id}", json={"message": f"{unique} theirs"})).status_code == 200
    await post.get_by_role("button", name="Save").click()
    dialog = ann.page.get_by_role("dialog")
    await expect(dialog.get_by_text(f"{unique} theirs")).to_be_visible()
    await expect(dialog.get_by_label("Mine")).to_have_value(f"{unique} mine")
    if decision == "theirs":
        await dialog.get_by_role("button", name="Keep theirs").click()
    else:
        await dialog.get_by_role("button", name="Save mine").click()
    await expect(dialog).to_have_count(0)
    await expect(ann.post(f"{unique} {decision}")).to_be_visible()
    await expect(ann.page.locator("[data-state=sending], [data-state=stored]")).to_have_count(0)
    async with site.api("ann") as api:
        assert (await api.get(f"/posts/{post_id}/history")).json()["message"] == f"{unique} {decision}"


async def test_a_like_meanwhile_is_no_conflict_with_an_edit(enter: Enter, site: Site, unique: str) -> None:
    """The version has moved on, but not what the person saw: the edit goes on upon the newer version."""
    ann = await enter("ann")
    await ann.go("/posts")
    post = await ann.write_post(unique)
    await expect(ann.state(post, "visible")).to_be_visible()
    (post_id,) = await posts_saying(site, unique)
    await post.get_by_role("button", name="Edit").click()
    await post.get_by_label("Edit the post").fill(f"{unique} edited")
    async with site.api("bob") as api:
        assert (await api.put(f"/posts/like/{post_id}")).status_code == 200
    await post.get_by_role("button", name="Save").click()
    await expect(ann.state(post, "visible")).to_be_visible()
    await expect(post).to_contain_text(f"{unique} edited")
    await expect(post).to_contain_text("♡1")


async def test_with_the_projector_stopped_a_write_stays_stored_and_is_visible_after(
    enter: Enter, site: Site, unique: str
) -> None:
    ann = await enter("ann")
    await ann.go("/posts")
    projector = site.system.one("projector")
    await projector.stop()
    await ann.watch("article", unique)
    post = await ann.write_post(unique)
    await expect(ann.state(post, "stored")).to_be_visible()
    await ann.page.reload()  # what is read does not have it yet; the tab remembers it all the same
    await expect(ann.state(post, "stored")).to_be_visible()
    await ann.watch("article", unique)
    await site.system.start("projector").ready()
    await expect(ann.state(post, "visible")).to_be_visible(timeout=20_000)
    assert all(count == 1 for count, _ in await ann.seen())
