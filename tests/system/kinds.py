"""The kinds of streams there are, as the harness knows them: a row a category, for all that compares the stores."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from tests.system.accounts import fold_accounts, published_account
from tests.system.posts import Collections, Happened, fold_posts, published_post


class Kind(msgspec.Struct, frozen=True):
    """`published`: (stream, type, stored data) → the published value. `fold`: its history → its documents."""

    domain: str
    primary: str
    collections: tuple[str, ...]
    published: Callable[[str, str, dict[str, Any]], dict[str, Any]]
    fold: Callable[[Iterable[Happened]], Collections]


KINDS = {
    "post": Kind("posts", "posts", ("posts", "comments", "likes"), published_post, fold_posts),
    "account": Kind("accounts", "accounts", ("accounts", "account_entries"), published_account, fold_accounts),
}
