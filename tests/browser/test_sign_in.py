"""Signing in while developing, and what the page may load and run."""

from __future__ import annotations

import httpx
import pytest
from playwright.async_api import expect

from tests.browser.conftest import Enter, Site

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_a_token_is_pasted_and_stays_in_the_tab(enter: Enter, site: Site) -> None:
    nobody = await enter(None)
    page = nobody.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto("/posts?show=comments")
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await page.get_by_label("With a token").fill("nonsense")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_contain_text("This is no token")
    token = site.system.token("ann")
    await page.get_by_label("With a token").fill(token)
    await page.get_by_role("button", name="Sign in").click()
    await nobody.is_live()
    assert page.url.endswith("/posts?show=comments")
    await page.reload()
    await nobody.is_live()
    assert not [address for address in asked if token in address]
    other = await page.context.new_page()
    await other.goto("/posts")
    await expect(other.get_by_role("heading", name="Sign in")).to_be_visible()


async def test_one_of_the_demos_people_is_one_click_away(enter: Enter) -> None:
    nobody = await enter(None)
    await nobody.page.goto("/")
    await nobody.page.get_by_role("button", name="alice").click()
    await nobody.is_live()
    await expect(nobody.page.get_by_text("alice", exact=True).first).to_be_visible()


async def test_a_token_that_is_not_accepted_leads_back_to_sign_in(enter: Enter, site: Site) -> None:
    nobody = await enter(None)
    await nobody.sign_in(f"{site.system.token('ann')[:-4]}AAAA")
    await nobody.page.goto("/posts")
    await expect(nobody.page.get_by_role("heading", name="Sign in")).to_be_visible()


async def test_a_link_to_sign_in_leads_nowhere_else(enter: Enter, site: Site) -> None:
    for evil in ("https://example.org/", "//example.org/", "/\\example.org"):
        nobody = await enter(None)
        await nobody.page.goto(f"/sign-in?to={evil}")
        await nobody.page.get_by_role("button", name="bob").click()
        await nobody.is_live()
        assert nobody.page.url.startswith(site.address)


async def test_people_are_told_to_this_machine_only_by_its_own_name(site: Site) -> None:
    async with httpx.AsyncClient(base_url=site.address) as client:
        told = await client.get("/dev/people.json")
        assert [each["name"] for each in told.json()] == ["alice", "bob", "carol", "staff"]
        assert told.headers["Cache-Control"] == "no-store"
        for host in ("example.org", "127.0.0.1.example.org", "localhost.example.org"):
            refused = await client.get("/dev/people.json", headers={"Host": host})
            assert refused.status_code == 404, host


async def test_the_page_may_load_and_run_only_what_is_its_own(site: Site) -> None:
    async with httpx.AsyncClient(base_url=site.address) as client:
        policy = (await client.get("/posts", headers={"Accept": "text/html"})).headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
