"""Accounts as the acceptance tests use them: opened over HTTP, with the token of the last command."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx

from chaos.system import EVERYDAY, System

IMPORTER = (*EVERYDAY, "import")
"""What those may do who record what happened earlier."""


class Account:
    """An account of the client's. `token` covers all that was done through this object."""

    def __init__(self, client: httpx.AsyncClient, identifier: str, token: str) -> None:
        self.client, self.id, self.token = client, identifier, token
        self.path = f"/accounts/{identifier}"

    @property
    def fresh(self) -> dict[str, str]:
        return {"Consistency-Token": self.token, "Prefer": "wait=10"}

    async def post(self, what: str, body: dict[str, Any], **headers: str) -> httpx.Response:
        answer = await self.client.post(f"{self.path}/{what}", json=body, headers=headers)
        if answer.is_success:
            self.token = answer.headers["Consistency-Token"]
        return answer

    async def moved(self, change: int, **more: Any) -> None:
        """So much was paid in, or taken out where it is negative."""
        what = "deposits" if change > 0 else "withdrawals"
        answer = await self.post(what, {"amount": abs(change), **more})
        assert answer.status_code == 200, answer.text

    async def read(self) -> dict[str, Any]:
        answer = await self.client.get(self.path, headers=self.fresh)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def balance(self, question: str = "") -> int:
        """As the history side tells it."""
        answer = await self.client.get(f"{self.path}/balance{question}")
        assert answer.status_code == 200, answer.text
        return int(answer.json()["balance"])


async def opened(client: httpx.AsyncClient, balance: int = 0, currency: str = "EUR") -> Account:
    """A new account with so much in it."""
    answer = await client.post("/accounts", json={"currency": currency}, headers={"Idempotency-Key": uuid4().hex})
    assert answer.status_code == 201, answer.text
    account = Account(client, answer.json()["id"], answer.headers["Consistency-Token"])
    if balance:
        await account.moved(balance)
    return account


def somebody(house: System, *more: str) -> httpx.AsyncClient:
    """A client nobody else has: its list holds its own accounts only."""
    return house.client(f"person-{uuid4().hex[:8]}", (*EVERYDAY, *more))
