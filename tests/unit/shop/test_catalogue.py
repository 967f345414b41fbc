"""What each command on a product or a promotion leads to, and what refuses it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from domains.shop import product, promotion
from domains.shop.events import (
    ProductListed,
    ProductRenamed,
    ProductRepriced,
    PromotionEnded,
    PromotionStarted,
)
from domains.shop.product import PRODUCT, ListProduct, Product, ProductCommand, RenameProduct, RepriceProduct
from domains.shop.promotion import PROMOTION, EndPromotion, Promotion, PromotionCommand, StartPromotion
from domains.shop.rules import MONEY_LIMIT, AlreadyExists, BadField, NotFound, WrongStatus
from kernel.aggregate import Decision
from tests.unit.shop.given import NOW, given

DAY = timedelta(days=1)
SKU = "OFF-BI-10003910"
LISTED = ProductListed(occurred_at=NOW, sku=SKU, name="Binder", category="Office", price=1299, currency="USD")
STARTED = PromotionStarted(occurred_at=NOW - DAY, name="Spring", starts_at=NOW - DAY, ends_at=NOW + DAY)


def of_product(asked: ProductCommand, sku: str = SKU) -> Callable[[Product], Decision]:
    return lambda state: product.decide(state, asked, sku, NOW)


def of_promotion(asked: PromotionCommand) -> Callable[[Promotion], Decision]:
    return lambda state: promotion.decide(state, asked, "p", NOW)


def listing(**other: object) -> ListProduct:
    given = {"name": "Binder", "category": "Office", "price": 1299, "currency": "USD"} | other
    return ListProduct(**given)  # type: ignore[arg-type]


def test_a_sku_is_listed_once_under_an_id_that_follows_from_it() -> None:
    given(PRODUCT).when(of_product(listing())).then(LISTED)
    given(PRODUCT, LISTED).when(of_product(listing(name="Other"))).then_refused(AlreadyExists)
    assert product.product_id(SKU) == product.product_id(SKU) != product.product_id(SKU.lower())
    assert UUID(product.product_id(SKU)).version == 5


def test_a_product_is_renamed_and_repriced_and_the_same_again_changes_nothing() -> None:
    renamed = ProductRenamed(occurred_at=NOW, sku=SKU, name="Ring binder")
    repriced = ProductRepriced(occurred_at=NOW, sku=SKU, price=999, currency="USD")
    given(PRODUCT, LISTED).when(of_product(RenameProduct(name="Ring binder"))).then(renamed)
    given(PRODUCT, LISTED, renamed).when(of_product(RenameProduct(name="Ring binder"))).then()
    given(PRODUCT, LISTED).when(of_product(RepriceProduct(price=999))).then(repriced)
    given(PRODUCT, LISTED, repriced).when(of_product(RepriceProduct(price=999, currency="USD"))).then()
    given(PRODUCT, LISTED).when(of_product(RepriceProduct(price=1299, currency="EUR"))).then(
        ProductRepriced(occurred_at=NOW, sku=SKU, price=1299, currency="EUR")
    )
    given(PRODUCT).when(of_product(RenameProduct(name="x"))).then_refused(NotFound)
    given(PRODUCT).when(of_product(RepriceProduct(price=1))).then_refused(NotFound)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("price", -1),
        ("price", MONEY_LIMIT + 1),
        ("currency", "usd"),
        ("currency", "US"),
        ("name", ""),
        ("category", ""),
    ],
)
def test_a_listing_that_cannot_be_is_refused_by_name(field: str, value: object) -> None:
    given(PRODUCT).when(of_product(listing(**{field: value}))).then_refused(BadField, field=field)


@pytest.mark.parametrize("sku", ["", "a b", "a/b", "é", "-a", "x" * 65, "a\n"])
def test_a_sku_that_could_not_stand_in_a_path_is_refused(sku: str) -> None:
    given(PRODUCT).when(of_product(listing(), sku)).then_refused(BadField, field="sku")


def test_a_promotion_runs_from_its_first_moment_until_just_before_its_last() -> None:
    asked = StartPromotion(name="Spring", starts_at=NOW - DAY, ends_at=NOW + DAY)
    state = given(PROMOTION).when(of_promotion(asked))
    started = PromotionStarted(occurred_at=NOW, name="Spring", starts_at=NOW - DAY, ends_at=NOW + DAY)
    state.then(started)
    running = given(PROMOTION, started).state
    assert [running.runs_at(NOW + n * DAY) for n in (-2, -1, 0, 1)] == [False, True, True, False]
    given(PROMOTION, started).when(of_promotion(asked)).then_refused(AlreadyExists)
    turned = StartPromotion(name="Spring", starts_at=NOW, ends_at=NOW)
    given(PROMOTION).when(of_promotion(turned)).then_refused(BadField, field="until")


def test_a_promotion_that_was_ended_runs_no_more_and_stays_what_it_was_before() -> None:
    ended = PromotionEnded(occurred_at=NOW)
    given(PROMOTION, STARTED).when(of_promotion(EndPromotion())).then(ended)
    stopped = given(PROMOTION, STARTED, ended).state
    assert [stopped.runs_at(NOW + n * DAY) for n in (-1, 0)] == [True, False]
    given(PROMOTION, STARTED, ended).when(of_promotion(EndPromotion())).then()
    given(PROMOTION).when(of_promotion(EndPromotion())).then_refused(NotFound)
    over = PromotionStarted(occurred_at=NOW, name="Old", starts_at=NOW - 2 * DAY, ends_at=NOW)
    given(PROMOTION, over).when(of_promotion(EndPromotion())).then_refused(WrongStatus)
