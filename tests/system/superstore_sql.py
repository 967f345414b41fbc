"""The Superstore once more: its rows in normalised tables of a scratch database, and every report and question in SQL.

Nothing of the system's own reads the file or computes here. Amounts are cents, rounded half to even as loading does.
"""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg

TABLES = """
    CREATE TABLE customers (customer text PRIMARY KEY, name text NOT NULL, segment text NOT NULL);
    CREATE TABLE products (sku text PRIMARY KEY, name text NOT NULL);
    CREATE TABLE orders (
        id text PRIMARY KEY, customer text NOT NULL REFERENCES customers, region text NOT NULL,
        placed timestamptz NOT NULL, delivered timestamptz NOT NULL
    );
    CREATE TABLE lines (
        id text NOT NULL REFERENCES orders, sku text NOT NULL REFERENCES products, sales numeric NOT NULL
    );
"""

VIEWS = """
    CREATE VIEW priced AS
        SELECT id, sku,
               (CASE WHEN sales * 100 % 1 = 0.5 AND floor(sales * 100)::bigint % 2 = 0 THEN floor(sales * 100)
                     ELSE round(sales * 100) END)::bigint AS cents
        FROM lines;
    CREATE VIEW sold AS
        SELECT o.*, c.segment, (SELECT sum(cents)::bigint FROM priced p WHERE p.id = o.id) AS cents
        FROM orders o JOIN customers c USING (customer);
"""

DAILY = """
    SELECT to_char(placed AT TIME ZONE $3, 'YYYY-MM-DD') AS day, count(*) AS orders, sum(cents)::bigint AS amount
    FROM sold WHERE placed >= $1::timestamp AT TIME ZONE $3 AND placed < $2::timestamp AT TIME ZONE $3
    GROUP BY 1 ORDER BY 1
"""
PURCHASES = """
    SELECT count(*) AS orders, sum(cents)::bigint AS amount
    FROM sold WHERE placed >= $1::timestamp AT TIME ZONE $3 AND placed < $2::timestamp AT TIME ZONE $3
"""
SALES_BY_MONTH = """
    SELECT to_char(month, 'YYYY-MM') AS month, each.segment, count(s.id) AS orders,
           coalesce(sum(s.cents), 0)::bigint AS amount
    FROM generate_series($1::timestamp, $2::timestamp - interval '1 day', interval '1 month') AS month
    CROSS JOIN (SELECT DISTINCT segment FROM customers) AS each
    LEFT JOIN sold s ON s.segment = each.segment AND date_trunc('month', s.placed AT TIME ZONE $3) = month
    GROUP BY 1, 2 ORDER BY 1, 2
"""
SEGMENTS = """
    SELECT segment, count(*) AS orders, sum(cents)::bigint AS amount, count(DISTINCT customer) AS buyers,
           (SELECT count(*) FROM customers c WHERE c.segment = sold.segment) AS customers,
           rank() OVER (ORDER BY sum(cents) DESC) AS by_amount, rank() OVER (ORDER BY count(*) DESC) AS by_orders
    FROM sold WHERE placed >= $1::timestamp AT TIME ZONE $3 AND placed < $2::timestamp AT TIME ZONE $3
    GROUP BY segment ORDER BY 3 DESC
"""
TOP_PRODUCTS = """
    WITH best AS (
        SELECT sku, name, count(DISTINCT id) AS orders, sum(cents)::bigint AS revenue
        FROM priced JOIN orders USING (id) JOIN products USING (sku)
        WHERE placed >= $1::timestamp AT TIME ZONE $3 AND placed < $2::timestamp AT TIME ZONE $3
        GROUP BY sku, name
    ), ranked AS (
        SELECT 'orders' AS ranking, row_number() OVER (ORDER BY orders DESC, sku COLLATE "C") AS rank, * FROM best
        UNION ALL
        SELECT 'revenue', row_number() OVER (ORDER BY revenue DESC, sku COLLATE "C"), * FROM best
    )
    SELECT * FROM ranked WHERE rank <= 5 ORDER BY ranking, rank
"""
REPEAT_CUSTOMERS = """
    SELECT count(*) AS buyers, count(*) FILTER (WHERE orders > 1) AS repeat_buyers
    FROM (
        SELECT customer, count(*) AS orders FROM orders
        WHERE placed >= $1::timestamp AT TIME ZONE $3 AND placed < $2::timestamp AT TIME ZONE $3 GROUP BY customer
    ) AS bought
"""
FULFILMENT_TIME = """
    SELECT segment, count(*) AS delivered,
           (avg(extract(epoch FROM delivered - placed)) / 3600)::float8 AS average_hours,
           (extract(epoch FROM percentile_disc(0.5) WITHIN GROUP (ORDER BY delivered - placed)) / 3600)::float8 AS p50,
           (extract(epoch FROM percentile_disc(0.95) WITHIN GROUP (ORDER BY delivered - placed)) / 3600)::float8 AS p95
    FROM sold WHERE placed >= $1::timestamp AT TIME ZONE $3 AND placed < $2::timestamp AT TIME ZONE $3
    GROUP BY segment ORDER BY segment
"""
REVENUE_BY_REGION = """
    SELECT region, count(*) AS orders, sum(cents)::bigint AS amount
    FROM sold WHERE placed >= $1::timestamp AT TIME ZONE $3 AND placed < $2::timestamp AT TIME ZONE $3
    GROUP BY region ORDER BY region
"""


class Tables:
    """The scratch database."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def rows(self, query: str, first: str, until: str, zone: str = "UTC") -> list[dict[str, Any]]:
        days = [datetime.fromisoformat(day) for day in (first, until)]
        return [dict(row) for row in await self._connection.fetch(query, *days, zone)]


@asynccontextmanager
async def normalised(dsn: str, file: Path) -> AsyncIterator[Tables]:
    """The file's rows in the tables of an empty database."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(TABLES)
        await _fill(connection, file)
        await connection.execute(VIEWS)
        yield Tables(connection)
    finally:
        await connection.close()


async def _fill(connection: Any, file: Path) -> None:
    with file.open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    customers = {row["Customer ID"]: (row["Customer ID"], row["Customer Name"], row["Segment"]) for row in rows}
    products = {row["Product ID"]: (row["Product ID"], row["Product Name"]) for row in rows}  # the last name stands
    orders = {
        row["Order ID"]: (
            row["Order ID"], row["Customer ID"], row["Region"], _day(row["Order Date"]), _day(row["Ship Date"]),
        )
        for row in rows
    }  # fmt: skip
    lines = [(row["Order ID"], row["Product ID"], Decimal(row["Sales"])) for row in rows]
    for table, records in (
        ("customers", customers.values()), ("products", products.values()), ("orders", orders.values()),
        ("lines", lines),
    ):  # fmt: skip
        await connection.copy_records_to_table(table, records=records)


def _day(text: str) -> datetime:
    return datetime.strptime(text, "%m/%d/%Y").replace(tzinfo=UTC)
