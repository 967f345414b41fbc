"""A bank that does whatever comes: money is conserved at every prefix of the log, nothing is ever below zero or beyond
64 bits, and what was closed stays closed. And its documents equal the harness's own fold of the same events.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from domains.accounts.account import MAX_MONEY, Account, Close, Deposit, OpenAccount, Transfer, Withdraw, evolve
from domains.accounts.events import AccountClosed, MoneyDeposited, MoneyWithdrawn
from domains.accounts.published import publish
from domains.accounts.refusals import AccountIsClosed
from domains.accounts.then import Then, counted
from domains.accounts.views import ACCOUNTS
from kernel.aggregate import DomainError
from kernel.events import PublishedEvent, wire_time
from kernel.projection import Document, Ref
from tests.system.accounts import fold_accounts
from tests.unit.accounts.bank import Bank

PEOPLE = st.sampled_from(["ann", "bob", "cid"])
AMOUNTS = st.one_of(st.integers(-1, 60), st.sampled_from([MAX_MONEY, MAX_MONEY - 1, MAX_MONEY + 1, MAX_MONEY // 2]))
REACHED: Counter[str] = Counter()


class AnyBank(RuleBasedStateMachine):
    """Commands at random; a plain model beside it knows every balance by itself."""

    accounts: Bundle[str] = Bundle("accounts")
    closed: Bundle[str] = Bundle("closed")

    def __init__(self) -> None:
        super().__init__()
        self.bank = Bank()
        self.model: dict[str, int] = {}
        self.paid_in = self.taken_out = 0

    def attempt(self, command: object) -> bool:
        """Whether it was accepted. Every refusal is a named rule's, and changes nothing."""
        states, streams = dict(self.bank.states), {name: len(each) for name, each in self.bank.streams.items()}
        try:
            self.bank.do(command)
        except DomainError as refused:
            REACHED[type(refused).__name__] += 1
            assert self.bank.states == states
            assert {name: len(each) for name, each in self.bank.streams.items()} == streams
            return False
        REACHED[type(command).__name__] += 1
        return True

    @initialize(target=accounts)
    def some_money(self) -> Any:
        """Else hardly a transfer would be met."""
        made = [self.open(owner, "EUR") for owner in ("ann", "bob", "cid")]
        for account in made:
            self.deposit(account, "eve", 40)
        return multiple(*made)

    @rule(target=accounts, owner=PEOPLE, currency=st.sampled_from(["EUR", "EUR", "EUR", "USD"]))
    def open(self, owner: str, currency: str) -> str:
        account = f"a{len(self.model)}"
        assert self.attempt(OpenAccount(account_id=account, owner=owner, currency=currency))
        self.model[account] = 0
        return account

    @rule(account=accounts, by=PEOPLE, amount=AMOUNTS)
    def deposit(self, account: str, by: str, amount: int) -> None:
        fits = 0 < amount <= MAX_MONEY - self.model[account] and self.bank.of(account).is_open
        assert self.attempt(Deposit(account_id=account, by=by, amount=amount)) == fits
        if fits:
            self.model[account] += amount
            self.paid_in += amount

    @rule(account=accounts, by=PEOPLE, amount=AMOUNTS)
    def withdraw(self, account: str, by: str, amount: int) -> None:
        fits = 0 < amount <= self.model[account] and self.bank.of(account).owner == by and self.bank.of(account).is_open
        assert self.attempt(Withdraw(account_id=account, by=by, amount=amount)) == fits
        if fits:
            self.model[account] -= amount
            self.taken_out += amount

    @rule(
        source=accounts, payee=accounts, stranger=st.sampled_from([False, False, False, True]), share=st.integers(0, 11)
    )
    def transfer(self, source: str, payee: str, stranger: bool, share: int) -> None:
        """Of so many tenths of what there is."""
        one, other = self.bank.of(source), self.bank.of(payee)
        by, amount = "eve" if stranger else one.owner, one.balance * share // 10
        fits = (
            source != payee and not stranger and one.currency == other.currency
            and one.is_open and other.is_open
            and 0 < amount <= min(self.model[source], MAX_MONEY - self.model[payee])
        )  # fmt: skip
        command = Transfer(by=by, amount=amount, transfer_id="t", from_account=source, to_account=payee)
        assert self.attempt(command) == fits
        if fits:
            self.model[source] -= amount
            self.model[payee] += amount

    @rule(target=closed, account=consumes(accounts))
    def close_after_emptying(self, account: str) -> Any:
        if self.bank.of(account).is_closed:
            return multiple()
        owner, rest = self.bank.of(account).owner, self.model[account]
        if rest:
            assert not self.attempt(Close(account_id=account, by=owner))
            assert self.attempt(Withdraw(account_id=account, by=owner, amount=rest))
            self.taken_out += rest
            self.model[account] = 0
        assert self.attempt(Close(account_id=account, by=owner))
        return account

    @rule(target=closed, account=accounts, payee=accounts)
    def close_paying_out(self, account: str, payee: str) -> Any:
        one, other = self.bank.of(account), self.bank.of(payee)
        fits = account != payee and not (one.is_closed or other.is_closed) and one.currency == other.currency
        fits = fits and self.model[account] <= MAX_MONEY - self.model[payee]
        assert self.attempt(Close(account_id=account, by=one.owner, payout_to=payee, transfer_id="t")) == fits
        if not fits:
            return multiple()
        self.model[payee] += self.model[account]
        self.model[account] = 0
        return account

    @rule(account=closed, other=accounts)
    def closed_stays_closed(self, account: str, other: str) -> None:
        """Whatever it is asked, by its owner."""
        owner = self.bank.of(account).owner
        commands: list[object] = [
            Deposit(account_id=account, by=owner, amount=1),
            Withdraw(account_id=account, by=owner, amount=1),
            Close(account_id=account, by=owner),
        ]
        if other != account:
            commands.append(Close(account_id=account, by=owner, payout_to=other))
        for command in commands:
            try:
                self.bank.do(command)
            except AccountIsClosed:
                continue
            raise AssertionError(f"a closed account took {command}")

    @invariant()
    def money_is_conserved(self) -> None:
        balances = {account: self.bank.of(account).balance for account in self.model}
        assert balances == self.model
        assert all(0 <= balance <= MAX_MONEY for balance in balances.values())
        assert sum(balances.values()) == self.paid_in - self.taken_out

    def teardown(self) -> None:
        self.at_every_prefix()
        self.documents_equal_the_fold()

    def at_every_prefix(self) -> None:
        """From the events alone, commit by commit."""
        states: dict[str, Account] = {}
        outside = 0
        for commit in self.bank.log:
            for account, event in commit:
                states[account] = evolve(states.get(account, Account()), event)
                if isinstance(event, MoneyDeposited):
                    outside += event.amount
                elif isinstance(event, MoneyWithdrawn):
                    outside -= event.amount
                assert states[account].balance >= 0
            assert sum(state.balance for state in states.values()) == outside
        for account, events in self.bank.streams.items():
            assert self.bank.refolded(account) == self.bank.of(account)
            assert [type(event) for event in events].count(AccountClosed) == (events[-1].__class__ is AccountClosed)

    def documents_equal_the_fold(self) -> None:
        documents: dict[Ref, Document] = {}
        history = []
        for account, events in self.bank.streams.items():
            then = Then()
            for version, event in enumerate(events, 1):
                stream = f"account-{account}"
                data = json.loads(msgspec.json.encode(event))
                history.append((stream, version, type(event).__name__, data, event.booked_at))
                documents |= projected(documents, stream, version, event)
                then = counted(then, version, event)
            assert then.balance == self.bank.of(account).balance
            assert (then.status == "closed", then.version) == (self.bank.of(account).is_closed, len(events))
        expected = fold_accounts(history)
        for collection, wanted in expected.items():
            assert {ref.id: each for ref, each in documents.items() if ref.collection == collection} == wanted


