"""Posts: people write posts, like them and comment on them."""

from kernel.domain import Domain

DOMAIN = Domain(name="posts")
