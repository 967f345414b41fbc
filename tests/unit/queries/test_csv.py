"""Tables as CSV: nothing in them is a formula, and who asked for them gets them."""

from __future__ import annotations

import csv
import io

import pytest

from app.queries.csv import csv_text, report_headers, wants_csv
from app.queries.progress import Progress


@pytest.mark.parametrize("text", ["=1+1", "+49 30", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")'])
def test_no_text_becomes_a_formula(text: str) -> None:
    ((cell,),) = list(csv.reader(io.StringIO(csv_text(["a"], [[text]]), newline="")))[1:]
    assert cell == "'" + text


def test_numbers_stay_numbers_and_any_text_comes_back() -> None:
    rows = [[-5, None, 'say "hi", then\nleave', "Zoë"]]
    text = csv_text(["a", "b", "c", "d"], rows)
    assert text.startswith("a,b,c,d\r\n-5,,")
    assert list(csv.reader(io.StringIO(text, newline="")))[1] == ["-5", "", 'say "hi", then\nleave', "Zoë"]


@pytest.mark.parametrize(
    ("chosen", "accept", "wanted"),
    [
        (None, None, False), (None, "*/*", False), (None, "text/csv", True), ("json", "text/csv", False),
        ("csv", "application/json", True), (None, "text/csv;q=0.5, application/json", False),
        (None, "text/csv, application/json;q=0.9", True), (None, "text/*", True), (None, "text/csv;q=0, */*", False),
        (None, "application/json, text/plain, */*", False), (None, "text/csv;q=many", False),
    ],
)  # fmt: skip
def test_a_table_is_for_who_prefers_it(chosen: str | None, accept: str | None, wanted: bool) -> None:
    assert wants_csv(chosen, accept) is wanted


def test_a_table_says_in_headers_how_fresh_it_is_and_where_it_goes_on() -> None:
    known = Progress(complete_until="2023", behind_seconds=1, parked_streams=2, paused=False)
    assert report_headers("2024", known, "/next?x=1") == {
        "Data-As-Of": "2024",
        "Data-Complete-Until": "2023",
        "Data-Parked-Streams": "2",
        "Link": '</next?x=1>; rel="next"',
    }
    unknown = Progress(complete_until=None, behind_seconds=None, parked_streams=0, paused=False)
    assert report_headers("2024", unknown) == {"Data-As-Of": "2024", "Data-Parked-Streams": "0"}
