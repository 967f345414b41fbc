"""A shop to test with: customers and orders made over HTTP, each with the token of its last command."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx

SKU = "OFF-BI-10003910"


def waiting(*answers: httpx.Response) -> dict[str, str]:
    """Headers of a read that shows all that these commands did."""
    return {"Consistency-Token": ",".join(a.headers["Consistency-Token"] for a in answers), "Prefer": "wait=10"}


def unique_email(name: str = "some") -> str:
    return f"{name}-{uuid4().hex[:12]}@example.com"


async def register(staff: httpx.AsyncClient, name: str = "Alice", **other: Any) -> httpx.Response:
    body = {"name": name, "email": unique_email(name), "phone": "555-0101", "segment": "Consumer", "region": "West"}
    answer = await staff.post("/customers", json=body | other)
    assert answer.status_code == 201, answer.text
    return answer


async def place(staff: httpx.AsyncClient, customer: str, amount: int = 10_000, **other: Any) -> httpx.Response:
    lines = [{"sku": SKU, "quantity": 1, "amount": amount}]
    answer = await staff.post("/orders", json={"customerId": customer, "lines": lines, "currency": "USD"} | other)
    assert answer.status_code == 201, answer.text
    return answer
