"""The aggregates of accounts: what history, snapshots and the archive find of this domain."""

from __future__ import annotations

from typing import Any

from domains.accounts.account import ACCOUNT
from kernel.aggregate import Aggregate

AGGREGATES: list[Aggregate[Any]] = [ACCOUNT]
