"""Accounts in memory, moved by the domain's own decisions as the pipeline moves them: events, and states after them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import cast

from domains.accounts import account as rules
from domains.accounts.account import Account, evolve
from domains.accounts.events import AccountEvent
from kernel.aggregate import Decision

NOW = datetime(2023, 5, 28, 12, tzinfo=UTC)


class Bank:
    """Every account by id; `log` is what happened to all of them, a commit at a time."""

    def __init__(self) -> None:
        self.states: dict[str, Account] = {}
        self.streams: defaultdict[str, list[AccountEvent]] = defaultdict(list)
        self.log: list[list[tuple[str, AccountEvent]]] = []
        self.now = NOW

    def of(self, account_id: str) -> Account:
        return self.states.get(account_id, Account())

    def do(self, command: object) -> Sequence[Decision]:
        """The command's decisions, which have happened. Raises a DomainError: nothing has."""
        self.now += timedelta(seconds=1)
        match command:
            case rules.OpenAccount():
                accounts, decisions = (
                    [command.account_id],
                    [rules.open_account(self.of(command.account_id), command, self.now)],
                )
            case rules.Deposit():
                accounts, decisions = (
                    [command.account_id],
                    [rules.deposit(self.of(command.account_id), command, self.now)],
                )
            case rules.Withdraw():
                accounts, decisions = (
                    [command.account_id],
                    [rules.withdraw(self.of(command.account_id), command, self.now)],
                )
            case rules.Transfer(from_account=source, to_account=target):
                accounts = [source, target]
                decisions = [*rules.transfer(self.of(source), self.of(target), command, self.now)]
            case rules.Close(account_id=account_id, payout_to=None):
                accounts, decisions = [account_id], [rules.close(self.of(account_id), command, self.now)]
            case rules.Close(account_id=account_id, payout_to=str(payee)):
                accounts = [account_id, payee]
                decisions = [*rules.close_and_pay_out(self.of(account_id), self.of(payee), command, self.now)]
            case _:
                raise TypeError(command)
        commit = [
            (each, cast(AccountEvent, event))
            for each, decision in zip(accounts, decisions, strict=True)
            for event in decision.events
        ]
        for each, event in commit:
            self.states[each] = evolve(self.of(each), event)
            self.streams[each].append(event)
        self.log.append(commit)
        return decisions

    def refolded(self, account_id: str) -> Account:
        return reduce(evolve, self.streams[account_id], Account())
