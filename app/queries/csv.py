"""Tables as CSV (RFC 4180), safe to open in a spreadsheet; and whether a reader wants one.

A text that begins like a formula is led by an apostrophe, so no spreadsheet computes what somebody wrote as a name.
Numbers are numbers. Numbers beyond the table, like how fresh it is, travel in headers.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

from litestar import Response
from litestar.openapi.spec import OpenAPIHeader, OpenAPIMediaType, OpenAPIResponse, OpenAPIType, Operation, Schema
from litestar.params import QueryParameter

from app.queries.progress import Progress
from app.responses import Encoded

MEDIA_TYPE = "text/csv"
FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n")

Format: TypeAlias = Annotated[
    Literal["json", "csv"] | None, QueryParameter(name="format", description="Rather than by the header Accept")
]


@dataclass
class TableOperation(Operation):
    """What OpenAPI says of a read that also answers a table: its media type, and the headers that go with it."""

    def __post_init__(self) -> None:
        response = (self.responses or {}).get("200")
        if isinstance(response, OpenAPIResponse):
            text = Schema(type=OpenAPIType.STRING)
            response.content = {**(response.content or {}), MEDIA_TYPE: OpenAPIMediaType(schema=text)}
            response.headers = {
                name: OpenAPIHeader(schema=text, description=f"Of a table: {said}")
                for name, said in (
                    ("Data-As-Of", "as of when it stands"),
                    ("Data-Complete-Until", "until when all that was published is in it"),
                    ("Data-Parked-Streams", "how many streams are missing from it"),
                    ("Link", "its next page, `rel=next`"),
                )
            }


def wants_csv(chosen: str | None, accept: str | None) -> bool:
    """As the parameter `format` says; without it, whether Accept prefers CSV to JSON."""
    if chosen is not None:
        return chosen == "csv"
    return accept is not None and _quality(accept, MEDIA_TYPE) > _quality(accept, "application/json")


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table with a line of headings; None is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return text.getvalue()


def answer_csv(
    name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], headers: Mapping[str, str] | None = None
) -> Response[Any]:
    """The table as a file called `name`."""
    return Encoded(
        csv_text(columns, rows).encode(),
        {
            "Cache-Control": "private, no-cache",
            "Vary": "Authorization, Accept",
            "Content-Disposition": f'attachment; filename="{name}.csv"',
            **(headers or {}),
        },
        kind=b"text/csv; charset=utf-8; header=present",
    )


def report_headers(as_of: str, progress: Progress, following: str | None = None) -> dict[str, str]:
    """What a report says of itself beside its table; `following` is the address of its next page."""
    headers = {"Data-As-Of": as_of, "Data-Parked-Streams": str(progress.parked_streams)}
    if progress.complete_until is not None:
        headers["Data-Complete-Until"] = progress.complete_until
    if following is not None:
        headers["Link"] = f'<{following}>; rel="next"'
    return headers


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(FORMULA_BEGINS):
        return "'" + value
    return value


def _quality(accept: str, media_type: str) -> float:
    """How much a reader wants this media type (RFC 9110): by the most specific range that names it."""
    kind = media_type.partition("/")[0]
    best, quality = -1, 0.0
    for part in accept.lower().split(","):
        wanted, *parameters = (each.strip() for each in part.split(";"))
        rank = {media_type: 2, f"{kind}/*": 1, "*/*": 0}.get(wanted, -1)
        if rank > best:
            best, quality = rank, _q(parameters)
    return quality


def _q(parameters: Sequence[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0
