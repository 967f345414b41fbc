"""The reads of accounts over HTTP: headers and path in, DTO out. Every read takes a Consistency-Token, and shows the
caller what is the caller's own.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias
from uuid import UUID

import msgspec
from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from app.queries.answers import answer_hashed, answer_versioned
from app.queries.csv import wants_csv
from app.queries.csv_page import answer_csv_page
from app.queries.cursors import DEFAULT_LIMIT
from app.queries.parameters import Cursor, IfNoneMatch, Limit, Prefer, Reading, Reads, Token, reads
from app.responses import Encoded
from app.routing import get
from domains.accounts import finders
from domains.accounts.dtos import AccountDto, AccountList, Statement, StatementLine
from domains.accounts.refusals import AccountNotFound

Lines: TypeAlias = Annotated[int, QueryParameter(ge=1, le=1_000, description="Lines on a page")]
Then: TypeAlias = Annotated[str | None, QueryParameter(max_length=64, description="See /accounts/balances")]
Format: TypeAlias = Annotated[
    Literal["json", "csv"] | None, QueryParameter(description="What to answer; else as Accept says")
]

_COMMON = reads("accounts")
_COLUMNS = msgspec.structs.fields(StatementLine)


@get("/accounts", summary="My accounts, newest first", **_COMMON)
async def list_accounts(
    request: Reading,
    queries: Reads,
    consistency_token: Token = None,
    prefer: Prefer = None,
    if_none_match: IfNoneMatch = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
    as_of: Then = None,
    as_known_at: Then = None,
) -> Response[AccountList]:
    """Asked of another time than now (`as_of`, `as_known_at`) it answers 307: /accounts/balances knows that."""
    if as_of is not None or as_known_at is not None:
        return Encoded(b"", {"Location": f"/api/v1/accounts/balances?{request.url.query}"}, 307)
    await queries.freshness.wait(consistency_token, prefer)
    found = await finders.find_accounts(queries.documents, request.user.subject, limit, cursor)
    return answer_hashed(found, if_none_match)


@get("/accounts/{account_id:uuid}", summary="An account; its owner only", **_COMMON)
async def get_account(
    request: Reading,
    account_id: FromPath[UUID],
    queries: Reads,
    consistency_token: Token = None,
    prefer: Prefer = None,
    if_none_match: IfNoneMatch = None,
) -> Response[AccountDto]:
    await queries.freshness.wait(consistency_token, prefer)
    found = await finders.find_account(queries.documents, str(account_id), request.user.subject)
    if found is None:
        raise AccountNotFound(account_id)
    return answer_versioned(found, f"account-{account_id}", found.version, if_none_match)


@get("/accounts/{account_id:uuid}/statement", summary="An account's statement, newest first; its owner only", **_COMMON)
async def get_statement(
    request: Reading,
    account_id: FromPath[UUID],
    queries: Reads,
    consistency_token: Token = None,
    prefer: Prefer = None,
    if_none_match: IfNoneMatch = None,
    limit: Lines = DEFAULT_LIMIT,
    cursor: Cursor = None,
    format: Format = None,
) -> Response[Statement]:
    """As CSV (`format=csv`, or `Accept: text/csv`) a file with a header; the next page is then in the header Link."""
    await queries.freshness.wait(consistency_token, prefer)
    found = await finders.find_statement(queries.documents, str(account_id), request.user.subject, limit, cursor)
    if found is None:
        raise AccountNotFound(account_id)
    if not wants_csv(format, request.headers.get("accept")):
        return answer_hashed(found, if_none_match)
    names = [column.encode_name for column in _COLUMNS]
    rows = [[getattr(line, column.name) for column in _COLUMNS] for line in found.lines]
    return answer_csv_page(request, names, rows, f"statement-{account_id}", found.cursor, if_none_match)


QUERY_ROUTES: list[HTTPRouteHandler] = [list_accounts, get_account, get_statement]
