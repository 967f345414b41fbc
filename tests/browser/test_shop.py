"""The shop on the page: every write of its staff, and the seven questions over what came of them."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Enter, Site
from tests.browser.person import Person

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def fill(person: Person, form: str, action: str, **values: str) -> None:
    """The folded form of this name, filled in and sent."""
    await person.page.locator("summary", has_text=form).click()
    fields = person.page.get_by_role("form", name=form)
    for label, value in values.items():
        await fields.get_by_label(label.replace("_", " "), exact=True).fill(value)
    await fields.get_by_role("button", name=action, exact=True).click()


async def test_a_shop_from_its_first_customer_to_a_refund(enter: Enter, site: Site, unique: str) -> None:
    staff = await enter("staff")
    page = staff.page
    await staff.go("/shop/customers")
    await fill(
        staff, "Register a customer", "Register",
        Name=f"Alice {unique}", Email=f"{unique}@example.org", Phone="555-0100", Segment="Consumer", Region="West",
    )  # fmt: skip
    customer = page.get_by_role("row").filter(has_text=unique)
    await expect(staff.state(customer, "visible")).to_be_visible()

    await page.get_by_role("link", name="Products").click()
    await fill(staff, "List a product", "List it", Sku=unique, Name="Lamp", Category="Light", Price="20.00")
    product = page.get_by_role("row").filter(has_text=unique)
    await expect(staff.state(product, "visible")).to_be_visible()
    await product.get_by_role("button", name="Change the price").click()
    await product.get_by_label("New price").fill("25")
    await product.get_by_role("button", name="Save").click()
    await product.get_by_role("button", name="Change the name").click()
    await product.get_by_label("New name").fill("Lantern")
    await product.get_by_role("button", name="Save").click()
    await expect(product).to_contain_text("€25.00")
    await expect(product).to_contain_text("Lantern")
    await expect(staff.state(product, "visible")).to_be_visible()

    await page.get_by_role("link", name="Promotions").click()
    await fill(staff, "Start a promotion", "Start it", Name=unique, From="2020-01-01T00:00", Until="2100-01-01T00:00")
    promotion = page.get_by_role("row").filter(has_text=unique)
    await expect(staff.state(promotion, "visible")).to_be_visible()

    await page.get_by_role("link", name="Orders").click()
    await page.locator("summary", has_text="Place an order").click()
    order = page.get_by_role("form", name="Place an order")
    await order.get_by_label("Customer").select_option(label=f"Alice {unique}, {unique}@example.org")
    await order.get_by_label("Product").select_option("Lantern, EUR")
    await order.get_by_label("Quantity", exact=True).fill("2")
    await order.get_by_label("Promotion").select_option(unique)
    await order.get_by_role("button", name="Place the order").click()
    row = page.get_by_role("row").filter(has_text=unique)
    await expect(row).to_contain_text("€50.00")
    await expect(staff.state(row, "visible")).to_be_visible()

    await row.get_by_role("link", name="Look").click()
    status = page.get_by_test_id("status")
    for step, after in (("Ship", "shipped"), ("Deliver", "delivered")):
        await page.get_by_role("button", name=step, exact=True).click()
        await expect(status).to_have_text(after)
    refund = page.get_by_role("form", name="Refund")
    await refund.get_by_label("Amount to give back").fill("10")
    await refund.get_by_role("button", name="Refund").click()
    await expect(page.get_by_text("€10.00")).to_be_visible()

    await page.get_by_role("link", name="Promotions").click()
    await promotion.get_by_role("button", name="End").click()
    await promotion.get_by_role("button", name="Press again").click()
    await expect(promotion).to_contain_text("Ended")


async def stocked(site: Site, unique: str) -> tuple[str, str]:
    """A customer and an order of theirs, as the page will read them."""
    async with site.api("staff") as api:
        who = {"name": "Bo", "email": f"{unique}@example.org", "phone": "555-0100", "segment": "Home", "region": unique}
        customer = (await api.post("/customers", json=who)).json()["id"]
        goods = {"sku": unique, "name": f"Lamp {unique}", "category": "Light", "price": 1_000, "currency": "EUR"}
        assert (await api.post("/products", json=goods)).status_code == 201
        lines = [{"sku": unique, "quantity": 1, "amount": 82_000}]
        answer = await api.post("/orders", json={"customerId": customer, "currency": "EUR", "lines": lines})
        order = answer.json()["id"]
        fresh = {"Consistency-Token": answer.headers["Consistency-Token"], "Prefer": "wait=10"}
        assert (await api.get(f"/orders/{order}", headers=fresh)).status_code == 200
    return customer, order


async def test_a_changed_phone_shows_on_all_of_the_customers_orders(enter: Enter, site: Site, unique: str) -> None:
    customer, _ = await stocked(site, unique)
    staff = await enter("staff")
    await staff.go(f"/shop/customers/{customer}")
    contact = staff.page.get_by_label("Contact")
    row = staff.page.get_by_role("row").filter(has_text=f"{unique}@example.org")
    await expect(row).to_contain_text("€820.00")
    for fact, value in (("phone", "555-0199"), ("segment", "Corporate"), ("region", "North")):
        await contact.get_by_role("button", name=f"Change the {fact}").click()
        await contact.get_by_label(f"New {fact}").fill(value)
        await contact.get_by_role("button", name="Save").click()
        await expect(contact.get_by_text(value)).to_be_visible()
    await expect(row).to_contain_text("555-0199")


async def test_two_changes_of_one_phone_are_a_conflict(enter: Enter, site: Site, unique: str) -> None:
    customer, _ = await stocked(site, unique)
    staff = await enter("staff")
    await staff.go(f"/shop/customers/{customer}")
    contact = staff.page.get_by_label("Contact")
    await contact.get_by_role("button", name="Change the phone").click()
    await contact.get_by_label("New phone").fill("555-0111")
    async with site.api("other") as api:
        assert (await api.put(f"/customers/{customer}/contact", json={"phone": "555-0122"})).status_code == 200
    await contact.get_by_role("button", name="Save").click()
    dialog = staff.page.get_by_role("dialog")
    await expect(dialog.get_by_text("555-0122", exact=True)).to_be_visible()
    await dialog.get_by_role("button", name="Save mine").click()
    await expect(contact.get_by_text("555-0111")).to_be_visible()
    await expect(staff.state(contact, "visible")).to_be_visible()


async def test_an_order_is_cancelled(enter: Enter, site: Site, unique: str) -> None:
    _, order = await stocked(site, unique)
    staff = await enter("staff")
    await staff.go(f"/shop/orders/{order}")
    await staff.page.get_by_role("button", name="Cancel", exact=True).click()
    await staff.page.get_by_role("button", name="Press again").click()
    await expect(staff.page.get_by_test_id("status")).to_have_text("cancelled")


async def test_seven_questions_each_with_chart_table_and_file(enter: Enter, site: Site, unique: str) -> None:
    await stocked(site, unique)
    staff = await enter("staff")
    await staff.go("/questions")
    questions = staff.page.locator("section")
    await expect(questions).to_have_count(7)
    for at in range(7):
        await expect(questions.nth(at).get_by_text("as of")).to_be_visible()
    await expect(staff.page.get_by_role("alert")).to_have_count(0)
    segments = questions.filter(has=staff.page.get_by_role("heading", name="Which segments buy most"))
    await expect(segments.get_by_role("img")).to_be_visible()
    await segments.locator("summary").click()
    await expect(segments.get_by_role("table")).to_contain_text("Home")
    async with staff.page.expect_download() as saving:
        await segments.get_by_role("button", name="CSV").click()
    saved = await saving.value
    assert saved.suggested_filename == "segments.csv"
    assert "Home" in (await saved.path()).read_text()


async def test_an_answer_moves_on_by_itself(enter: Enter, site: Site, unique: str) -> None:
    staff = await enter("staff")
    await staff.go("/questions")
    best = staff.page.locator("section").filter(has=staff.page.get_by_role("heading", name="Which segments buy most"))
    await expect(best.get_by_text("as of")).to_be_visible()
    customer, _ = await stocked(site, unique)
    async with site.api("staff") as api:
        await api.put(f"/customers/{customer}/segment", json={"segment": unique})
    await best.locator("summary").click()
    await expect(best.get_by_role("table")).to_contain_text(unique)


async def test_who_is_not_staff_is_told_so(enter: Enter) -> None:
    ann = await enter("ann", scopes=("posts:read", "posts:write"))
    await ann.go("/shop")
    await expect(ann.page.get_by_text("Your token does not allow this")).to_be_visible()
    await expect(ann.page.get_by_text("Place an order")).to_have_count(0)
