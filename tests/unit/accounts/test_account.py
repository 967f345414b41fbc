"""What an account allows and refuses, rule by rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from domains.accounts import refusals
from domains.accounts.account import MAX_MONEY, Close, Deposit, OpenAccount, Transfer, Withdraw
from domains.accounts.events import AccountClosed, AccountOpened, MoneyDeposited, TransferReceived, TransferSent
from kernel.aggregate import Claim, DomainError
from tests.unit.accounts.bank import NOW, Bank

A, B, C = "account-a", "account-b", "account-c"


@pytest.fixture
def bank() -> Bank:
    """Ann's A with 500 and bob's B with nothing, both in EUR, and ann's C in USD."""
    bank = Bank()
    for account, owner, currency in ((A, "ann", "EUR"), (B, "bob", "EUR"), (C, "ann", "USD")):
        bank.do(OpenAccount(account_id=account, owner=owner, currency=currency))
    bank.do(Deposit(account_id=A, by="ann", amount=500))
    return bank


def pay(source: str = A, target: str = B, **more: Any) -> Transfer:
    given: dict[str, Any] = {
        "transfer_id": "t1",
        "from_account": source,
        "to_account": target,
        "by": "ann",
        "amount": 1,
    }
    return Transfer(**given | more)


def test_an_opened_account_is_its_owners_and_claimed_as_such() -> None:
    bank = Bank()
    (decision,) = bank.do(OpenAccount(account_id=A, owner="ann", currency="EUR"))
    assert decision.events == (AccountOpened(owner="ann", currency="EUR", booked_at=bank.now),)
    assert decision.claims == (Claim("take", "accounts-of/ann", A, "ann"),)


def test_a_transfer_is_one_event_in_each_account_with_one_id(bank: Bank) -> None:
    bank.do(pay(amount=200, reference="rent"))
    both = {"transfer_id": "t1", "amount": 200, "reference": "rent", "booked_at": bank.now, "occurred_at": None}
    assert bank.streams[A][-1] == TransferSent(to_account=B, **both)  # type: ignore[arg-type]
    assert bank.streams[B][-1] == TransferReceived(from_account=A, **both)  # type: ignore[arg-type]
    assert (bank.of(A).balance, bank.of(B).balance) == (300, 200)


def test_anyone_pays_in_and_is_named(bank: Bank) -> None:
    bank.do(Deposit(account_id=B, by="eve", amount=5))
    paid = bank.streams[B][-1]
    assert isinstance(paid, MoneyDeposited)
    assert paid.by == "eve"


def test_closing_pays_out_the_rest_first(bank: Bank) -> None:
    bank.do(Close(account_id=A, by="ann", payout_to=B, transfer_id="t9"))
    assert [type(event) for event in bank.streams[A][-2:]] == [TransferSent, AccountClosed]
    assert (bank.of(A).balance, bank.of(B).balance, bank.of(A).is_closed) == (0, 500, True)
    bank.do(Close(account_id=C, by="ann"))
    assert bank.of(C).is_closed


def test_closing_an_empty_account_moves_nothing(bank: Bank) -> None:
    before = list(bank.streams[A])
    bank.do(Close(account_id=B, by="bob", payout_to=A, transfer_id="t9"))
    assert bank.streams[A] == before
    assert bank.of(B).is_closed


