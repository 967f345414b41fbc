"""Everybody can use the page: by keyboard alone, on a phone, in light and dark, and with a screen reader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.conftest import ROOT, Enter, Site
from tests.browser.person import Person

pytestmark = pytest.mark.asyncio(loop_scope="package")
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"


async def pages_of(site: Site, unique: str) -> list[str]:
    """An address of every page, each with something on it."""
    async with site.api(unique) as api:
        post = (await api.post("/posts", json={"message": "A post " + "with a long text " * 40})).json()["id"]
        await api.post(f"/posts/{post}/comments", json={"comment": "A comment"})
        account = (await api.post("/accounts", json={"currency": "EUR"})).json()["id"]
        answer = await api.post(f"/accounts/{account}/deposits", json={"amount": 100})
        who = {"name": "Bo", "email": f"{unique}@example.org", "phone": "555-0100", "segment": "Home", "region": "West"}
        customer = (await api.post("/customers", json=who)).json()["id"]
        goods = {"sku": unique, "name": "Lamp", "category": "Light", "price": 1_000, "currency": "EUR"}
        await api.post("/products", json=goods)
        lines = [{"sku": unique, "quantity": 1, "amount": 82_000}]
        order = await api.post("/orders", json={"customerId": customer, "currency": "EUR", "lines": lines})
        for each, path in ((answer, f"/accounts/{account}"), (order, f"/orders/{order.json()['id']}")):
            await api.get(path, headers={"Consistency-Token": each.headers["Consistency-Token"], "Prefer": "wait=10"})
    return [
        "/posts", f"/posts/{post}", "/accounts", f"/accounts/{account}", "/shop", f"/shop/orders/{order.json()['id']}",
        "/shop/customers", f"/shop/customers/{customer}", "/shop/products", "/shop/promotions", "/questions",
    ]  # fmt: skip


async def findings(person: Person) -> list[str]:
    """What axe has found on the page that is serious or worse."""
    found: list[dict[str, Any]] = await person.page.evaluate("async () => (await axe.run()).violations")
    return [
        f"{each['id']}: {node['html'][:160]} {node['any'][0]['message'] if node['any'] else ''}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


async def settled(person: Person) -> None:
    await person.is_live()
    await expect(person.page.get_by_role("heading").first).to_be_attached()
    await expect(person.page.get_by_label("Loading")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_serious_on_any_page(enter: Enter, site: Site, unique: str, scheme: str) -> None:
    ann = await enter(unique, color_scheme=scheme, reduced_motion="reduce")
    await ann.page.add_init_script(path=Path(AXE))
    wrong = {}
    for address in await pages_of(site, unique):
        await ann.page.goto(address)
        await settled(ann)
        for folded in await ann.page.locator("details").all():
            await folded.evaluate("each => { each.open = true }")
        if found := await findings(ann):
            wrong[address] = found
    await ann.page.get_by_role("button", name="Sign out").click()
    await expect(ann.page.get_by_role("heading", name="Sign in")).to_be_visible()
    if found := await findings(ann):
        wrong["/sign-in"] = found
    assert not wrong, wrong


async def test_on_a_phone_nothing_is_wider_than_the_screen(enter: Enter, site: Site, unique: str) -> None:
    ann = await enter(unique, viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    for address in await pages_of(site, unique):
        await ann.page.goto(address)
        await settled(ann)
        assert await ann.page.evaluate("document.documentElement.scrollWidth") <= 360, address
        for link in await ann.page.get_by_role("navigation", name="Pages").get_by_role("link").all():
            await expect(link).to_be_in_viewport()


async def test_by_keyboard_alone_a_post_is_found_written_liked_and_edited(enter: Enter, unique: str) -> None:
    ann = await enter("ann")
    await ann.go("/posts")
    keyboard = ann.page.keyboard

    async def tab_to(name: str) -> None:
        """Tab until what is focused has this name; on the way the focus is always to be seen."""
        for _ in range(60):
            await keyboard.press("Tab")
            focused = await ann.page.evaluate(FOCUSED)
            assert focused["outline"] or focused["field"], focused
            if focused["name"].startswith(name):
                return
        raise AssertionError(f"no {name} within reach")

    await tab_to("Skip to the content")
    await keyboard.press("Enter")
    await tab_to("Write a post")
    await keyboard.type(unique)
    await keyboard.press("Control+Enter")
    post = ann.post(unique)
    await expect(ann.state(post, "visible")).to_be_visible()
    await tab_to("Like")
    await keyboard.press("Enter")
    await expect(post.get_by_role("button", name="Take your like back")).to_be_visible()
    await tab_to("Edit")
    await keyboard.press("Enter")
    await expect(post.get_by_label("Edit the post")).to_be_focused()
    await keyboard.press("End")
    await keyboard.type(" and more")
    await keyboard.press("Control+Enter")
    await expect(post).to_contain_text(f"{unique} and more")


FOCUSED = """() => {
    const it = document.activeElement
    const style = getComputedStyle(it)
    return {
        name: it.getAttribute('aria-label') ?? it.labels?.[0]?.textContent ?? it.textContent.trim(),
        outline: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0,
        field: ['INPUT', 'TEXTAREA', 'SELECT'].includes(it.tagName),
    }
}"""
