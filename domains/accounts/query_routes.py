"""The reads of accounts over HTTP: headers and path in, DTO out. Every read takes a Consistency-Token, and shows the
caller what is the caller's own.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, HeaderParameter, QueryParameter

from app.auth import Caller, requires
from app.problems import READ_PROBLEMS
from app.queries.answers import NOT_MODIFIED, answer_hashed, answer_versioned
from app.queries.cursors import DEFAULT_LIMIT, MAX_LIMIT
from app.queries.reader import Queries
from app.queries.table import answer_csv, wants_csv
from app.routing import get
from domains.accounts import finders
from domains.accounts.dtos import AccountDto, AccountList, Statement, StatementLine
from domains.accounts.refusals import AccountNotFound

Reads: TypeAlias = NamedDependency[Queries]
Reading: TypeAlias = Request[Caller, Any, Any]
Token: TypeAlias = Annotated[
    str | None,
    HeaderParameter(
        name="Consistency-Token", max_length=8_192, description="Show no state older than a command's answer"
    ),
]
Prefer: TypeAlias = Annotated[
    str | None, HeaderParameter(name="Prefer", max_length=256, description="`wait=<seconds>`: how long to wait for it")
]
IfNoneMatch: TypeAlias = Annotated[
    str | None, HeaderParameter(name="If-None-Match", max_length=8_192, description="304 if this is what there is")
]
Limit: TypeAlias = Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT, description="Entries on a page")]
Cursor: TypeAlias = Annotated[str | None, QueryParameter(max_length=1_024, description="From the page before")]
Lines: TypeAlias = Annotated[int, QueryParameter(ge=1, le=1_000, description="Lines on a page")]
Format: TypeAlias = Annotated[
    Literal["json", "csv"] | None, QueryParameter(description="What to answer; else as Accept says")
]

_COMMON: dict[str, Any] = {
    "guards": [requires("accounts:read")],
    "responses": {304: NOT_MODIFIED, **READ_PROBLEMS},
    "tags": ["accounts"],
    "security": [{"bearer": ["accounts:read"]}],
}
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
) -> Response[AccountList]:
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
    if not wants_csv(request, format):
        return answer_hashed(found, if_none_match)
    names = [column.encode_name for column in _COLUMNS]
    rows = [[getattr(line, column.name) for column in _COLUMNS] for line in found.lines]
    return answer_csv(request, names, rows, f"statement-{account_id}", found.cursor, if_none_match)


QUERY_ROUTES: list[HTTPRouteHandler] = [list_accounts, get_account, get_statement]
