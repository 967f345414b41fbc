"""Somebody in front of a browser: what they do on the page, by what they see and hear of it: roles, names, words."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from playwright.async_api import Locator, Page, expect

if TYPE_CHECKING:
    from tests.browser.conftest import Site

POST = re.compile(r"/api/v1/posts$")


class Person:
    """A person with a page of their own."""

    def __init__(self, page: Page, name: str, site: Site) -> None:
        self.page, self.name, self.site = page, name, site

    async def sign_in(self, token: str) -> None:
        """Signed in, as by having pasted the token; what that looks like is test_sign_in's."""
        await self.page.goto("/icon.svg")
        await self.page.evaluate("token => sessionStorage.setItem('lockstep.token', token)", token)

    async def go(self, path: str) -> None:
        """The page at this address, live."""
        await self.page.goto(path)
        await self.is_live()

    async def is_live(self) -> None:
        await expect(self.page.get_by_text("Live", exact=True)).to_be_visible()

    def post(self, text: str) -> Locator:
        """The post that says this."""
        return self.page.get_by_role("article").filter(has_text=text)

    async def write_post(self, text: str) -> Locator:
        await self.page.get_by_label("Write a post").fill(text)
        await self.page.get_by_role("button", name="Post", exact=True).click()
        return self.post(text)

    def state(self, where: Locator, state: str) -> Locator:
        """The mark of a write's state beside what it is about."""
        return where.locator(f"[data-state={state}]")

    async def watch(self, selector: str, text: str) -> None:
        """From now on it is recorded how often elements of this text are there at each change of the page."""
        await self.page.evaluate(WATCH, [selector, text])

    async def seen(self) -> list[Any]:
        """What was recorded, each change once."""
        recorded: list[Any] = json.loads(await self.page.evaluate("() => JSON.stringify(window.recorded)"))
        return recorded


WATCH = """([selector, text]) => {
    window.recorded = []
    const look = () => {
        const found = [...document.querySelectorAll(selector)].filter(each => each.textContent.includes(text))
        const state = found[0]?.querySelector('[data-state]')?.dataset.state ?? null
        const seen = [found.length, state]
        if (JSON.stringify(window.recorded.at(-1)) !== JSON.stringify(seen)) window.recorded.push(seen)
    }
    const all = {subtree: true, childList: true, characterData: true, attributes: true}
    new MutationObserver(look).observe(document.body, all)
    look()
}"""
"""Sees every change that is painted, and those that are not: nothing flickers unseen."""
