"""What the specification says of each command: the events it stores, and which answers HTTP may give. Tables only."""

from __future__ import annotations

import msgspec


class Effect(msgspec.Struct, frozen=True):
    """The events one execution stores, by type; `may_be_none` where an accepted command may change nothing."""

    types: tuple[str, ...]
    may_be_none: bool = False
    argument: str = ""
    """The argument of the command that its events' data repeat under the same name, if any."""
    creates: bool = False
    """Whether it begins a stream."""


EFFECTS: dict[str, Effect] = {
    "create-post": Effect(("PostCreated",), argument="message", creates=True),
    "edit-post": Effect(("MessageUpdated",), argument="message"),
    "like": Effect(("PostLiked",), may_be_none=True),
    "unlike": Effect(("PostUnliked",), may_be_none=True),
    "comment": Effect(("CommentAdded",), argument="comment"),
    "edit-comment": Effect(("CommentUpdated",), argument="comment"),
    "remove-comment": Effect(("CommentRemoved",)),
    "remove-post": Effect(("PostRemoved",)),
    "open-account": Effect(("AccountOpened",), argument="currency", creates=True),
    "deposit": Effect(("MoneyDeposited",), argument="amount"),
    "withdraw": Effect(("MoneyWithdrawn",), argument="amount"),
    "transfer": Effect(("TransferSent", "TransferReceived"), argument="amount"),
    "close-account": Effect(("AccountClosed",)),
}

DOMAIN_OF = {
    "post": "posts", "account": "accounts",
    "customer": "shop", "product": "shop", "promotion": "shop", "order": "shop",
}  # fmt: skip
"""Category of a stream (what stands before its id) → the domain it belongs to."""

COMMAND_STATUSES = frozenset({200, 201, 400, 401, 403, 404, 409, 412, 413, 422, 503})
READ_STATUSES = frozenset({200, 304, 400, 401, 403, 404, 422, 503})

NO_ANSWER = frozenset({"reset", "timeout", "refused"})


def category_of(stream: str) -> str:
    return stream.partition("-")[0]
