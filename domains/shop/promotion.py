"""A promotion as its rules see it: announced with its time, perhaps ended before it. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

import msgspec

from domains.shop.events import PromotionEnded, PromotionEvent, PromotionStarted
from domains.shop.rules import AlreadyExists, BadField, NotFound, WrongStatus, text
from kernel.aggregate import Aggregate, Decision


class Promotion(msgspec.Struct, frozen=True):
    """It runs from `starts_at` until just before `ends_at`."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    ended: bool = False

    @property
    def exists(self) -> bool:
        return self.starts_at is not None

    def runs_at(self, moment: datetime) -> bool:
        return self.starts_at is not None and self.ends_at is not None and self.starts_at <= moment < self.ends_at


def evolve(promotion: Promotion, event: PromotionEvent) -> Promotion:
    match event:
        case PromotionStarted(starts_at=starts_at, ends_at=ends_at):
            return Promotion(starts_at, ends_at)
        case PromotionEnded(occurred_at=ended_at):
            return Promotion(promotion.starts_at, ended_at, ended=True)
        case _:
            assert_never(event)


# not closed by PromotionEnded: an order of the past still reads whether it ran then
PROMOTION = Aggregate(category="promotion", domain="shop", initial=Promotion(), evolve=evolve, state_type=Promotion)


class StartPromotion(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    starts_at: datetime
    ends_at: datetime


class EndPromotion(msgspec.Struct, frozen=True, kw_only=True):
    pass


PromotionCommand = StartPromotion | EndPromotion


def decide(promotion: Promotion, command: PromotionCommand, promotion_id: str, at: datetime) -> Decision:
    """The facts a command leads to, as of `at`. Raises a DomainError where a rule refuses it."""
    if isinstance(command, StartPromotion):
        if promotion.exists:
            raise AlreadyExists(f"there is a promotion {promotion_id} already")
        if command.starts_at >= command.ends_at:
            raise BadField("until must be later than from", field="until")
        name = text("name", command.name)
        started = PromotionStarted(occurred_at=at, name=name, starts_at=command.starts_at, ends_at=command.ends_at)
        return Decision((started,))
    if promotion.ends_at is None:
        raise NotFound(f"there is no promotion {promotion_id}")
    match command:
        case EndPromotion():
            if promotion.ended:
                return Decision()
            if at >= promotion.ends_at:
                raise WrongStatus("the promotion is over already", orderStatus="over")
            return Decision((PromotionEnded(occurred_at=at),))
        case _:
            assert_never(command)
