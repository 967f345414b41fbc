"""What the shop's rules have in common: their errors, and the bounds of texts, money and moments. Pure."""

from __future__ import annotations

import re
from datetime import datetime

from kernel.aggregate import DomainError

TEXT_LIMIT = 200
"""Characters of a name, a segment, a region."""
MONEY_LIMIT = 10**13
"""Minor units of one amount: what sums of millions of them stay within 64 bits."""
LINES_LIMIT = 500
QUANTITY_LIMIT = 10**6

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


class NotFound(DomainError):
    """What the path names is not there."""

    status, problem = 404, "not-found"


class Unknown(DomainError):
    """What the body names is not there."""

    status, problem = 422, "unknown-reference"


class AlreadyExists(DomainError):
    status, problem = 409, "already-exists"


class EmailTaken(DomainError):
    status, problem = 409, "email-taken"


class BadField(DomainError):
    """A value that no field of its kind may have; `field` names it."""

    status, problem = 422, "bad-field"


class WrongStatus(DomainError):
    """The order, or the promotion, is past that, or not there yet; `orderStatus` says where it stands."""

    status, problem = 409, "wrong-status"


class TooMuchRefunded(DomainError):
    """More would be given back for a sku than is left of what was paid for it."""

    status, problem = 422, "too-much-refunded"


def text(field: str, value: str, limit: int = TEXT_LIMIT) -> str:
    """The value, as it was written. Raises BadField when it is blank, too long, or more than one line."""
    if not value.strip():
        raise BadField(f"{field} is blank", field=field)
    if len(value) > limit:
        raise BadField(f"{field} has {len(value)} characters, more than {limit}", field=field, limit=limit)
    if _CONTROL.search(value):
        raise BadField(f"{field} holds control characters or line ends", field=field)
    return value


def currency(value: str) -> str:
    if not _CURRENCY.fullmatch(value):
        raise BadField("currency is three capital letters (ISO 4217)", field="currency")
    return value


def money(field: str, value: int, least: int = 0) -> int:
    if not least <= value <= MONEY_LIMIT:
        raise BadField(f"{field} must be {least} to {MONEY_LIMIT} minor units", field=field)
    return value


def not_before(earlier: datetime | None, at: datetime, what: str) -> None:
    """Nothing happens before what it follows; an import may say when it happened, not that."""
    if earlier is not None and at < earlier:
        raise BadField(f"{what} was later than that", field="occurredAt")
