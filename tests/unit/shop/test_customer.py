"""What each command on a customer leads to, and what refuses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from domains.shop.customer import (
    CUSTOMER,
    ChangeContact,
    ChangeSegment,
    Customer,
    CustomerCommand,
    MoveCustomer,
    RegisterCustomer,
    compared,
    decide,
)
from domains.shop.events import (
    CustomerContactChanged,
    CustomerMoved,
    CustomerRegistered,
    CustomerSegmentChanged,
)
from domains.shop.rules import AlreadyExists, BadField, EmailTaken, NotFound
from kernel.aggregate import Claim, Decision
from tests.unit.shop.given import NOW, given

ID = "0190aaaa-0000-7000-8000-000000000001"
ALICE: dict[str, Any] = {
    "name": "Alice", "email": "Alice@Example.com", "phone": "+1 555-0101", "segment": "Consumer", "region": "West",
    "birth_year": 1990, "gender": "f",
}  # fmt: skip
REGISTERED = CustomerRegistered(occurred_at=NOW, **ALICE)


def command(asked: CustomerCommand) -> Callable[[Customer], Decision]:
    return lambda customer: decide(customer, asked, ID, NOW)


def test_a_customer_is_registered_once_and_takes_the_claim_of_its_email_in_any_case() -> None:
    decision = given(CUSTOMER).when(command(RegisterCustomer(**ALICE))).then(REGISTERED)
    assert decision.claims == (Claim("take", "shop-email", "alice@example.com", ID),)
    assert decision.if_refused is not None
    assert isinstance(decision.if_refused("claim-taken", decision.claims[0]), EmailTaken)
    given(CUSTOMER, REGISTERED).when(command(RegisterCustomer(**ALICE))).then_refused(AlreadyExists)


def test_another_email_takes_its_claim_and_releases_the_one_before() -> None:
    changed = CustomerContactChanged(occurred_at=NOW, name="Alice", email="a@b.c", phone="+1 555-0101")
    decision = given(CUSTOMER, REGISTERED).when(command(ChangeContact(email="a@b.c"))).then(changed)
    assert set(decision.claims) == {
        Claim("take", "shop-email", "a@b.c", ID),
        Claim("release", "shop-email", "alice@example.com", ID),
    }
    # and from there back again: what is released is what is held now, not what was first
    decision = (
        given(CUSTOMER, REGISTERED, changed)
        .when(command(ChangeContact(email="new@b.c")))
        .then(CustomerContactChanged(occurred_at=NOW, name="Alice", email="new@b.c", phone="+1 555-0101"))
    )
    assert Claim("release", "shop-email", "a@b.c", ID) in decision.claims


def test_the_same_email_in_another_case_is_no_new_claim() -> None:
    changed = CustomerContactChanged(occurred_at=NOW, name="Alice", email="ALICE@example.com", phone="+1 555-0101")
    assert not given(CUSTOMER, REGISTERED).when(command(ChangeContact(email="ALICE@example.com"))).then(changed).claims


def test_a_changed_phone_says_the_whole_contact_and_touches_no_claim() -> None:
    changed = CustomerContactChanged(occurred_at=NOW, name="Alice", email="Alice@Example.com", phone="555 0199")
    assert not given(CUSTOMER, REGISTERED).when(command(ChangeContact(phone="555 0199"))).then(changed).claims


def test_segment_and_region_say_what_they_were() -> None:
    given(CUSTOMER, REGISTERED).when(command(ChangeSegment(segment="Corporate"))).then(
        CustomerSegmentChanged(occurred_at=NOW, segment="Corporate", previous="Consumer")
    )
    moved = CustomerMoved(occurred_at=NOW, region="East", previous="West")
    given(CUSTOMER, REGISTERED).when(command(MoveCustomer(region="East"))).then(moved)
    given(CUSTOMER, REGISTERED, moved).when(command(MoveCustomer(region="West"))).then(
        CustomerMoved(occurred_at=NOW, region="West", previous="East")
    )


@pytest.mark.parametrize(
    "asked",
    [ChangeContact(), ChangeContact(name="Alice"), ChangeSegment(segment="Consumer"), MoveCustomer(region="West")],
    ids=repr,
)
def test_what_changes_nothing_is_accepted_and_leaves_nothing(asked: CustomerCommand) -> None:
    assert given(CUSTOMER, REGISTERED).when(command(asked)).then().claims == ()


@pytest.mark.parametrize(
    "asked",
    [ChangeContact(name="x"), ChangeSegment(segment="x"), MoveCustomer(region="x")],
    ids=lambda asked: type(asked).__name__,
)
def test_nothing_happens_to_a_customer_who_is_not_there(asked: CustomerCommand) -> None:
    given(CUSTOMER).when(command(asked)).then_refused(NotFound)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " \u3000"), ("name", "x" * 201), ("name", "two\nlines"), ("email", "nobody"), ("email", "a b@c"),
        ("email", "a@b@c"), ("email", "x" * 251 + "@b.c"), ("phone", "call me"), ("phone", "=1+1"), ("segment", ""),
        ("region", "\t"), ("birth_year", 1899), ("birth_year", 2024), ("gender", ""),
    ],
)  # fmt: skip
def test_what_no_such_field_may_hold_is_refused_by_name(field: str, value: object) -> None:
    named = "birthYear" if field == "birth_year" else field
    asked = RegisterCustomer(**ALICE | {field: value})
    given(CUSTOMER).when(command(asked)).then_refused(BadField, field=named)


def test_emails_that_look_the_same_are_compared_as_the_same() -> None:
    assert compared("STRASSE@x.de") == compared("straße@x.de")
    assert compared("e\u0301@x.de") == compared("\u00e9@x.de")
    assert compared("a@x.de") != compared("b@x.de")
