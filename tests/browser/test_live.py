"""What others do appears by itself; a tab that is closed is held by nobody."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from lockstep_testing.facts import eventually
from tests.browser.conftest import Enter, Site

LIKE = re.compile("^Like")
pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_a_second_browser_sees_posts_edits_and_likes_as_they_happen(enter: Enter, unique: str) -> None:
    ann, bob = await enter("ann"), await enter("bob")
    await ann.go("/posts")
    await bob.go("/posts")
    mine = await ann.write_post(unique)
    theirs = bob.post(unique)
    await expect(theirs).to_be_visible()
    await theirs.get_by_role("button", name=LIKE).click()
    await expect(mine.get_by_role("button", name=LIKE)).to_have_text("♡1")
    await theirs.get_by_role("link", name="Comment").click()
    await bob.page.get_by_label("Write a comment").fill("agreed")
    await bob.page.get_by_role("button", name="Comment", exact=True).click()
    await expect(mine.get_by_role("link", name="1 comment")).to_be_visible()
    await mine.get_by_role("button", name="Edit").click()
    await mine.get_by_label("Edit the post").fill(f"{unique} edited")
    await mine.get_by_role("button", name="Save").click()
    await expect(bob.post(f"{unique} edited")).to_be_visible()


async def test_a_broken_stream_comes_back_behind_what_it_has_seen(enter: Enter, site: Site, unique: str) -> None:
    ann = await enter("ann")
    await ann.go("/posts")
    ids: list[str | None] = []

    async def note(request: object) -> None:
        if "/changes" in request.url:  # type: ignore[attr-defined]
            ids.append(await request.header_value("last-event-id"))  # type: ignore[attr-defined]

    ann.page.on("request", note)
    await ann.page.context.set_offline(True)
    app = site.system.one("app")
    await app.stop()
    site.system.start("app", http_port=site.system.api_port)
    await expect(ann.page.get_by_text("Live", exact=True)).to_have_count(0)
    await site.system.one("app").ready()
    async with site.api("bob") as api:
        assert (await api.post("/posts", json={"message": unique})).status_code == 201
    await ann.page.context.set_offline(False)
    await ann.is_live()
    await expect(ann.post(unique)).to_be_visible()
    assert ids
    assert ids[-1]


async def test_closing_a_tab_frees_its_stream_on_the_server(enter: Enter, site: Site) -> None:
    before = await site.listeners()
    ann = await enter("ann")
    await ann.go("/posts")
    assert await site.listeners() == before + 1
    await ann.page.goto("/posts?show=comments")  # another load of the page ends the first one's
    await ann.is_live()

    async def freed(count: int) -> bool:
        return await site.listeners() == count

    await eventually(lambda: freed(before + 1))
    await ann.page.close()
    await eventually(lambda: freed(before))


async def test_signing_out_ends_the_stream(enter: Enter, site: Site) -> None:
    before = await site.listeners()
    ann = await enter("ann")
    await ann.go("/posts")
    await ann.page.get_by_role("button", name="Sign out").click()
    await expect(ann.page.get_by_role("heading", name="Sign in")).to_be_visible()

    async def freed() -> bool:
        return await site.listeners() == before

    await eventually(freed)
