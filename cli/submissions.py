"""Rows of a Hacker News file as posts: what is sent of each, or why it cannot be sent. Pure but for reading the file.

Every row has its post's id and Idempotency-Key from its own id, so loading twice is loading once.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

import click
import msgspec

COLUMNS = ("id", "title", "url", "num_points", "author")
SUBJECT_LIMIT = 100


class Submission(msgspec.Struct, frozen=True):
    """One row that can be sent. `likes` is how many of its points are sent."""

    row: int
    """Its line's number among the data lines, from 1."""
    id: str
    author: str
    message: str
    likes: int

    @property
    def post_id(self) -> UUID:
        return uuid5(NAMESPACE_URL, f"https://news.ycombinator.com/item?id={self.id}")

    @property
    def key(self) -> str:
        return f"hacker-news-{self.id}"


class Refusal(msgspec.Struct, frozen=True):
    """A row, or a like of it, that was not stored, and why."""

    row: int
    id: str
    reason: str


def read_submissions(file: Path, likes: int) -> tuple[list[Submission], list[Refusal]]:
    """(what can be sent, what cannot), each row in one of them; at most `likes` likes in all, first rows first.
    Raises ClickException for a file that is none of these."""
    try:
        # bytes that are not UTF-8 become surrogates, which are found and told row by row
        with file.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
            rows = csv.DictReader(lines)
            missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
            if missing:
                raise click.ClickException(
                    f"{file} lacks the column {missing[0]}; its first line must name {', '.join(COLUMNS)}"
                )
            return _sort(rows, likes)
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error.strerror}") from error
    except csv.Error as error:
        raise click.ClickException(f"{file} is not a CSV file: {error}") from error


def _sort(rows: Iterable[dict[str, str | None]], likes: int) -> tuple[list[Submission], list[Refusal]]:
    submissions: list[Submission] = []
    refusals: list[Refusal] = []
    seen: set[str] = set()
    for number, row in enumerate(rows, 1):
        identifier = (row["id"] or "").strip()
        reason = _reason(row, identifier, seen)
        if reason is not None:
            refusals.append(Refusal(number, _readable(identifier), reason))
            continue
        seen.add(identifier)
        here = min(int(row["num_points"] or 0), likes)
        likes -= here
        title, url = row["title"] or "", row["url"] or ""
        message = f"{title}\n{url}" if url else title
        submissions.append(Submission(number, identifier, row["author"] or "", message, here))
    return submissions, refusals


def _reason(row: dict[str, str | None], identifier: str, seen: set[str]) -> str | None:
    """Why a row cannot be sent, as far as we know it; what else the API refuses, it says itself."""
    texts = [value for value in row.values() if isinstance(value, str)]
    if len(texts) < len(row) or None in row:
        return "the row has another number of fields than the first line"
    if any("\ud800" <= letter <= "\udfff" for text in texts for letter in text):
        return "the row is not UTF-8"
    if not identifier.isascii() or not identifier.isalnum() or len(identifier) > 100:
        return "the id is not one: it takes letters and digits"
    if identifier in seen:
        return "the id is there already, further up"
    author = row["author"] or ""
    if not author.strip() or len(author) > SUBJECT_LIMIT or "\x00" in author:
        return f"the author is not a name of 1 to {SUBJECT_LIMIT} characters"
    points = row["num_points"] or "0"
    if not points.isascii() or not points.isdigit() or len(points) > 9:
        return f"num_points is no number: {points[:40]}"
    return None


def _readable(text: str) -> str:
    return text.encode(errors="replace").decode()[:100]
