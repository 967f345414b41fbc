"""A customer as its rules see it: state, evolve, and what each command leads to. Pure.

That an email belongs to one customer is a claim, by the address as people compare it, taken and released in the commit
of the events. A command that changes nothing is accepted and leaves nothing.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import assert_never

import msgspec

from domains.shop.events import (
    CustomerContactChanged,
    CustomerEvent,
    CustomerMoved,
    CustomerRegistered,
    CustomerSegmentChanged,
)
from domains.shop.rules import AlreadyExists, BadField, EmailTaken, NotFound, text
from kernel.aggregate import Aggregate, Claim, ClaimOp, ClaimRefusal, Decision, DomainError

EMAIL_LIMIT = 254
FIRST_YEAR = 1900

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_PHONE = re.compile(r"\+?[0-9][0-9 ()./x-]{1,38}", re.ASCII)


class Customer(msgspec.Struct, frozen=True):
    name: str = ""
    email: str = ""
    phone: str = ""
    segment: str = ""
    region: str = ""
    birth_year: int | None = None
    gender: str | None = None
    exists: bool = False


def evolve(customer: Customer, event: CustomerEvent) -> Customer:
    match event:
        case CustomerRegistered():
            return Customer(
                name=event.name,
                email=event.email,
                phone=event.phone,
                segment=event.segment,
                region=event.region,
                birth_year=event.birth_year,
                gender=event.gender,
                exists=True,
            )
        case CustomerContactChanged(name=name, email=email, phone=phone):
            return msgspec.structs.replace(customer, name=name, email=email, phone=phone)
        case CustomerSegmentChanged(segment=segment):
            return msgspec.structs.replace(customer, segment=segment)
        case CustomerMoved(region=region):
            return msgspec.structs.replace(customer, region=region)
        case _:
            assert_never(event)


CUSTOMER = Aggregate(
    category="customer", domain="shop", initial=Customer(), evolve=evolve, state_type=Customer, snapshot_every=200
)


class RegisterCustomer(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    email: str
    phone: str
    segment: str
    region: str
    birth_year: int | None = None
    gender: str | None = None


class ChangeContact(msgspec.Struct, frozen=True, kw_only=True):
    """What is None stays as it is."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


class ChangeSegment(msgspec.Struct, frozen=True, kw_only=True):
    segment: str


class MoveCustomer(msgspec.Struct, frozen=True, kw_only=True):
    region: str


CustomerCommand = RegisterCustomer | ChangeContact | ChangeSegment | MoveCustomer


def decide(customer: Customer, command: CustomerCommand, customer_id: str, at: datetime) -> Decision:
    """The facts a command leads to, as of `at`. Raises a DomainError where a rule refuses it."""
    if isinstance(command, RegisterCustomer):
        if customer.exists:
            raise AlreadyExists(f"there is a customer {customer_id} already")
        registered = CustomerRegistered(
            occurred_at=at,
            name=text("name", command.name),
            email=_email(command.email),
            phone=_phone(command.phone),
            segment=text("segment", command.segment),
            region=text("region", command.region),
            birth_year=_birth_year(command.birth_year, at),
            gender=None if command.gender is None else text("gender", command.gender, 40),
        )
        return Decision((registered,), (_holds("take", registered.email, customer_id),), _email_error)
    if not customer.exists:
        raise NotFound(f"there is no customer {customer_id}")
    match command:
        case ChangeContact():
            return _change_contact(customer, command, customer_id, at)
        case ChangeSegment(segment=given):
            segment = text("segment", given)
            if segment == customer.segment:
                return Decision()
            return Decision((CustomerSegmentChanged(occurred_at=at, segment=segment, previous=customer.segment),))
        case MoveCustomer(region=given):
            region = text("region", given)
            if region == customer.region:
                return Decision()
            return Decision((CustomerMoved(occurred_at=at, region=region, previous=customer.region),))
        case _:
            assert_never(command)


def compared(email: str) -> str:
    """The address as it is compared: two that differ in case, or in how a letter is encoded, are one."""
    return unicodedata.normalize("NFKC", email).casefold()


def _change_contact(customer: Customer, command: ChangeContact, customer_id: str, at: datetime) -> Decision:
    name = customer.name if command.name is None else text("name", command.name)
    email = customer.email if command.email is None else _email(command.email)
    phone = customer.phone if command.phone is None else _phone(command.phone)
    if (name, email, phone) == (customer.name, customer.email, customer.phone):
        return Decision()
    claims: tuple[Claim, ...] = ()
    if compared(email) != compared(customer.email):
        claims = (_holds("take", email, customer_id), _holds("release", customer.email, customer_id))
    changed = CustomerContactChanged(occurred_at=at, name=name, email=email, phone=phone)
    return Decision((changed,), claims, _email_error)


def _holds(op: ClaimOp, email: str, customer_id: str) -> Claim:
    return Claim(op, "shop-email", compared(email), customer_id)


def _email_error(_: ClaimRefusal, claim: Claim) -> DomainError:
    return EmailTaken("another customer has this email already")


def _email(value: str) -> str:
    email = text("email", value, EMAIL_LIMIT)
    if not _EMAIL.fullmatch(email):
        raise BadField("email must be one address, name@host", field="email")
    return email


def _phone(value: str) -> str:
    phone = text("phone", value)
    if not _PHONE.fullmatch(phone):
        raise BadField("phone must be 2 to 40 digits, spaces and ( ) . / x -, perhaps behind a +", field="phone")
    return phone


def _birth_year(year: int | None, at: datetime) -> int | None:
    if year is not None and not FIRST_YEAR <= year <= at.year:
        raise BadField(f"birthYear must be {FIRST_YEAR} to {at.year}", field="birthYear")
    return year
