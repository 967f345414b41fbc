"""What the documents of each domain must be, folded from stored events once more, from the specification."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from checker.folds.accounts import PRIMARY as ACCOUNTS_PRIMARY
from checker.folds.accounts import fold_accounts
from checker.folds.posts import PRIMARY as POSTS_PRIMARY
from checker.folds.posts import fold_posts
from checker.folds.shop import PRIMARY as SHOP_PRIMARY
from checker.folds.shop import fold_shop
from checker.stored import Event

Document = dict[str, Any]
Collections = dict[str, dict[str, Document]]
"""Collection → id → document."""

FOLDS: dict[str, Callable[[Iterable[Event]], Collections]] = {
    "posts": fold_posts,
    "accounts": fold_accounts,
    "shop": fold_shop,
}
PRIMARY: dict[str, str] = {**POSTS_PRIMARY, **ACCOUNTS_PRIMARY, **SHOP_PRIMARY}
"""Category of a stream → the collection that holds its document."""
