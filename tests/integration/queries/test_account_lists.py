"""Lists of accounts and lines: walked along an index, a page at a time, and money of 64 bits is plain integers."""

from __future__ import annotations

import msgspec

from domains.accounts import finders
from domains.accounts.views import ACCOUNTS
from tests.integration.queries.conftest import Served
from tests.integration.queries.test_plans import Explained
from tests.integration.queries.world import World

LARGE = 2**62


async def test_accounts_and_statements_read_no_more_than_their_page(world: World, served: Served) -> None:
    for collection, indexes in ACCOUNTS.collections.items():
        for index in indexes:
            world.database[collection].create_index(list(index.keys))
    world.database["accounts"].insert_many(
        {"_id": f"account-{n}", "version": 4_000, "accountId": f"{n}", "owner": f"owner {n % 4}", "currency": "EUR",
         "balance": LARGE, "status": "open", "openedAt": f"2026-01-01T{n:06}"}
        for n in range(2_000)
    )  # fmt: skip
    world.database["account_entries"].insert_many(
        {"_id": f"account-{n % 4}/{n}", "accountId": f"{n % 4}", "entryVersion": n, "kind": "deposit", "amount": LARGE,
         "balance": LARGE, "occurredAt": "o", "bookedAt": "b", "reference": None, "by": "ann"}
        for n in range(4_004)
    )  # fmt: skip
    documents = Explained(served, world)
    try:
        await read_on(documents)
    finally:
        await documents.close()
    for plan in documents.plans:
        assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])
        assert "'SORT'" not in str(plan["queryPlanner"]["winningPlan"])
        assert plan["executionStats"]["totalDocsExamined"] <= 22
        assert plan["executionStats"]["totalKeysExamined"] <= 25


async def read_on(documents: Explained) -> None:
    """Three pages of each list hold what they should, in order."""
    seen: dict[str, list[str]] = {"accounts": [], "lines": []}
    cursors: dict[str, str | None] = {"accounts": None, "lines": None}
    for _ in range(3):
        listed = await finders.find_accounts(documents, "owner 1", 20, cursors["accounts"])
        stated = await finders.find_statement(documents, "1", "owner 1", 20, cursors["lines"])
        assert stated is not None
        seen["accounts"] += [account.id for account in listed.accounts]
        seen["lines"] += [str(line.version) for line in stated.lines]
        cursors = {"accounts": listed.cursor, "lines": stated.cursor}
        for money in (listed.accounts[0].balance, stated.balance, stated.lines[0].amount, stated.lines[0].balance):
            assert type(money) is int
            assert money == LARGE
        assert msgspec.json.decode(msgspec.json.encode(stated))["balance"] == LARGE
    assert seen["accounts"] == [str(n) for n in range(1_997, 1_997 - 240, -4)]
    assert seen["lines"] == [str(n) for n in range(3_997, 3_997 - 240, -4)]  # none newer than the account itself


async def test_integers_of_64_bits_are_plain_wherever_they_stand(world: World, served: Served) -> None:
    world.database["accounts"].insert_one({"_id": "account-1", "version": LARGE, "deep": {"list": [LARGE, 1]}})
    documents = (await served.queries.current()).documents
    found = await documents.get("accounts", "account-1")
    (paged,) = await documents.page("accounts", {}, (("_id", 1),), 1)
    for document in (found, paged):
        assert document is not None
        assert {type(each) for each in (document["version"], *document["deep"]["list"])} == {int}
        assert document["version"] == LARGE
