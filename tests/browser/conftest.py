"""The page in a real browser: the distribution's Chromium, through the gateway, over a running system.

Without a Chromium these tests do not run, and the end of the session says so loudly; nothing else depends on one. Only
what measures the built files runs everywhere. A page that logs an error it was not meant to fails its test.
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from chaos.system import Ground, System
from lockstep_testing.facts import eventually
from stack.gateway import Gateway, Upstreams
from stack.people import STAFF, write_people
from stack.ports import free_port
from tests.browser.person import Person

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
EVERYWHERE = "test_size.py"
collect_ignore = (
    [] if CHROMIUM else [each.name for each in Path(__file__).parent.glob("test_*.py") if each.name != EVERYWHERE]
)
MEANT = re.compile(r"Failed to load resource: (the server responded with a status of|net::)")
"""What Chromium logs of an answer that a test has asked for: refusals, and requests cut off."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not CHROMIUM:
        terminalreporter.section("THE BROWSER TESTS DID NOT RUN", sep="!", red=True, bold=True)
        terminalreporter.line("There is no Chromium on this machine. Debian, Ubuntu: apt install chromium", red=True)


class Site:
    """The gateway's address, and the system behind it."""

    def __init__(self, system: System, gateway: Gateway) -> None:
        self.system, self.gateway = system, gateway
        self.address = f"http://127.0.0.1:{gateway.port}"

    def api(self, person: str) -> httpx.AsyncClient:
        """The API as this person, for what others do meanwhile."""
        return self.system.client(person, STAFF)

    async def listeners(self) -> int:
        """How many streams of live changes the server holds open."""
        async with httpx.AsyncClient() as client:
            metrics = (await client.get(f"http://127.0.0.1:{self.system.api_port}/metrics")).text
        found = re.search(r"^lockstep_changes_listeners (\S+)$", metrics, re.MULTILINE)
        assert found
        return int(float(found[1]))


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def site(ground: Ground) -> AsyncIterator[Site]:
    """One system for all these tests, as `lockstep up` makes it; each writes things of its own."""
    assert (ROOT / "web" / "dist" / "index.html").exists(), "the page is not built: make page"
    system = System.open(ground, f"page-{uuid4().hex[:8]}")
    await system.start_all()
    folder = ground.folder / "gateway"
    write_people(folder / "people", ground.keys)
    ports = [system.api_port]
    gateway = Gateway(
        ground.servers.launcher, folder, ground.folder / "gateway.log", free_port(),
        Upstreams(commands=ports, queries=ports, history=ports),
        described=ROOT / "docs" / "reference", people=folder / "people",
    )  # fmt: skip
    await asyncio.to_thread(gateway.start)
    yield Site(system, gateway)
    await asyncio.to_thread(gateway.stop)
    await system.discard()


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        await running.close()


Enter = Callable[..., Awaitable[Person]]


@pytest_asyncio.fixture(loop_scope="package")
async def enter(site: Site, browser: Browser) -> AsyncIterator[Enter]:
    """Makes people in front of browsers of their own: `await enter("ann")`, with options of Browser.new_context."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    async def make(name: str | None, scopes: tuple[str, ...] = STAFF, **options: object) -> Person:
        context = await browser.new_context(base_url=site.address, **options)  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(10_000)
        page = await context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda said: errors.append(said.text) if said.type == "error" and not MEANT.match(said.text) else None,
        )
        person = Person(page, name or "nobody", site)
        if name is not None:
            await person.sign_in(site.system.token(name, scopes))
        return person

    yield make
    for context in contexts:
        await context.close()
    assert not errors, errors


@pytest.fixture
def unique() -> str:
    """A word that no other test writes."""
    return f"w{uuid4().hex[:10]}"


__all__ = ["Enter", "Page", "Site", "eventually"]
