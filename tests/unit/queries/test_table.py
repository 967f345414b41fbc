"""A CSV file says what the list says, and nothing in it runs."""

from __future__ import annotations

import csv
import io

import pytest

from app.queries.table import to_csv


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def test_any_text_comes_back_as_it_was() -> None:
    texts = ['a "quoted" word', "a, b", "two\r\nlines", "ü 𝄞", "", "5"]
    assert read(to_csv(["text", "number"], [[text, 2**62] for text in texts])) == [
        ["text", "number"], *([text, str(2**62)] for text in texts)
    ]  # fmt: skip


def test_rows_end_as_the_standard_says_and_nothing_is_an_empty_cell() -> None:
    assert to_csv(["a", "b"], [[None, 0]]) == b"a,b\r\n,0\r\n"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=cmd|"/c calc"!A1'])
def test_text_never_becomes_a_formula_and_numbers_stay_numbers(text: str) -> None:
    assert read(to_csv(["text", "number"], [[text, -1]]))[1] == [f"'{text}", "-1"]
