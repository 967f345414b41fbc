"""An account's audit trail, and balances as of a time: for one account, and for all of its owner's."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, TypeAlias, cast
from uuid import UUID

import msgspec
from litestar import Request
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from app.auth import Caller, requires
from app.history.answers import AuditEntry
from app.history.claimed import Claimed
from app.history.moments import moment
from app.history.reader import HistoryReader, Until
from app.problems import READ_PROBLEMS
from app.routing import get
from domains.accounts.account import ACCOUNT, owned_by
from domains.accounts.events import AccountEvent, AccountOpened
from domains.accounts.refusals import AccountNotFound
from domains.accounts.then import Then, counted

READ: dict[str, Any] = {
    "guards": [requires("accounts:read")],
    "responses": READ_PROBLEMS,
    "tags": ["accounts"],
    "security": [{"bearer": ["accounts:read"]}],
}
Reading: TypeAlias = Request[Caller, Any, Any]
AsOf: TypeAlias = Annotated[
    str | None, QueryParameter(name="as_of", description="Count what had happened by then; a date means its end in UTC")
]
AsKnownAt: TypeAlias = Annotated[
    str | None, QueryParameter(name="as_known_at", description="Count what had been recorded by then")
]


class AuditTrail(msgspec.Struct, rename="camel"):
    """Events in order. `next` is the `after` of the next page, null on the last."""

    account_id: str
    version: int
    events: list[AuditEntry]
    next: int | None


class BalanceThen(msgspec.Struct, rename="camel"):
    """What the entries that count add up to; `version` is the latest event that counts."""

    account_id: str
    currency: str
    balance: int
    status: str
    version: int
    as_of: datetime | None
    as_known_at: datetime | None


class BalancesThen(msgspec.Struct, rename="camel"):
    """The caller's accounts that there were then, by id. `next` is the `after` of the next page, null on the last."""

    accounts: list[BalanceThen]
    next: str | None


@get("/accounts/{account_id:uuid}/events", summary="An account's audit trail; its owner only", **READ)
async def account_events(
    request: Reading,
    history: NamedDependency[HistoryReader],
    account_id: FromPath[UUID],
    after: Annotated[int, QueryParameter(ge=0, lt=2**62, description="Only versions above this")] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> AuditTrail:
    stream = ACCOUNT.stream(account_id)
    await _opened(history, request, account_id)
    version = await history.version(stream)
    page = await history.page(stream, after, limit)
    entries = [AuditEntry.of(one) for one in page]
    more = bool(page) and page[-1].version < version
    return AuditTrail(str(account_id), version, entries, page[-1].version if more else None)


@get("/accounts/{account_id:uuid}/balance", summary="An account's balance as of a time; its owner only", **READ)
async def account_balance(
    request: Reading,
    history: NamedDependency[HistoryReader],
    account_id: FromPath[UUID],
    as_of: AsOf = None,
    as_known_at: AsKnownAt = None,
) -> BalanceThen:
    until = _until(as_of, as_known_at)
    opened = await _opened(history, request, account_id)
    then = await _then(history, account_id, until)
    if not then.version:
        raise AccountNotFound(account_id)
    return _shown(account_id, opened, then, until)


@get("/accounts/balances", summary="My accounts' balances as of a time", **READ)
async def account_balances(
    request: Reading,
    history: NamedDependency[HistoryReader],
    claimed: NamedDependency[Claimed],
    as_of: AsOf = None,
    as_known_at: AsKnownAt = None,
    after: Annotated[UUID | None, QueryParameter(description="Only ids above this")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 20,
) -> BalancesThen:
    until = _until(as_of, as_known_at)
    owned = await claimed.values(owned_by(request.user.subject), str(after or ""), limit + 1)
    accounts = []
    for each in owned[:limit]:  # one by one: a reader's list must not take every connection there is
        account_id = UUID(each)
        then = await _then(history, account_id, until)
        if then.version:
            accounts.append(_shown(account_id, await _opened(history, request, account_id), then, until))
    return BalancesThen(accounts, owned[limit - 1] if len(owned) > limit else None)


HISTORY_ROUTES = [account_events, account_balance, account_balances]


async def _opened(history: HistoryReader, request: Reading, account_id: UUID) -> AccountOpened:
    """How the caller's own account began. Raises AccountNotFound, also for another's."""
    first = await history.page(ACCOUNT.stream(account_id), 0, 1)
    if not first or not isinstance(first[0].event, AccountOpened) or first[0].event.owner != request.user.subject:
        raise AccountNotFound(account_id)
    return first[0].event


async def _then(history: HistoryReader, account_id: UUID, until: Until) -> Then:
    then = Then()
    async for one in history.all(ACCOUNT.stream(account_id), until):
        then = counted(then, one.version, cast(AccountEvent, one.event))
    return then


def _until(as_of: str | None, as_known_at: str | None) -> Until:
    return Until(None, moment("as_of", as_of), moment("as_known_at", as_known_at))


def _shown(account_id: UUID, opened: AccountOpened, then: Then, until: Until) -> BalanceThen:
    return BalanceThen(
        str(account_id), opened.currency, then.balance, then.status, then.version, until.as_of, until.as_known_at
    )
