"""Notes: people write notes for themselves, change them and close them."""

from kernel.domain import Domain

DOMAIN = Domain(name="notes")