def projected(documents: dict[Ref, Document], stream: str, version: int, event: Any) -> dict[Ref, Document]:
    """What the projection makes of one event, with the version that the projector keeps."""
    published: PublishedEvent[Any] = PublishedEvent(
        topic="t", partition=0, offset=0, key=stream, stream=stream, version=version, event_id="e", type="t",
        occurred_at=wire_time(event.booked_at), event=publish(stream, event),
    )  # fmt: skip
    primary = ACCOUNTS.primary_ref(stream)
    given = {primary: documents[primary]} if primary in documents else {}
    changes = dict(ACCOUNTS.fold(given, published))
    changes[primary] = {**(changes.get(primary) or {}), "version": version}
    return {ref: document for ref, document in changes.items() if document is not None}


TestAnyBank = AnyBank.TestCase
TestAnyBank.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_every_command_and_most_refusals_were_met() -> None:
    """Else the bank above proves less than it says. Runs after it, in the order of the file."""
    if not REACHED:
        AnyBank.TestCase("runTest").runTest()  # this test alone was asked for
    assert {"OpenAccount", "Deposit", "Withdraw", "Transfer", "Close"} <= REACHED.keys()
    assert {
        "InsufficientFunds", "AccountNotFound", "CurrencyMismatch", "SameAccount", "BalanceNotZero", "BalanceTooLarge",
        "BadAmount",
    } <= REACHED.keys()  # fmt: skip
