"""A page of a list as a CSV file: with a tag to ask for it again, and the next page as a Link header."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2s
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response

from app.queries.answers import CACHING, matches
from app.queries.csv import csv_text
from app.responses import Encoded


def answer_csv_page(
    request: Request[Any, Any, Any],
    columns: Sequence[str],
    rows: Iterable[Sequence[str | int | None]],
    name: str,
    cursor: str | None,
    if_none_match: str | None,
) -> Response[Any]:
    """The rows as a file of this name; `cursor` makes the Link to the next page."""
    content = csv_text(columns, rows).encode()
    tag = f'W/"{blake2s(content, digest_size=12).hexdigest()}"'
    headers = {**CACHING, "ETag": tag, "Vary": "Authorization, Accept"}
    if cursor is not None:
        query = {key: value for key, value in request.query_params.items() if key != "cursor"}
        headers["Link"] = f'<{request.url.path}?{urlencode({**query, "cursor": cursor})}>; rel="next"'
    if if_none_match is not None and matches(if_none_match, tag):
        return Encoded(b"", headers, 304)
    headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return Encoded(content, headers, kind=b"text/csv; charset=utf-8; header=present")
