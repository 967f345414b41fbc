"""Why an account refuses: errors named for the condition, with what HTTP says of each."""

from __future__ import annotations

from kernel.aggregate import DomainError


class AccountNotFound(DomainError):
    """There is none, or it is another's: the words are the same."""

    status, problem = 404, "account-not-found"

    def __init__(self, account_id: object) -> None:
        super().__init__(f"there is no account {account_id}")


class AlreadyExists(DomainError):
    status, problem = 409, "already-exists"


class BackdatingNotAllowed(DomainError):
    status, problem = 403, "missing-scope"


class AccountIsClosed(DomainError):
    problem = "account-closed"


class InsufficientFunds(DomainError):
    problem = "insufficient-funds"

    def __init__(self, balance: int, asked: int) -> None:
        super().__init__(f"the account holds {balance}, less than {asked}", balance=balance, asked=asked)


class BalanceNotZero(DomainError):
    problem = "balance-not-zero"

    def __init__(self, detail: str, balance: int) -> None:
        super().__init__(detail, balance=balance)


class BalanceTooLarge(DomainError):
    problem = "balance-too-large"


class CurrencyMismatch(DomainError):
    problem = "currency-mismatch"


class UnknownCurrency(DomainError):
    problem = "unknown-currency"


class SameAccount(DomainError):
    problem = "same-account"


class BadAmount(DomainError):
    problem = "bad-amount"


class BadMoment(DomainError):
    problem = "bad-moment"


class BadReference(DomainError):
    problem = "bad-reference"
