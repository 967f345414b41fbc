"""Transfers: both accounts or neither, once, whatever is asked again."""

from __future__ import annotations

from uuid import uuid4

import httpx

from chaos.system import System
from tests.acceptance.accounts import opened
from tests.acceptance.problems import refused


async def test_a_transfer_is_one_commit_over_both_accounts(
    house: System, ann: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    hers, his = await opened(ann, 500), await opened(bob)
    body = {"from": hers.id, "to": his.id, "amount": 200, "reference": "rent"}
    answer = await ann.post("/transfers", json=body)
    assert answer.status_code == 200, answer.text
    transfer, token = answer.json()["id"], answer.headers["Consistency-Token"]
    assert answer.json()["version"] == 3
    assert token == f"account-{hers.id}@3,account-{his.id}@2"
    hers.token = his.token = token
    assert ((await hers.read())["balance"], (await his.read())["balance"]) == (300, 200)
    (sent,) = (await ann.get(f"{hers.path}/statement?limit=1")).json()["lines"]
    (got,) = (await bob.get(f"{his.path}/statement?limit=1")).json()["lines"]
    assert (sent["kind"], sent["balance"], sent["otherAccount"]) == ("transfer-out", 300, his.id)
    assert (got["kind"], got["balance"], got["otherAccount"]) == ("transfer-in", 200, hers.id)
    assert {line["transferId"] for line in (sent, got)} == {transfer}
    assert {line["reference"] for line in (sent, got)} == {"rent"}
    commits = await house.sql(
        "SELECT count(*) AS events, count(DISTINCT xmin::text) AS commits FROM events WHERE data->>'transferId' = $1",
        transfer,
    )
    assert (commits[0]["events"], commits[0]["commits"]) == (2, 1)


async def test_a_repeated_transfer_moves_nothing_and_is_answered_alike(ann: httpx.AsyncClient) -> None:
    one, other = await opened(ann, 100), await opened(ann)
    key = {"Idempotency-Key": uuid4().hex}
    body = {"from": one.id, "to": other.id, "amount": 60}
    first = await ann.post("/transfers", json=body, headers=key)
    again = await ann.post("/transfers", json=body, headers=key)  # by now it would be refused
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["Consistency-Token"] == first.headers["Consistency-Token"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (await one.balance(), await other.balance()) == (40, 60)


async def test_the_same_key_with_other_fields_names_the_first_that_differs(ann: httpx.AsyncClient) -> None:
    one, other, third = [await opened(ann, 100) for _ in range(3)]
    key = {"Idempotency-Key": uuid4().hex}
    body = {"from": one.id, "to": other.id, "amount": 1}
    assert (await ann.post("/transfers", json=body, headers=key)).status_code == 200
    for change, field in (
        ({"amount": 2}, "amount"), ({"to": third.id}, "to"), ({"to": third.id, "amount": 2}, "to"),
        ({"from": third.id, "amount": 2}, "from"), ({"reference": "new"}, "reference"),
    ):  # fmt: skip
        answer = await ann.post("/transfers", json=body | change, headers=key)
        problem = refused(answer, 422, "idempotency-key-reused")
        assert problem["field"] == field
        assert field in problem["detail"]
    elsewhere = await ann.post(f"{one.path}/deposits", json={"amount": 1}, headers=key)
    assert refused(elsewhere, 422, "idempotency-key-reused")["field"] == "path"
    reordered = dict(reversed(body.items()))
    answer = await ann.post("/transfers", json=reordered, headers=key)
    assert refused(answer, 422, "idempotency-key-reused")["field"] == "body"
    assert await one.balance() == 99


async def test_a_refused_transfer_leaves_both_as_they_were(ann: httpx.AsyncClient, bob: httpx.AsyncClient) -> None:
    one, dollars, his = await opened(ann, 100), await opened(ann, 100, "USD"), await opened(bob, 2**63 - 1)
    for change, status, kind in (
        ({"amount": 101}, 422, "insufficient-funds"),
        ({"to": one.id}, 422, "same-account"),
        ({"to": dollars.id}, 422, "currency-mismatch"),
        ({"to": his.id}, 422, "balance-too-large"),
        ({"to": str(uuid4())}, 404, "account-not-found"),
        ({"from": his.id, "to": one.id}, 404, "account-not-found"),
    ):
        body = {"from": one.id, "to": his.id, "amount": 5, **change}
        refused(await ann.post("/transfers", json=body), status, kind)
    assert (await one.balance(), await dollars.balance(), await his.balance()) == (100, 100, 2**63 - 1)


async def test_if_match_speaks_of_the_paying_account(ann: httpx.AsyncClient) -> None:
    one, other = await opened(ann, 100), await opened(ann)
    body = {"from": one.id, "to": other.id, "amount": 5}
    refused(await ann.post("/transfers", json=body, headers={"If-Match": '"1"'}), 412, "precondition-failed")
    assert (await ann.post("/transfers", json=body, headers={"If-Match": '"2"'})).status_code == 200
