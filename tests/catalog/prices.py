"""Price tables and flash sales for tests."""

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import CustomerGroup, User
from catalog.models import FlashSale, FlashSaleItem, TierPrice, Variant
from catalog.services import documents, pricing
from catalog.services.pricing import PriceLine, WantedLine

HOUR = timedelta(hours=1)


def table(group: str, steps: dict[int, int], **scope: object) -> None:
    """Set a table of basis points off, from so many pieces on."""
    TierPrice.objects.bulk_create(
        TierPrice(group_id=group, min_quantity=pieces, value=value, **scope)
        for pieces, value in steps.items()
    )


def flash_sale(
    *variants: Variant,
    price: int = 99_000,
    quota: int = 100,
    limit: int | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    is_published: bool = True,
) -> FlashSale:
    """Make a sale that is on, with the same price and quota for all its items."""
    now = timezone.now()
    sale = FlashSale.objects.create(
        name="Flash Sale Gajian",
        slug=f"gajian-{FlashSale.objects.count() + 1}",
        starts_at=starts_at or now - HOUR,
        ends_at=ends_at or now + HOUR,
        per_customer_limit=limit,
        is_published=is_published,
    )
    FlashSaleItem.objects.bulk_create(
        FlashSaleItem(
            sale=sale,
            variant=variant,
            price=price,
            quota=quota,
            starts_at=sale.starts_at,
            ends_at=sale.ends_at,
        )
        for variant in variants
    )
    documents.rewrite_variants(variant.pk for variant in variants)
    return sale


def price_of(
    variant: Variant,
    quantity: int = 1,
    *,
    user: User | None = None,
    at: datetime | None = None,
    phone: str = "",
) -> PriceLine:
    lines = [WantedLine(variant.pk, quantity)]
    at = at or timezone.now()
    return pricing.price_lines(lines, user=user, at=at, phone=phone)[0]


def join_group(user: User, group: CustomerGroup.Code) -> User:
    user.group_id = group
    user.save(update_fields=["group"])
    return user
