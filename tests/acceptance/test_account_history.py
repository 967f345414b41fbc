"""Accounts as they were: as of a time, as known at a time, for one and for the list; statements and audit trail."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx

from chaos.system import System
from tests.acceptance.accounts import Account, opened, somebody
from tests.acceptance.problems import refused

GOLDEN = ((+500, "2023-05-01"), (-200, "2023-05-10"), (-100, "2023-05-20"), (+100, "2023-05-28"))


async def of_the_article(client: httpx.AsyncClient) -> Account:
    """Opened; +500, −200, −100, +100 by 2023-05-28; and much that followed."""
    account = await opened(client)
    for change, day in GOLDEN:
        await account.moved(change, occurredAt=f"{day}T12:00:00Z")
    await account.moved(+1_000, occurredAt="2023-05-29T00:00:00Z")
    await account.moved(-250, occurredAt="2024-01-01T00:00:00Z")
    await account.moved(+7)
    return account


async def test_the_balance_of_the_article_is_300_on_2023_05_28(house: System) -> None:
    async with somebody(house, "import") as client:
        account = await of_the_article(client)
        assert await account.balance("?as_of=2023-05-28") == 300
        assert await account.balance("?as_of=2023-05-28T11:59:59.999999Z") == 200
        assert await account.balance("?as_of=2023-05-28T14:00:00%2B02:00") == 300
        assert await account.balance("?as_of=2023-05-27") == 200
        assert await account.balance("?as_of=2023-05-29") == 1_300
        assert await account.balance() == 1_057
        refused(await client.get(f"{account.path}/balance?as_of=2023-04-30"), 404, "account-not-found")
        refused(await client.get(f"{account.path}/balance?as_of=yesterday"), 422, "bad-moment")


async def test_the_list_as_of_a_time(house: System) -> None:
    async with somebody(house, "import") as client, somebody(house) as other:
        accounts = [await of_the_article(client) for _ in range(3)]
        later = await opened(client, 5)
        await opened(other, 9)
        seen: dict[str, Any] = {}
        question, pages = "?as_of=2023-05-28&limit=2", 0
        while question:
            page = (await client.get(f"/accounts/balances{question}")).json()
            seen |= {each["accountId"]: each["balance"] for each in page["accounts"]}
            question = page["next"] and f"?as_of=2023-05-28&limit=2&after={page['next']}"
            pages += 1
        assert seen == {account.id: 300 for account in accounts}
        assert later.id not in seen  # it was not there then
        assert pages == 2
        now = (await client.get("/accounts/balances")).json()["accounts"]
        assert {each["balance"] for each in now} == {1_057, 5}
        asked = await client.get("/accounts?as_of=2023-05-28")  # where one would look for it first
        assert asked.status_code == 307
        assert asked.headers["Location"] == "/api/v1/accounts/balances?as_of=2023-05-28"


async def test_as_known_at_differs_when_a_late_entry_is_recorded(house: System) -> None:
    async with somebody(house, "import") as client:
        account = await of_the_article(client)
        known = (await client.get(f"{account.path}/events")).json()["events"][-1]["recordedAt"]
        await account.moved(+40, occurredAt="2023-05-02T00:00:00Z", reference="forgotten")
        then = f"&as_known_at={quote(known)}"
        assert await account.balance("?as_of=2023-05-28") == 340
        assert await account.balance(f"?as_of=2023-05-28{then}") == 300
        assert await account.balance(f"?{then[1:]}") == 1_057
        assert await account.balance() == 1_097
        for question, balance in ((f"?as_of=2023-05-28{then}", 300), ("?as_of=2023-05-28", 340)):
            (found,) = (await client.get(f"/accounts/balances{question}")).json()["accounts"]
            assert found["balance"] == balance
        newest = (await client.get(f"{account.path}/statement?limit=1", headers=account.fresh)).json()["lines"][0]
        assert newest["occurredAt"] == "2023-05-02T00:00:00.000000Z"  # it stands where it was recorded
        assert newest["bookedAt"] > known[:10]
        assert newest["balance"] == 1_097


async def test_a_statement_is_paged_and_its_balance_runs(ann: httpx.AsyncClient) -> None:
    account = await opened(ann)
    for number in range(1, 8):
        await account.moved(number if number % 3 else -number)
    lines: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        question = f"?limit=3{cursor and f'&cursor={cursor}'}"
        page = (await ann.get(f"{account.path}/statement{question}", headers=account.fresh)).json()
        lines += page["lines"]
        cursor = page["cursor"]
    assert [line["version"] for line in lines] == list(range(8, 1, -1))
    balance = 0
    for line in reversed(lines):
        balance += line["amount"] if line["kind"] == "deposit" else -line["amount"]
        assert line["balance"] == balance
    assert page["balance"] == balance
    refused(await ann.get(f"{account.path}/statement?cursor=abc"), 400, "bad-cursor")


async def test_a_statement_as_csv_says_the_same_and_runs_nothing(ann: httpx.AsyncClient) -> None:
    account = await opened(ann)
    texts = ["=HYPERLINK(1)", "+49 30", "-x", "@home", 'a "quoted", b', "ü 𝄞"]
    for number, text in enumerate(texts):
        await account.moved(10 + number, reference=text)
    said = (await ann.get(f"{account.path}/statement?limit=4", headers=account.fresh)).json()
    for ask in ({"params": {"format": "csv", "limit": 4}}, {"params": {"limit": 4}, "headers": {"Accept": "text/csv"}}):
        answer = await ann.get(f"{account.path}/statement", **ask)
        assert answer.headers["content-type"].startswith("text/csv; charset=utf-8")
        rows = list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))
        assert [row["amount"] for row in rows] == [str(line["amount"]) for line in said["lines"]]
        assert [row["balance"] for row in rows] == [str(line["balance"]) for line in said["lines"]]
        assert [row["reference"].removeprefix("'") for row in rows] == [line["reference"] for line in said["lines"]]
        assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]
        assert rows[-1]["reference"] == "'-x"
    link = answer.headers["Link"]
    following = link[link.index("<") + 1 : link.index(">")].removeprefix("/api/v1")
    rest = await ann.get(following, headers={"Accept": "text/csv"})
    assert [row["reference"] for row in csv.DictReader(io.StringIO(rest.text))] == ["'+49 30", "'=HYPERLINK(1)"]
    assert "Link" not in rest.headers
    assert (
        await ann.get(following, headers={"Accept": "text/csv", "If-None-Match": rest.headers["ETag"]})
    ).status_code == 304


async def test_the_audit_trail_names_everything(ann: httpx.AsyncClient, bob: httpx.AsyncClient) -> None:
    account, correlation = await opened(ann), str(uuid4())
    deposit = {"amount": 5, "reference": "thanks"}
    await bob.post(f"{account.path}/deposits", json=deposit, headers={"X-Correlation-Id": correlation})
    trail = (await ann.get(f"{account.path}/events")).json()
    assert (trail["accountId"], trail["version"], trail["next"]) == (account.id, 2, None)
    first, second = trail["events"]
    assert [first["type"], second["type"]] == ["AccountOpened", "MoneyDeposited"]
    assert [first["principal"], second["principal"]] == ["ann", "bob"]
    assert second["correlationId"] == correlation
    assert second["data"] | deposit | {"by": "bob"} == second["data"]
    for moment in (second["occurredAt"], second["recordedAt"]):
        assert abs((datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()) < 120
    assert (await ann.get(f"{account.path}/events?limit=1")).json()["next"] == 1
