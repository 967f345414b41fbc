"""Accounts: people keep money in accounts, pay in, take out, and transfer from one account to another."""

from kernel.domain import Domain

DOMAIN = Domain(name="accounts")
