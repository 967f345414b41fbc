"""Accounts on the page: every write, the statement, and the account as it was at any of its moments."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, expect

from tests.browser.conftest import Enter, Site
from tests.browser.person import Person

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def move(person: Person, way: str, amount: str, to: str | None = None) -> None:
    panel = person.page.get_by_label("Move money")
    await panel.get_by_text(way, exact=True).first.click()
    await panel.get_by_label("Amount in EUR").fill(amount)
    if to is not None:
        await panel.get_by_label("To the account").fill(to)
    await panel.locator("button[type=submit]").click()


def balance(person: Person) -> Locator:
    return person.page.get_by_label("Balance", exact=True)


async def opened(site: Site, who: str, *entries: tuple[str, int]) -> str:
    """An account of this person's, with these entries, as the page will read it."""
    async with site.api(who) as api:
        account: str = (await api.post("/accounts", json={"currency": "EUR"})).json()["id"]
        version = 1
        for kind, amount in entries:
            version = (await api.post(f"/accounts/{account}/{kind}", json={"amount": amount})).json()["version"]
        fresh = {"Consistency-Token": f"account-{account}@{version}", "Prefer": "wait=10"}
        assert (await api.get(f"/accounts/{account}", headers=fresh)).status_code == 200
    return account


async def test_an_account_is_opened_filled_emptied_and_closed(enter: Enter, unique: str) -> None:
    ann = await enter(unique)
    await ann.go("/accounts")
    await expect(ann.page.get_by_text("No account yet")).to_be_visible()
    await ann.page.get_by_role("button", name="Open an account").click()
    mine = ann.page.get_by_role("link", name="EUR account")
    await expect(ann.state(mine, "visible")).to_be_visible()
    await mine.click()
    await move(ann, "Pay in", "12.50")
    await expect(balance(ann)).to_have_text("€12.50")  # at once: drawn before it is stored
    await move(ann, "Take out", "2.50")
    await expect(balance(ann)).to_have_text("€10.00")
    rows = ann.page.get_by_role("table", name="Statement").get_by_role("row")
    await expect(rows.nth(1)).to_contain_text("€10.00")
    await expect(rows.nth(2)).to_contain_text("€12.50")
    await move(ann, "Take out", "99")
    alert = ann.page.get_by_role("alert")
    await expect(alert).to_contain_text("Your withdrawal was not stored")
    await alert.get_by_role("button", name="Close").click()
    await expect(balance(ann)).to_have_text("€10.00")
    await move(ann, "Take out", "10")
    await expect(balance(ann)).to_have_text("€0.00")
    await ann.page.get_by_role("button", name="Close the account").click()
    await ann.page.get_by_role("button", name="Press again").click()
    await expect(ann.page.get_by_text("Closed", exact=True)).to_be_visible()
    await expect(ann.page.get_by_label("Move money")).to_have_count(0)


async def test_a_transfer_reaches_the_other_persons_page_by_itself(enter: Enter, site: Site, unique: str) -> None:
    mine = await opened(site, f"{unique}-ann", ("deposits", 5_000))
    theirs = await opened(site, f"{unique}-bob")
    ann, bob = await enter(f"{unique}-ann"), await enter(f"{unique}-bob")
    await bob.go(f"/accounts/{theirs}")
    await ann.go(f"/accounts/{mine}")
    await move(ann, "Transfer", "19.99", to=theirs)
    await expect(balance(ann)).to_have_text("€30.01")
    await expect(balance(bob)).to_have_text("€19.99")
    await expect(bob.page.get_by_role("table", name="Statement")).to_contain_text("Transfer received")
    await ann.page.goto(f"/accounts/{theirs}")  # another's account is not there for ann
    await expect(ann.page.get_by_text("There is nothing here")).to_be_visible()


async def test_what_is_left_is_paid_out_when_an_account_is_closed(enter: Enter, site: Site, unique: str) -> None:
    closing = await opened(site, unique, ("deposits", 4_200))
    other = await opened(site, unique)
    ann = await enter(unique)
    await ann.go(f"/accounts/{closing}")
    await ann.page.get_by_role("button", name="Pay out and close").click()
    await ann.page.get_by_role("button", name="Press again").click()
    await expect(ann.page.get_by_text("Closed", exact=True)).to_be_visible()
    await expect(balance(ann)).to_have_text("€0.00")
    await ann.page.get_by_role("link", name="All accounts").click()
    await expect(ann.page.get_by_role("link", name=other[-8:])).to_contain_text("€42.00")


async def test_the_slider_shows_the_balance_of_then_and_names_what_came_in_between(
    enter: Enter, site: Site, unique: str
) -> None:
    entries = (("deposits", 50_000), ("withdrawals", 20_000), ("withdrawals", 10_000), ("deposits", 10_000))
    account = await opened(site, unique, *entries)
    ann = await enter(unique)
    await ann.go(f"/accounts/{account}")
    panel = ann.page.get_by_role("region", name="As it was")
    then, between = panel.get_by_test_id("balance-then"), panel.get_by_role("list", name="Events in between")
    slider = panel.get_by_role("slider")
    await expect(then).to_have_text("€300.00")
    await expect(between.get_by_role("listitem")).to_have_count(0)
    for expected in ("€200.00", "€300.00", "€500.00"):
        await slider.press("ArrowLeft")
        await expect(then).to_have_text(expected)
    named = between.get_by_role("listitem")
    await expect(named).to_have_count(3)
    await expect(named.nth(0)).to_contain_text("money withdrawn€200.00")
    await expect(named.nth(2)).to_contain_text("money deposited€100.00")
    await panel.get_by_label("By which time").select_option("When it was recorded")
    await expect(then).to_have_text("€500.00")


async def test_the_statement_is_saved_as_csv(enter: Enter, site: Site, unique: str) -> None:
    account = await opened(site, unique, ("deposits", 50_000))
    ann = await enter(unique)
    await ann.go(f"/accounts/{account}")
    async with ann.page.expect_download() as saving:
        await ann.page.get_by_role("button", name="CSV").click()
    saved = await saving.value
    assert saved.suggested_filename == f"statement-{account}.csv"
    lines = (await saved.path()).read_text().splitlines()
    assert len(lines) == 2
    assert "50000" in lines[1]


async def test_the_list_stands_as_of_a_day(enter: Enter, site: Site, unique: str) -> None:
    await opened(site, unique, ("deposits", 700))
    ann = await enter(unique)
    await ann.go("/accounts")
    await expect(ann.page.get_by_role("link", name="EUR account")).to_contain_text("€7.00")
    await ann.page.get_by_label("As of the end of").fill("2020-01-01")
    await expect(ann.page.get_by_role("link", name="EUR account")).to_contain_text("not open yet")
