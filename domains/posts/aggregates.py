"""The aggregates of posts: what history, snapshots and the archive find of this domain."""

from __future__ import annotations

from typing import Any

from domains.posts.post import POST
from kernel.aggregate import Aggregate

AGGREGATES: list[Aggregate[Any]] = [POST]