OLD = datetime(2023, 5, 1, tzinfo=UTC)
REFUSED: list[tuple[object, type[DomainError]]] = [
    (OpenAccount(account_id=A, owner="ann", currency="EUR"), refusals.AlreadyExists),
    (OpenAccount(account_id="new", owner="ann", currency="XXQ"), refusals.UnknownCurrency),
    (Withdraw(account_id=A, by="ann", amount=501), refusals.InsufficientFunds),
    (Withdraw(account_id=A, by="bob", amount=1), refusals.AccountNotFound),
    (Withdraw(account_id=A, by="bob", amount=501), refusals.AccountNotFound),
    (Withdraw(account_id="no", by="ann", amount=1), refusals.AccountNotFound),
    (Deposit(account_id="no", by="ann", amount=1), refusals.AccountNotFound),
    (Deposit(account_id=A, by="ann", amount=MAX_MONEY), refusals.BalanceTooLarge),
    (pay(amount=501), refusals.InsufficientFunds),
    (pay(by="bob"), refusals.AccountNotFound),
    (pay(target="no"), refusals.AccountNotFound),
    (pay(source="no"), refusals.AccountNotFound),
    (pay(target=A), refusals.SameAccount),
    (pay(target=C), refusals.CurrencyMismatch),
    (Close(account_id=A, by="ann"), refusals.BalanceNotZero),
    (Close(account_id=A, by="bob", payout_to=B), refusals.AccountNotFound),
    (Close(account_id=A, by="ann", payout_to=A), refusals.SameAccount),
    (Close(account_id=A, by="ann", payout_to=C), refusals.CurrencyMismatch),
    (Close(account_id=A, by="ann", payout_to="no"), refusals.AccountNotFound),
    *(
        (type(movement)(**{name: getattr(movement, name) for name in movement.__struct_fields__} | bad), refusal)
        for movement in (Deposit(account_id=A, by="ann", amount=1), Withdraw(account_id=A, by="ann", amount=1), pay())
        for bad, refusal in (
            ({"amount": 0}, refusals.BadAmount),
            ({"amount": -5}, refusals.BadAmount),
            ({"amount": MAX_MONEY + 1}, DomainError),
            ({"occurred_at": NOW + timedelta(days=1), "may_backdate": True}, refusals.BadMoment),
            (
                {"occurred_at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))), "may_backdate": True},
                refusals.BadMoment,
            ),
            ({"occurred_at": OLD}, refusals.BackdatingNotAllowed),
            ({"reference": " "}, refusals.BadReference),
            ({"reference": "x" * 201}, refusals.BadReference),
        )
    ),
]


@pytest.mark.parametrize(("command", "error"), REFUSED, ids=str)
def test_what_is_refused_changes_nothing(bank: Bank, command: object, error: type[DomainError]) -> None:
    before, commits = dict(bank.states), len(bank.log)
    with pytest.raises(error):
        bank.do(command)
    assert (bank.states, len(bank.log)) == (before, commits)


def test_another_s_account_and_none_are_told_by_the_same_words(bank: Bank) -> None:
    said = []
    for account in (A, "account-x"):
        with pytest.raises(refusals.AccountNotFound) as refused:
            bank.do(Withdraw(account_id=account, by="bob", amount=1))
        said.append((str(refused.value).replace(account, "it"), refused.value.fields))
    assert said[0] == said[1]


@pytest.mark.parametrize(
    "command",
    [
        Deposit(account_id=A, by="ann", amount=1),
        Withdraw(account_id=A, by="ann", amount=1),
        pay(),
        pay(source=B, target=A, by="bob"),
        Close(account_id=A, by="ann"),
        Close(account_id=A, by="ann", payout_to=B),
        Close(account_id=B, by="bob", payout_to=A),
    ],
    ids=str,
)
def test_a_closed_account_refuses_everything(bank: Bank, command: object) -> None:
    bank.do(Deposit(account_id=B, by="bob", amount=10))
    bank.do(Close(account_id=A, by="ann", payout_to=B))
    with pytest.raises(refusals.AccountIsClosed):
        bank.do(command)
    with pytest.raises(refusals.AlreadyExists):
        bank.do(OpenAccount(account_id=A, owner="ann", currency="EUR"))


def test_64_bits_hold_as_much_as_they_can(bank: Bank) -> None:
    bank.do(Deposit(account_id=B, by="bob", amount=MAX_MONEY))
    assert bank.of(B).balance == MAX_MONEY
    with pytest.raises(refusals.BalanceTooLarge):
        bank.do(pay())
    bank.do(Withdraw(account_id=B, by="bob", amount=MAX_MONEY))


def test_an_earlier_day_is_stored_in_utc_and_only_told_where_it_was(bank: Bank) -> None:
    told = datetime(2023, 5, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    bank.do(Deposit(account_id=A, by="ann", amount=1, occurred_at=told, may_backdate=True))
    late, plain = bank.streams[A][-1], bank.streams[A][-2]
    recorded = NOW + timedelta(days=1)
    assert (late.occurred(recorded), late.occurred(recorded).tzinfo) == (OLD, UTC)
    assert plain.occurred(recorded) == recorded
