"""The best price of a line for a person, and the words that explain it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import CustomerGroup, User
from catalog.models import FlashSaleItem, TierPrice
from catalog.services import price_rules, pricing
from catalog.services.price_rules import Reason, Step, Tier
from catalog.services.pricing import WantedLine
from tests.catalog.prices import HOUR, flash_sale, join_group, price_of, table
from tests.factories import CategoryFactory, CustomerFactory, VariantFactory

pytestmark = pytest.mark.django_db

Code = CustomerGroup.Code
RESELLER = {1: 500, 5: 1000, 10: 1500, 20: 2000, 50: 2500, 100: 3000}
BULK = {5: 500, 10: 1000}

rupiah = st.integers(1, 10**12)
basis_points = st.integers(0, 9_999)


@given(rupiah, basis_points)
def test_discount_is_within_half_a_rupiah_of_exact(price: int, points: int) -> None:
    got = price_rules.discounted(price, basis_points=points)
    exact = price * (10_000 - points)
    assert 1 <= got <= price
    assert got == 1 or abs(got * 10_000 - exact) <= 5_000


@given(rupiah, basis_points, basis_points)
def test_more_discount_never_costs_more(price: int, one: int, other: int) -> None:
    less, more = sorted((one, other))
    assert price_rules.discounted(price, basis_points=more) <= price_rules.discounted(
        price, basis_points=less
    )


@given(rupiah, st.integers(1, 10**12))
def test_fixed_price_never_raises_a_price(price: int, fixed: int) -> None:
    tier = Tier(1, is_percent=False, value=fixed)
    assert price_rules.tier_price(price, tier) == min(price, fixed)


steps = st.lists(
    st.builds(
        Step,
        reason=st.sampled_from(list(Reason)),
        unit_price=st.integers(1, 50),
        applies=st.booleans(),
        note=st.just(""),
    )
)


@given(st.integers(1, 50), steps)
def test_best_price_is_the_lowest_that_applies(price: int, others: list[Step]) -> None:
    listed = Step(Reason.LIST, price, applies=True, note="")
    chosen = price_rules.best([*others, listed])
    applying = [step for step in others if step.applies]
    assert chosen.applies
    assert chosen.unit_price == min([price, *(step.unit_price for step in applying)])


@given(st.integers(1, 50), steps)
def test_equal_prices_leave_the_quota_to_others(price: int, others: list[Step]) -> None:
    listed = Step(Reason.LIST, price, applies=True, note="")
    chosen = price_rules.best([*others, listed])
    if chosen.reason == Reason.FLASH_SALE:
        dearer = [s for s in [*others, listed] if s.reason != Reason.FLASH_SALE]
        assert all(s.unit_price > chosen.unit_price for s in dearer if s.applies)


@given(st.dictionaries(st.integers(1, 200), basis_points), st.integers(1, 250))
def test_highest_step_that_is_reached_holds(
    stair: dict[int, int], quantity: int
) -> None:
    tiers = [Tier(pieces, True, value) for pieces, value in stair.items()]
    found = price_rules.tier_for(tiers, quantity=quantity)
    reached = [pieces for pieces in stair if pieces <= quantity]
    assert (found.min_quantity if found else None) == max(reached, default=None)


def test_list_price_without_any_table(aisyah: User) -> None:
    found = price_of(VariantFactory(price=150_000), user=aisyah)
    assert (found.unit_price, found.reason) == (150_000, Reason.LIST)
    assert [step.reason for step in found.explain if step.chosen] == [Reason.LIST]


@pytest.mark.parametrize(
    ("quantity", "unit_price"),
    [(1, 190_000), (4, 190_000), (5, 180_000), (10, 170_000), (20, 160_000),
     (50, 150_000), (99, 150_000), (100, 140_000)],
)  # fmt: skip
def test_reseller_steps(aisyah: User, quantity: int, unit_price: int) -> None:
    table("reseller", RESELLER)
    join_group(aisyah, Code.RESELLER)
    found = price_of(VariantFactory(price=200_000), quantity, user=aisyah)
    assert (found.unit_price, found.reason) == (unit_price, Reason.GROUP_TIER)


def test_bulk_holds_for_everybody_and_reseller_tables_do_not(aisyah: User) -> None:
    table("retail", BULK)
    table("reseller", RESELLER)
    variant = VariantFactory(price=200_000)
    for person in (None, aisyah):
        assert price_of(variant, 4, user=person).reason == Reason.LIST
        found = price_of(variant, 5, user=person)
        assert (found.unit_price, found.reason) == (190_000, Reason.BULK)


def test_higher_group_never_pays_more_than_a_lower_one(aisyah: User) -> None:
    table("reseller", RESELLER)
    variant = VariantFactory(price=200_000)
    join_group(aisyah, Code.AGEN)
    assert price_of(variant, 5, user=aisyah).unit_price == 180_000
    table("agen", {1: 200})
    assert price_of(variant, 5, user=aisyah).unit_price == 180_000


def test_pieces_of_a_product_are_counted_together() -> None:
    table("retail", BULK)
    small = VariantFactory(price=100_000)
    large = VariantFactory(product=small.product, price=120_000)
    other = VariantFactory(price=100_000)
    lines = [WantedLine(v.pk, 3) for v in (small, large, other)]
    found = pricing.price_lines(lines, user=None, at=timezone.now())
    assert [line.unit_price for line in found] == [95_000, 114_000, 100_000]


def test_table_of_a_sku_counts_that_sku() -> None:
    small = VariantFactory(price=100_000)
    large = VariantFactory(product=small.product, price=100_000)
    table("retail", {5: 500}, variant=small)
    lines = [WantedLine(v.pk, 3) for v in (small, large)]
    found = pricing.price_lines(lines, user=None, at=timezone.now())
    assert [line.reason for line in found] == [Reason.LIST, Reason.LIST]
    assert price_of(small, 5).unit_price == 95_000


def test_nearest_table_replaces_wider_ones() -> None:
    above = CategoryFactory(slug="gamis")
    below = CategoryFactory(slug="syari", parent=above)
    variant = VariantFactory(price=100_000)
    variant.product.category = below
    variant.product.save()
    table("retail", {1: 5000})
    assert price_of(variant).unit_price == 50_000
    table("retail", {1: 4000}, category=above)
    assert price_of(variant).unit_price == 60_000
    table("retail", {1: 3000}, category=below)
    assert price_of(variant).unit_price == 70_000
    table("retail", {1: 2000}, product=variant.product)
    assert price_of(variant).unit_price == 80_000
    table("retail", {1: 0}, variant=variant)
    assert price_of(variant).unit_price == 100_000


def test_flash_price_holds_between_start_and_end() -> None:
    variant = VariantFactory(price=150_000)
    sale = flash_sale(variant, price=99_000)
    assert price_of(variant, at=sale.starts_at).reason == Reason.FLASH_SALE
    before = price_of(variant, at=sale.starts_at - timedelta(microseconds=1))
    assert (before.unit_price, before.flash_item_id) == (150_000, None)
    assert price_of(variant, at=sale.ends_at).unit_price == 150_000


def test_reseller_never_pays_more_because_of_a_flash_price(aisyah: User) -> None:
    table("reseller", RESELLER)
    join_group(aisyah, Code.RESELLER)
    variant = VariantFactory(price=200_000)
    flash_sale(variant, price=185_000)
    cheap, dear = price_of(variant, 1, user=aisyah), price_of(variant, 5, user=aisyah)
    assert (cheap.unit_price, cheap.reason) == (185_000, Reason.FLASH_SALE)
    assert (dear.unit_price, dear.reason) == (180_000, Reason.GROUP_TIER)


def test_prices_are_never_combined(aisyah: User) -> None:
    table("reseller", RESELLER)
    table("retail", BULK)
    join_group(aisyah, Code.RESELLER)
    variant = VariantFactory(price=200_000)
    flash_sale(variant, price=150_000)
    found = price_of(variant, 10, user=aisyah)
    assert found.unit_price == 150_000
    assert {s.reason: s.unit_price for s in found.explain} == {
        Reason.LIST: 200_000,
        Reason.GROUP_TIER: 170_000,
        Reason.BULK: 180_000,
        Reason.FLASH_SALE: 150_000,
    }


def test_line_above_quota_or_limit_says_why_it_has_no_flash_price() -> None:
    variant = VariantFactory(price=150_000)
    flash_sale(variant, price=99_000, quota=5, limit=2)
    limited, short = price_of(variant, 3), price_of(variant, 6)
    assert [limited.unit_price, short.unit_price] == [150_000, 150_000]
    assert "batas 2 per pelanggan" in limited.explain[-1].note
    assert "sisa kuota 5" in short.explain[-1].note


def test_limit_counts_all_sizes_of_a_product_in_one_basket() -> None:
    small = VariantFactory(price=150_000)
    large = VariantFactory(product=small.product, price=150_000)
    flash_sale(small, large, price=99_000, limit=2)
    lines = [WantedLine(small.pk, 2), WantedLine(large.pk, 1)]
    found = pricing.price_lines(lines, user=None, at=timezone.now())
    assert [line.unit_price for line in found] == [99_000, 150_000]


def test_one_variant_cannot_be_in_two_sales_at_a_time() -> None:
    variant, now = VariantFactory(), timezone.now()
    sale = flash_sale(variant, starts_at=now, ends_at=now + HOUR)
    with pytest.raises(IntegrityError, match="no_overlap"), transaction.atomic():
        flash_sale(variant, starts_at=now + HOUR / 2, ends_at=now + 2 * HOUR)
    following = flash_sale(variant, starts_at=now + HOUR, ends_at=now + 2 * HOUR)
    with pytest.raises(IntegrityError, match="no_overlap"), transaction.atomic():
        sale.ends_at = following.ends_at
        sale.save()


def test_items_follow_the_period_of_their_sale() -> None:
    sale = flash_sale(VariantFactory())
    sale.ends_at += HOUR
    sale.save()
    assert FlashSaleItem.objects.get().ends_at == sale.ends_at
    with pytest.raises(IntegrityError), transaction.atomic():
        FlashSaleItem.objects.update(ends_at=sale.ends_at + HOUR)


def test_draft_has_no_effect() -> None:
    variant = VariantFactory(price=150_000)
    flash_sale(variant, is_published=False)
    assert price_of(variant).unit_price == 150_000


@pytest.mark.parametrize(
    "wrong",
    [
        {"min_quantity": 0, "value": 500},
        {"min_quantity": 1, "value": 10_000},
        {"min_quantity": 1, "value": -1},
        {"min_quantity": 1, "value": 50_000, "kind": "fixed"},
    ],
)
def test_table_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        TierPrice.objects.create(group_id="retail", **wrong)


def test_step_is_in_a_table_once() -> None:
    table("retail", BULK)
    with pytest.raises(IntegrityError), transaction.atomic():
        table("retail", {5: 700})


def test_many_lines_take_few_queries(django_assert_max_num_queries: object) -> None:
    table("retail", BULK)
    variants = [VariantFactory() for _ in range(8)]
    flash_sale(*variants, limit=2)
    lines = [WantedLine(variant.pk, 1) for variant in variants]
    person = CustomerFactory()
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        pricing.price_lines(lines, user=person, at=timezone.now())
