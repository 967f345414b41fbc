"""Finders of accounts and statements: what the documents of views.py answer, as DTOs. No driver, no HTTP.

What is another's is not found. An account is read before its lines, and lines newer than it are left out, so the newest
line's balance is the balance shown. Every list is a bounded page, newest first, walked along one of views.py's indexes.
"""

from __future__ import annotations

from typing import Any

import msgspec

from app.queries.cursors import format_cursor, parse_cursor
from app.queries.documents import Documents
from app.queries.mongo import Document
from domains.accounts.dtos import AccountDto, AccountList, Statement, StatementLine


class AccountPosition(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Sort key of a person's accounts."""

    opened_at: str
    stream: str


class LinePosition(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Sort key of a statement's lines: the account's version that each came with."""

    version: int


async def find_account(documents: Documents, account_id: str, reader: str) -> AccountDto | None:
    """The reader's own account, or None."""
    account = await documents.get("accounts", f"account-{account_id}")
    return None if account is None or account["owner"] != reader else _account_dto(account)


async def find_accounts(documents: Documents, owner: str, limit: int, cursor: str | None) -> AccountList:
    """A page of this person's accounts, the closed ones too."""
    name, where = f"accounts/{owner}", _owned(owner)
    if cursor is not None:
        behind = parse_cursor(name, cursor, AccountPosition)
        where["openedAt"] = {"$lte": behind.opened_at}
        where["$or"] = [{"openedAt": {"$lt": behind.opened_at}}, {"_id": {"$lt": behind.stream}}]
    found = await documents.page("accounts", where, (("openedAt", -1), ("_id", -1)), limit + 1)
    shown = found[:limit]
    following = None
    if len(found) > limit:
        following = format_cursor(name, AccountPosition(shown[-1]["openedAt"], shown[-1]["_id"]))
    return AccountList(accounts=[_account_dto(account) for account in shown], cursor=following)


async def find_statement(
    documents: Documents, account_id: str, reader: str, limit: int, cursor: str | None
) -> Statement | None:
    """A page of the statement of the reader's own account, or None."""
    name = f"accounts/{account_id}/statement"
    behind = None if cursor is None else parse_cursor(name, cursor, LinePosition)
    account = await find_account(documents, account_id, reader)
    if account is None:
        return None
    newest = account.version if behind is None else min(account.version, behind.version - 1)
    where: dict[str, Any] = {"accountId": account_id, "entryVersion": {"$lte": newest}}
    found = await documents.page("account_entries", where, (("entryVersion", -1),), limit + 1)
    shown = found[:limit]
    following = format_cursor(name, LinePosition(shown[-1]["entryVersion"])) if len(found) > limit else None
    return Statement(
        account_id=account_id,
        currency=account.currency,
        balance=account.balance,
        version=account.version,
        lines=[_line(entry) for entry in shown],
        cursor=following,
    )


def _owned(owner: str) -> dict[str, Any]:
    return {"owner": {"$eq": owner}}


def _account_dto(account: Document) -> AccountDto:
    return AccountDto(
        id=account["accountId"],
        owner=account["owner"],
        currency=account["currency"],
        balance=account["balance"],
        status=account["status"],
        opened_at=account["openedAt"],
        closed_at=account.get("closedAt"),
        version=account["version"],
    )


def _line(entry: Document) -> StatementLine:
    return StatementLine(
        version=entry["entryVersion"],
        kind=entry["kind"],
        amount=entry["amount"],
        balance=entry["balance"],
        occurred_at=entry["occurredAt"],
        booked_at=entry["bookedAt"],
        reference=entry["reference"],
        by=entry.get("by"),
        transfer_id=entry.get("transferId"),
        other_account=entry.get("otherAccount"),
    )
