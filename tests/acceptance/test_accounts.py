"""What accounts allow and refuse, from command to readable document, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chaos.system import System
from tests.acceptance.accounts import Account, opened, somebody
from tests.acceptance.problems import changed, refused
from tests.acceptance.test_changes import changes

LARGEST = 2**63 - 1


async def test_an_account_is_opened_and_read(ann: httpx.AsyncClient) -> None:
    own = str(uuid4())
    answer = await ann.post("/accounts", json={"id": own, "owner": "ann", "currency": "EUR"})
    assert answer.status_code == 201
    assert answer.json() == {"id": own, "version": 1}
    assert answer.headers["Location"] == f"/api/v1/accounts/{own}"
    token = changed(answer, 1)
    assert token == f"account-{own}@1"
    fresh = {"Consistency-Token": token, "Prefer": "wait=10"}
    read = await ann.get(f"/accounts/{own}", headers=fresh)
    assert read.headers["ETag"] == '"1"'
    seen = read.json()
    assert seen.pop("openedAt").endswith("Z")
    assert seen == {
        "id": own, "owner": "ann", "currency": "EUR", "balance": 0, "status": "open", "closedAt": None, "version": 1,
    }  # fmt: skip
    again = await ann.get(f"/accounts/{own}", headers={"If-None-Match": '"1"'})
    assert again.status_code == 304
    refused(await ann.post("/accounts", json={"id": own, "currency": "EUR"}), 409, "already-exists")


async def test_money_comes_and_goes(ann: httpx.AsyncClient, bob: httpx.AsyncClient) -> None:
    account = await opened(ann)
    changed(await account.post("deposits", {"amount": 500, "reference": "wages"}), 2)
    changed(await bob.post(f"{account.path}/deposits", json={"amount": 5}), 3)  # anyone may pay in
    changed(await account.post("withdrawals", {"amount": 200}, **{"If-Match": '"3"'}), 4)
    refused(await account.post("withdrawals", {"amount": 1}, **{"If-Match": '"3"'}), 412, "precondition-failed")
    problem = refused(await account.post("withdrawals", {"amount": 306}), 422, "insufficient-funds")
    assert (problem["balance"], problem["asked"]) == (305, 306)
    seen = await account.read()
    assert (seen["balance"], seen["version"]) == (305, 4)


async def test_64_bits_go_through_whole(ann: httpx.AsyncClient) -> None:
    account = await opened(ann, LARGEST)
    assert (await account.read())["balance"] == LARGEST
    lines = (await ann.get(f"{account.path}/statement", headers=account.fresh)).json()["lines"]
    assert (lines[0]["amount"], lines[0]["balance"]) == (LARGEST, LARGEST)
    assert await account.balance() == LARGEST
    refused(await account.post("deposits", {"amount": 1}), 422, "balance-too-large")


@pytest.mark.parametrize(
    "body",
    [
        {"amount": "5"}, {"amount": 5.5}, {"amount": 5.0}, {"amount": True}, {"amount": None}, {"amount": 0},
        {"amount": -5}, {"amount": LARGEST + 1}, {"amount": 10**30}, {}, {"amount": 5, "currency": "EUR"},
        {"amount": 5, "reference": ""}, {"amount": 5, "reference": "x" * 201},
        {"amount": 5, "occurredAt": "2023-05-28"}, {"amount": 5, "occurredAt": "2023-05-28T12:00:00"},
        {"amount": 5, "occurredAt": 1_700_000_000},
    ],
    ids=str,
)  # fmt: skip
async def test_what_is_no_movement_of_money_is_refused(ann: httpx.AsyncClient, body: dict[str, Any]) -> None:
    nowhere = uuid4()  # no account is needed to see that
    for path in (f"/accounts/{nowhere}/deposits", f"/accounts/{nowhere}/withdrawals"):
        refused(await ann.post(path, json=body), 422, "invalid-request")
    transfer = {"from": str(nowhere), "to": str(uuid4()), **body}
    refused(await ann.post("/transfers", json=transfer), 422, "invalid-request")


async def test_an_earlier_day_needs_a_scope_and_a_later_one_is_refused(house: System, ann: httpx.AsyncClient) -> None:
    account = await opened(ann)
    early = {"amount": 5, "occurredAt": "2023-05-28T12:00:00+02:00"}
    problem = refused(await account.post("deposits", early), 403, "missing-scope")
    assert problem["scope"] == "import"
    async with house.client("ann", ["accounts:write", "import"]) as importer:
        assert (await importer.post(f"{account.path}/deposits", json=early)).status_code == 200
        for moment in ((datetime.now(UTC) + timedelta(hours=1)).isoformat(), "0001-01-01T00:00:00+14:00"):
            answer = await importer.post(f"{account.path}/deposits", json={"amount": 5, "occurredAt": moment})
            refused(answer, 422, "bad-moment")


async def test_accounts_are_their_owners_alone(house: System, ann: httpx.AsyncClient, bob: httpx.AsyncClient) -> None:
    """To everybody else an account is as if it were not there, to the word; an administrator is somebody else."""
    account, his = await opened(ann, 100), await opened(bob, 100)
    nothing = str(uuid4())

    async def told(client: httpx.AsyncClient, identifier: str) -> list[tuple[int, Any]]:
        path, to = f"/accounts/{identifier}", his.id
        answers = [
            *[await client.get(f"{path}{what}") for what in ("", "/statement", "/statement?format=csv", "/events")],
            await client.get(f"{path}/balance?as_of=2100-01-01"),
            await client.post(f"{path}/withdrawals", json={"amount": 1}),
            await client.post("/transfers", json={"from": identifier, "to": to, "amount": 1}),
            await client.post(f"{path}/close"),
            await client.post(f"{path}/close", json={"payoutTo": to}),
        ]
        return [(answer.status_code, answer.text.replace(identifier, "it")) for answer in answers]

    await account.read()  # it is readable by now
    async with house.client("root", ["admin"]) as admin:
        for client in (bob, admin):
            seen = await told(client, account.id)
            assert {status for status, _ in seen} == {404}
            assert seen == await told(client, nothing)
    assert await account.balance() == 100
    refused(await bob.post("/accounts", json={"currency": "EUR", "owner": "ann"}), 403, "not-you")


async def test_changes_of_an_account_are_told_to_its_owner_alone(
    house: System, ann: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    """Live, and also to those who come back with an id of before."""
    account = await opened(ann, 5)
    async with house.client("root", ["admin"]) as admin:
        for person, hears in ((ann, True), (bob, False), (admin, False)):
            async with changes(person) as told:
                _, _, last = await anext(told)
                post = await moved_and_posted(account, ann)
                assert (f"account-{account.id}" in await heard_until(told, post)) == hears
            async with changes(person, last) as told:
                assert (f"account-{account.id}" in await heard_until(told, post)) == hears


async def moved_and_posted(account: Account, client: httpx.AsyncClient) -> str:
    """The account has changed, for readers too; and then a post was written, whose stream it is."""
    await account.moved(7)
    await account.read()
    return f"post-{(await client.post('/posts', json={'message': 'everybody may hear'})).json()['id']}"


async def heard_until(told: AsyncIterator[tuple[str, dict[str, object], str]], last: str) -> set[object]:
    """Whose changes were told, up to this stream's."""
    streams: set[object] = set()
    async for _, data, _ in told:
        streams.add(data.get("stream"))
        if last in streams:
            break
    return streams


