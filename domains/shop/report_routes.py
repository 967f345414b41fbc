"""The shop's reports over HTTP, as JSON or as CSV. Staff's: they need the scope `shop:read`.

A report changes by itself, for it says how fresh it is: it has no ETag, and takes a Consistency-Token like every read.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response
from litestar.params import HeaderParameter, QueryParameter

from app.auth import requires
from app.problems import READ_PROBLEMS
from app.queries.answers import answer_passing
from app.queries.csv import Format, TableOperation, answer_csv, report_headers, wants_csv
from app.queries.parameters import Reading, Reads
from app.queries.windows import AsOf, FromDay, TimeZone, UntilDay, window
from app.routing import get
from domains.shop.reports import DailyReport, PurchasesReport, find_daily_purchases, find_purchases

Token: TypeAlias = Annotated[str | None, HeaderParameter(name="Consistency-Token", max_length=8_192)]
Prefer: TypeAlias = Annotated[str | None, HeaderParameter(name="Prefer", max_length=256)]

DEFAULT_LIMIT, MAX_LIMIT = 100, 1_000
PURCHASES_COLUMNS = (
    "orderId", "placedAt", "customerId", "name", "email", "phone", "currency", "amount", "refunded",
)  # fmt: skip
DAILY_COLUMNS = ("day", "currency", "orders", "amount", "refunded")

_COMMON: dict[str, Any] = {
    "guards": [requires("shop:read")],
    "responses": READ_PROBLEMS,
    "tags": ["reports"],
    "security": [{"bearer": ["shop:read"]}],
    "operation_class": TableOperation,
}


@get("/reports/purchases", summary="Purchases between two dates; also as CSV", **_COMMON)
async def purchases(
    request: Reading,
    queries: Reads,
    first: FromDay,
    last: UntilDay,
    tz: TimeZone = "UTC",
    as_of: AsOf = None,
    customer: Annotated[UUID | None, QueryParameter(description="Only this customer's")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT, description="Purchases on a page")] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, QueryParameter(max_length=1_024, description="From the page before")] = None,
    format: Format = None,
    consistency_token: Token = None,
    prefer: Prefer = None,
) -> Response[PurchasesReport]:
    asked = window(first, last, tz, as_of)
    await queries.freshness.wait(consistency_token, prefer)
    of = None if customer is None else str(customer)
    report = await find_purchases(queries.documents, asked, tz, of, limit, cursor)
    if not wants_csv(format, request.headers.get("accept")):
        return answer_passing(report)
    rows = (
        (
            one.order_id, one.placed_at, one.customer_id, one.name, one.email, one.phone, one.currency, one.amount,
            one.refunded,
        )
        for one in report.purchases
    )  # fmt: skip
    headers = report_headers(report.as_of, report.freshness, _following(request, report))
    return answer_csv("purchases", PURCHASES_COLUMNS, rows, headers)


@get("/reports/daily-purchases", summary="What was bought on each day; also as CSV", **_COMMON)
async def daily_purchases(
    request: Reading,
    queries: Reads,
    first: FromDay,
    last: UntilDay,
    tz: TimeZone = "UTC",
    as_of: AsOf = None,
    format: Format = None,
    consistency_token: Token = None,
    prefer: Prefer = None,
) -> Response[DailyReport]:
    asked = window(first, last, tz, as_of)
    await queries.freshness.wait(consistency_token, prefer)
    report = await find_daily_purchases(queries.documents, asked, tz)
    if not wants_csv(format, request.headers.get("accept")):
        return answer_passing(report)
    rows = ((one.day, one.currency, one.orders, one.amount, one.refunded) for one in report.days)
    return answer_csv("daily-purchases", DAILY_COLUMNS, rows, report_headers(report.as_of, report.freshness))


REPORT_ROUTES = [purchases, daily_purchases]


def _following(request: Reading, report: PurchasesReport) -> str | None:
    """The address of the next page: this one's, behind its cursor, and as of the same moment."""
    if report.cursor is None:
        return None
    asked = {name: value for name, value in request.query_params.items() if name not in ("cursor", "as_of")}
    return f"{request.url.path}?{urlencode(asked | {'as_of': report.as_of, 'cursor': report.cursor})}"
