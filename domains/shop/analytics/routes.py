"""The analytics over HTTP, as JSON or as CSV: `GET /analytics/<question>`. Staff's: they need the scope `shop:read`.

An answer changes by itself, for it says how fresh it is: it has no ETag, and takes a Consistency-Token like every read.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import HeaderParameter, QueryParameter

from app.auth import requires
from app.problems import READ_PROBLEMS
from app.queries.csv import Format, TableOperation, answer_csv, report_headers, wants_csv
from app.queries.parameters import Reading, Reads
from app.queries.windows import AsOf, TimeZone, window
from app.responses import Encoded
from app.routing import get
from domains.shop.analytics import answers
from domains.shop.analytics.answers import ROWS, Answer, answer
from domains.shop.analytics.asked import Asked, DefaultDays, days_asked, last_months, last_quarter

Token: TypeAlias = Annotated[str | None, HeaderParameter(name="Consistency-Token", max_length=8_192)]
Prefer: TypeAlias = Annotated[str | None, HeaderParameter(name="Prefer", max_length=256)]
FirstDay: TypeAlias = Annotated[date | None, QueryParameter(name="from", description="First day of the window")]
LastDay: TypeAlias = Annotated[date | None, QueryParameter(name="until", description="The day behind its last one")]
Currency: TypeAlias = Annotated[
    str | None, QueryParameter(pattern="^[A-Z]{3}$", description="Only orders in this one; else a row for each")
]

_COMMON: dict[str, Any] = {
    "guards": [requires("shop:read")],
    "responses": READ_PROBLEMS,
    "tags": ["analytics"],
    "security": [{"bearer": ["shop:read"]}],
    "operation_class": TableOperation,
}
_YEAR = last_months(12)
_ANY = date(2000, 1, 1)


@get(
    "/analytics/sales-by-month", summary="Sales of each month by segment, of the last twelve months; also as CSV",
    **_COMMON,
)  # fmt: skip
async def sales_by_month(
    request: Reading,
    queries: Reads,
    first: FirstDay = None,
    last: LastDay = None,
    tz: TimeZone = "UTC",
    as_of: AsOf = None,
    currency: Currency = None,
    segment: Annotated[
        Literal["order", "current"],
        QueryParameter(description="The segment when it was ordered, or the customer's now"),
    ] = "order",
    restated: Annotated[bool, QueryParameter(description="Refunds in the month of the sale, not their own")] = False,
    format: Format = None,
    consistency_token: Token = None,
    prefer: Prefer = None,
) -> Response[answers.SalesByMonth]:
    asked = _asked(first, last, tz, as_of, currency, _YEAR)
    await queries.freshness.wait(consistency_token, prefer)
    found = await answer(
        answers.SalesByMonth, queries.documents, asked, tz, current=segment == "current", restated=restated
    )
    return _response(request, found, "sales-by-month", format)


def _route(name: str, summary: str, kind: type[Answer], default: DefaultDays) -> HTTPRouteHandler:
    """The route of a question that takes no more than all of them do."""

    async def ask(
        request: Reading,
        queries: Reads,
        first: FirstDay = None,
        last: LastDay = None,
        tz: TimeZone = "UTC",
        as_of: AsOf = None,
        currency: Currency = None,
        format: Format = None,
        consistency_token: Token = None,
        prefer: Prefer = None,
    ) -> Response[Any]:
        asked = _asked(first, last, tz, as_of, currency, default)
        await queries.freshness.wait(consistency_token, prefer)
        is_admin = "admin" in request.user.scopes
        return _response(request, await answer(kind, queries.documents, asked, tz, is_admin=is_admin), name, format)

    ask.__name__ = name.replace("-", "_")
    ask.__annotations__["return"] = Response[kind]  # type: ignore[valid-type]
    return get(f"/analytics/{name}", summary=f"{summary}; also as CSV", **_COMMON)(ask)


ANALYTICS_ROUTES: list[HTTPRouteHandler] = [
    sales_by_month,
    _route("segments", "Which segments buy most, and most often, in the last twelve months", answers.Segments, _YEAR),
    _route("top-products", "Five best products by orders and by revenue, last quarter", answers.TopProducts,
           last_quarter),
    _route("repeat-customers", "How many buyers bought again within six months", answers.RepeatCustomers,
           last_months(6)),
    _route("fulfilment-time", "From order to delivery by segment", answers.FulfilmentTime, _YEAR),
    _route("promotion-effect", "Orders before, during and after the last promotion", answers.PromotionEffect,
           last_months(120)),
    _route("revenue-by-region", "Revenue by region, age and gender", answers.RevenueByRegion, _YEAR),
]  # fmt: skip


def _asked(
    first: date | None, last: date | None, tz: str, as_of: str | None, currency: str | None, default: DefaultDays
) -> Asked:
    """Raises Problem 422 for a window, a zone or a moment that cannot be."""
    now = datetime.now(UTC)
    named = window(_ANY, _ANY, tz, as_of)
    at = named.as_of or now
    begin, end = days_asked(first, last, at.astimezone(named.zone).date(), default)
    window(begin, end, tz, as_of)
    return Asked(first=begin, until=end, zone=named.zone, currency=currency, now=at, as_of=named.as_of)


def _response(request: Reading, found: Answer, name: str, format: str | None) -> Response[Any]:
    if not wants_csv(format, request.headers.get("accept")):
        headers = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Accept"}
        return Encoded(msgspec.json.encode(found), headers)
    columns = ROWS[type(found)].__struct_encode_fields__
    rows = ([_cell(value) for value in msgspec.to_builtins(row).values()] for row in found.rows)  # type: ignore[attr-defined]
    return answer_csv(name, columns, rows, report_headers(found.as_of, found.freshness))


def _cell(value: Any) -> Any:
    """As JSON says it: a table has no booleans of its own."""
    return str(value).lower() if isinstance(value, bool) else value
