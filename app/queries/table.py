"""A list as a CSV file (RFC 4180), for spreadsheets: a header, a row an entry, and the next page as a Link header.

A spreadsheet runs a cell that begins like a formula; a reader's text never may, so such text gets an apostrophe in
front, which spreadsheets do not show. Numbers are left alone.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from hashlib import blake2s
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response

from app.queries.answers import CACHING, matches
from app.responses import Encoded

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
CSV = "text/csv"


def wants_csv(request: Request[Any, Any, Any], format: str | None) -> bool:
    """Whether the reader asked for CSV: `?format=csv`, or an Accept header that names it first."""
    if format is not None:
        return format == "csv"
    return request.headers.get("accept", "").lower().lstrip().startswith(CSV)


def answer_csv(
    request: Request[Any, Any, Any],
    columns: Sequence[str],
    rows: Iterable[Sequence[str | int | None]],
    name: str,
    cursor: str | None,
    if_none_match: str | None,
) -> Response[Any]:
    """The rows as a file of this name; `cursor` makes the Link to the next page."""
    content = to_csv(columns, rows)
    tag = f'W/"{blake2s(content, digest_size=12).hexdigest()}"'
    headers = {**CACHING, "ETag": tag, "Vary": "Authorization, Accept"}
    if cursor is not None:
        query = {key: value for key, value in request.query_params.items() if key != "cursor"}
        headers["Link"] = f'<{request.url.path}?{urlencode({**query, "cursor": cursor})}>; rel="next"'
    if if_none_match is not None and matches(if_none_match, tag):
        return Encoded(b"", headers, 304)
    headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return Encoded(content, headers, kind=b"text/csv; charset=utf-8")


def to_csv(columns: Sequence[str], rows: Iterable[Sequence[str | int | None]]) -> bytes:
    """Header and rows, each ended by CR LF."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode()


def _cell(value: str | int | None) -> str | int:
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