async def test_a_closed_account_refuses_everything_and_can_be_read(
    ann: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    account, his, empty = await opened(ann, 70), await opened(bob), await opened(ann)
    problem = refused(await account.post("close", {}), 422, "balance-not-zero")
    assert problem["balance"] == 70
    refused(await account.post("close", {"payoutTo": account.id}), 422, "same-account")
    answer = await account.post("close", {"payoutTo": his.id})
    assert answer.json() == {"id": account.id, "version": 4}
    assert answer.headers["Consistency-Token"] == f"account-{account.id}@4,account-{his.id}@2"
    seen = await account.read()
    assert (seen["balance"], seen["status"], seen["closedAt"] is not None) == (0, "closed", True)
    assert await his.balance() == 70
    for answer in (
        await account.post("deposits", {"amount": 1}),
        await account.post("withdrawals", {"amount": 1}),
        await account.post("close", {}),
        await account.post("close", {"payoutTo": his.id}),
        await bob.post("/transfers", json={"from": his.id, "to": account.id, "amount": 1}),
        await ann.post("/transfers", json={"from": account.id, "to": his.id, "amount": 1}),
    ):
        refused(answer, 422, "account-closed")
    assert (await ann.post(f"{empty.path}/close")).status_code == 200  # no body at all


async def test_my_accounts_are_listed_newest_first(house: System) -> None:
    async with somebody(house) as me, somebody(house) as other:
        mine = [await opened(me, number) for number in range(5)]
        await opened(other)
        for each in mine:
            await each.read()
        seen: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            page = (await me.get(f"/accounts?limit=2{cursor and f'&cursor={cursor}'}")).json()
            seen += [account["id"] for account in page["accounts"]]
            cursor = page["cursor"]
        assert seen == [account.id for account in reversed(mine)]


@pytest.mark.parametrize("currency", ["eur", "EURO", "XXQ", "", "978", None])
async def test_a_currency_is_one_of_iso_4217(ann: httpx.AsyncClient, currency: str | None) -> None:
    answer = await ann.post("/accounts", json={"currency": currency})
    assert answer.status_code == 422
