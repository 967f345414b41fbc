"""C6 for accounts: at every prefix of the log what all accounts hold, and what is on its way between two of them, is
what was paid in less what was taken out; no balance is below zero; each transfer has two sides, written by one command.
"""

from __future__ import annotations

from collections.abc import Iterable

from checker.folds.accounts import signed
from checker.notes import Notes
from checker.run import Run
from checker.spec import category_of
from checker.stored import Event

OWNERS_ONLY = frozenset({"MoneyWithdrawn", "TransferSent", "AccountClosed"})


def check_accounts(run: Run, notes: Notes) -> None:
    events = [event for event in run.events if category_of(event.stream) == "account"]
    _Accounts(notes).walk(events)
    _conserved(sorted(events, key=lambda event: event.position), notes)


class _Accounts:
    """Each account by itself, in version order."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def walk(self, events: Iterable[Event]) -> None:
        stream, owner, balance, closed = "", "", 0, False
        for event in events:
            self._notes.look("C6")
            if event.stream != stream:
                stream, owner, balance, closed = event.stream, "", 0, False
                if event.type != "AccountOpened":
                    self._broken(event, "an account is opened first")
            elif event.type == "AccountOpened":
                self._broken(event, "an account is opened once")
            if closed:
                self._broken(event, "a closed account refuses everything")
            by = str(event.metadata.get("principal"))
            if event.type == "AccountOpened":
                owner = str(event.data["owner"])
            if by != owner and event.type in OWNERS_ONLY | {"AccountOpened"}:
                self._broken(event, "only its owner acts on an account")
            if "amount" in event.data and not 0 < event.data["amount"] < 2**63:
                self._broken(event, "an amount is above zero, and fits")
            balance += signed(event)
            if balance < 0:
                self._broken(event, f"a balance of {balance}")
            if event.type == "AccountClosed":
                closed = True
                if balance:
                    self._broken(event, f"closed with a balance of {balance}")

    def _broken(self, event: Event, rule: str) -> None:
        self._notes.breach("C6", f"{event.stream}@{event.version} {event.type}: {rule}", data=event.data)


def _conserved(log: Iterable[Event], notes: Notes) -> None:
    """The whole log, by position."""
    currency: dict[str, str] = {}
    on_its_way: dict[str, Event] = {}
    done: set[str] = set()
    for event in log:
        notes.look("C6")
        if event.type == "AccountOpened":
            currency[event.stream] = str(event.data["currency"])
        if event.type not in ("TransferSent", "TransferReceived"):
            continue
        transfer = str(event.data["transferId"])
        first = on_its_way.pop(transfer, None)
        if first is None:
            if transfer in done:
                notes.breach("C6", f"the transfer {transfer} has more than two sides", third=event)
            on_its_way[transfer] = event
        elif wrong := _mismatch(first, event, currency):
            notes.breach("C6", f"the transfer {transfer}: {wrong}", one=first, other=event)
        done.add(transfer)
    for transfer, event in on_its_way.items():
        notes.breach(
            "C6", f"the transfer {transfer} has one side only: money came from nowhere or went there", side=event
        )


def _mismatch(one: Event, other: Event, currency: dict[str, str]) -> str:
    if one.type == other.type:
        return "two sides of the same kind"
    if one.data["amount"] != other.data["amount"]:
        return "what was sent is not what was received"
    if currency.get(one.stream) != currency.get(other.stream):
        return "between two currencies"
    if one.correlation != other.correlation:
        return "written by two commands"
    named = {f"account-{each.data.get('toAccount') or each.data.get('fromAccount')}" for each in (one, other)}
    return "" if named == {one.stream, other.stream} else "its sides name other accounts"
