"""Rows of a Superstore file: each is in what is sent, or listed with its reason, never dropped."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from cli.superstore import COLUMNS, Line, cents, read_superstore

FILE = Path(__file__).parents[2] / "data" / "superstore.csv"
HEAD = ",".join(COLUMNS) + "\n"
GOOD = "O-1,11/8/2017,11/11/2017,C-1,Ann,Consumer,South,SKU-1,Chairs,Bush,213.115,2\n"


def read(tmp_path: Path, text: str) -> tuple[int, int, dict[int, str]]:
    file = tmp_path / "rows.csv"
    file.write_bytes((HEAD + text).encode(errors="surrogateescape"))
    found = read_superstore(file)
    lines = sum(len(order.lines) for order in found.orders.values())
    assert lines + len(found.refused) == found.rows
    return lines, len(found.customers), {one.row: one.reason for one in found.refused}


def test_the_whole_file_can_be_sent() -> None:
    found = read_superstore(FILE)
    assert (found.rows, len(found.products), len(found.customers), len(found.orders)) == (9_994, 1_862, 793, 5_009)
    assert found.refused == []
    assert all(" " not in sku for sku in found.products)


@pytest.mark.parametrize(("sales", "amount"), [("213.115", 21_312), ("0.125", 12), ("0.135", 14), ("957.5775", 95_758)])
def test_sales_are_rounded_half_to_even(sales: str, amount: int) -> None:
    assert cents(sales) == amount


def test_lines_of_an_order_stay_together_and_a_product_may_stand_in_two(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(HEAD + GOOD + GOOD)
    (order,) = read_superstore(file).orders.values()
    assert order.lines == [Line("SKU-1", 2, 21_312)] * 2


def test_the_last_name_of_a_product_stands(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(HEAD + GOOD + GOOD.replace("O-1", "O-2").replace("Bush", "Shrub"))
    (product,) = read_superstore(file).products.values()
    assert product.name == "Shrub"


def test_a_customer_lives_where_its_first_order_went(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(HEAD + GOOD + GOOD.replace("O-1", "O-2").replace("11/8/2017", "1/2/2016").replace("South", "West"))
    (customer,) = read_superstore(file).customers.values()
    assert (customer.region, customer.registered_at.year) == ("West", 2016)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (GOOD.replace("11/8/2017", "2017-11-08"), "no date"),
        (GOOD.replace("11/11/2017", "11/7/2017"), "delivered before"),
        (GOOD.replace("213.115", "much"), "no number"),
        (GOOD.replace("213.115", "-1"), "no amount"),
        (GOOD.replace("213.115", "NaN"), "no amount"),
        (GOOD.replace(",2\n", ",0\n"), "no number of pieces"),
        (GOOD.replace("South", "West"), "another customer, region or day"),
        (GOOD.replace("O-1", "O-9").replace("Ann", "Bob"), "another name or segment"),
        (GOOD.replace(",2\n", "\n"), "number of fields"),
        (GOOD.replace("\n", ",more\n"), "number of fields"),
        (GOOD.replace("Bush", "caf\udce9"), "not UTF-8"),
    ],
)
def test_a_row_that_cannot_be_sent_is_listed_and_harms_no_other(tmp_path: Path, row: str, reason: str) -> None:
    lines, customers, refused = read(tmp_path, GOOD + row + GOOD)
    assert (lines, customers, list(refused)) == (2, 1, [2])
    assert reason in refused[2]


def test_a_file_that_is_something_else_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("id,name\n1,x\n")
    with pytest.raises(click.ClickException, match="lacks the column Order ID"):
        read_superstore(file)
    with pytest.raises(click.ClickException, match="cannot be read"):
        read_superstore(tmp_path / "nothing.csv")
