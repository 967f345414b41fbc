"""What people do with accounts: they open them, pay in, take out, send each other money, and look at what they have.

Amounts are often more than there is, so that refusals race with what would be allowed. A few accounts are hot.
"""

from __future__ import annotations

import random
from typing import Any

from chaos.asking import Command, Person, Told

CURRENCY, LARGEST = "EUR", 900
READ_SHARE = 0.3


class Accounts:
    """All that the clients of one run know of accounts."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._accounts: list[tuple[str, str]] = []
        self._versions: dict[str, int] = {}

    async def one(self, person: Person) -> Told:
        """One command or read by this person, or by the owner of what they chose."""
        if self._accounts and self._chance.random() < READ_SHARE:
            return await self._read(person)
        command = self.next(person.name)
        told = await person.command(command)
        if told.ok:
            for stream, version in told.row.versions.items():
                self._versions[stream] = max(version, self._versions.get(stream, 0))
            if command.f == "open-account":
                (stream,) = told.row.versions
                self._accounts.append((stream.partition("-")[2], command.principal))
        return told

    def next(self, person: str) -> Command:
        roll = self._chance.random()
        if len(self._accounts) < 2 or roll < 0.1:
            return _command("open-account", person, "/accounts", "", {"currency": CURRENCY})
        (source, owner), (target, _) = self._hot(), self._hot()
        amount = self._chance.randrange(1, LARGEST)
        if roll < 0.4:
            return _command("deposit", person, f"/accounts/{target}/deposits", target, {"amount": amount})
        if roll < 0.55:
            return _command("withdraw", owner, f"/accounts/{source}/withdrawals", source, {"amount": amount})
        while target == source:
            target, _ = self._accounts[self._chance.randrange(len(self._accounts))]
        body = {"from": source, "to": target, "amount": amount}
        return _command("transfer", owner, "/transfers", source, body)

    async def _read(self, person: Person) -> Told:
        account, owner = self._hot()
        stream = f"account-{account}"
        token = self._versions.get(stream) if self._chance.random() < 0.7 else None
        return await person.read(f"/accounts/{account}", stream, token, by=owner)

    def _hot(self) -> tuple[str, str]:
        rank = int(len(self._accounts) ** self._chance.random())
        return self._accounts[-rank]


def _command(f: str, person: str, path: str, account: str, body: dict[str, Any] | None) -> Command:
    stream = f"account-{account}" if account else ""
    args = {name: value for name, value in (body or {}).items() if name in ("amount", "currency")}
    return Command(f=f, principal=person, method="POST", path=path, body=body, stream=stream, args=args)
