"""Who may do what in the shop: staff reads and writes by its scopes, and only an import tells of the past."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from chaos.system import System
from tests.acceptance.problems import refused
from tests.acceptance.shop import place, unique_email, waiting

NOBODY = "00000000-0000-4000-8000-000000000000"

PAST = "2017-03-26T01:59:59.999999Z"


async def test_only_an_import_tells_of_the_past_and_nobody_of_the_future(
    staff: httpx.AsyncClient, importer: httpx.AsyncClient
) -> None:
    body = {"name": "x", "email": unique_email(), "phone": "55", "segment": "s", "region": "r", "occurredAt": PAST}
    assert refused(await staff.post("/customers", json=body), 403, "missing-scope")["scope"] == "import"
    made = await importer.post("/customers", json=body)
    customer = made.json()["id"]
    placed = await place(importer, customer, occurredAt=PAST)
    order = f"/orders/{placed.json()['id']}"
    refused(await importer.post(f"{order}/ship", json={"occurredAt": "2017-01-01T00:00:00Z"}), 422, "bad-field")
    refused(await importer.post(f"{order}/ship", json={"occurredAt": "2999-01-01T00:00:00Z"}), 422, "bad-field")
    refused(await importer.post(f"{order}/ship", json={"occurredAt": "0001-01-01T00:00:00+14:00"}), 422, "bad-field")
    refused(await importer.post(f"{order}/ship", json={"occurredAt": "2018-01-01T00:00:00"}), 422, "invalid-request")
    last = await importer.post(f"{order}/ship", json={"occurredAt": "2017-04-01T00:00:00+02:00"})
    seen = (await staff.get(order, headers=waiting(last))).json()
    assert (seen["placedAt"], seen["shippedAt"]) == (PAST, "2017-03-31T22:00:00.000000Z")
    # as it was when it had happened, and as we knew it then: nothing
    assert (await staff.get(f"{order}/history?as_of=2017-03-30")).json()["status"] == "placed"
    refused(await staff.get(f"{order}/history?as_known_at=2017-12-31"), 404, "not-found")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/customers", {"name": "x"}), ("POST", "/products", {}), ("POST", "/promotions", {}),
        ("POST", f"/orders/{NOBODY}/ship", {}), ("POST", f"/promotions/{NOBODY}/end", {}),
        ("PUT", f"/customers/{NOBODY}/contact", {}), ("PUT", "/products/x/price", {"price": 1}),
    ],
)  # fmt: skip
async def test_who_may_only_read_changes_nothing(
    house: System, ann: httpx.AsyncClient, method: str, path: str, body: dict[str, Any]
) -> None:
    async with house.client("rob", ("shop:read", "posts:write")) as reader:
        assert refused(await reader.request(method, path, json=body), 403, "missing-scope")["scope"] == "shop:write"
    refused(await ann.request(method, path, json=body), 403, "missing-scope")


@pytest.mark.parametrize(
    "path",
    [
        "/customers", f"/customers/{NOBODY}", "/customer-orders", "/orders", f"/orders/{NOBODY}", "/products",
        "/products/x", "/promotions", f"/promotions/{NOBODY}", f"/orders/{NOBODY}/history",
        f"/customers/{NOBODY}/events", "/reports/purchases?from=2023-01-01&until=2023-02-01",
        "/reports/daily-purchases?from=2023-01-01&until=2023-02-01",
    ],
)  # fmt: skip
async def test_what_staff_reads_nobody_else_does(house: System, ann: httpx.AsyncClient, path: str) -> None:
    refused(await ann.get(path), 403, "missing-scope")
    async with house.client("wes", ("shop:write",)) as writer:
        refused(await writer.get(path), 403, "missing-scope")
