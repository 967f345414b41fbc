"""Shop: customers place orders for products; orders are shipped, delivered, cancelled and refunded."""

from kernel.domain import Domain

DOMAIN = Domain(name="shop")
