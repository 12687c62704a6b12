"""What a piece costs a person now. Nobody else decides a price."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q

from accounts.models import User
from catalog.models import FlashSaleBuyer, FlashSaleItem
from catalog.services.flash_buyers import buyer_keys
from catalog.services.price_rules import Reason, Step, best, tier_for, tier_price
from catalog.services.price_tables import (
    RETAIL,
    Article,
    Table,
    Tables,
    articles,
    tables_for,
)
from karima.wib import wib


@dataclass(frozen=True, slots=True)
class WantedLine:
    """So many pieces of one variant."""

    variant_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class PriceLine:
    """What a piece of a line costs, in rupiah, and why.

    `explain` lists every price that was looked at, the chosen one marked. With the
    reason `flash_sale`, `flash_item_id` names what the order has to take.
    """

    variant_id: int
    quantity: int
    list_price: int
    unit_price: int
    reason: Reason
    explain: tuple[Step, ...]
    flash_item_id: int | None = None

    @property
    def total(self) -> int:
        return self.unit_price * self.quantity


@dataclass(frozen=True, slots=True)
class _Basket:
    """All that decides the prices of some lines."""

    articles: dict[int, Article]
    tables: Tables
    of_product: Counter[int]
    of_variant: Counter[int]
    flash: dict[int, FlashSaleItem]
    bought: dict[tuple[int, int], int]


def price_lines(
    lines: Sequence[WantedLine],
    *,
    user: User | None,
    at: datetime,
    phone: str = "",
) -> list[PriceLine]:
    """Return the price of each line for this person at that moment, in their order.

    The lowest of list price, group tier, bulk tier and flash price holds; they are
    never combined. Tiers count the pieces of a product in all its colors and sizes;
    a tier of one SKU counts that SKU. A flash price holds for a whole line or not at
    all: as long as its quota and the customer's limit reach. `phone`, in E.164, is that
    of the order's contact, if known. Four queries at most; writes nothing. Raises
    KeyError for a variant that does not exist.
    """
    basket = _read(lines, user=user, at=at, phone=phone)
    allowance: Counter[tuple[int, int]] = Counter()
    return [_priced(line, basket, allowance) for line in lines]


def price_each(
    lines: Sequence[WantedLine], *, user: User | None, at: datetime
) -> list[PriceLine]:
    """Return the price of each line if it were bought alone, as `price_lines`."""
    basket = _read(lines, user=user, at=at, phone="")
    found = []
    for line in lines:
        product_id = basket.articles[line.variant_id].product_id
        alone = replace(
            basket,
            of_product=Counter({product_id: line.quantity}),
            of_variant=Counter({line.variant_id: line.quantity}),
        )
        found.append(_priced(line, alone, Counter()))
    return found


def _read(
    lines: Sequence[WantedLine], *, user: User | None, at: datetime, phone: str
) -> _Basket:
    known = articles(line.variant_id for line in lines)
    flash = _flash_items(known, at=at)
    return _Basket(
        articles=known,
        tables=tables_for(user, known.values()),
        of_product=_counted(lines, {key: a.product_id for key, a in known.items()}),
        of_variant=_counted(lines, {key: key for key in known}),
        flash=flash,
        bought=_bought(flash.values(), keys=buyer_keys(user, phone)),
    )


def _counted(lines: Iterable[WantedLine], keys: dict[int, int]) -> Counter[int]:
    counted: Counter[int] = Counter()
    for line in lines:
        counted[keys[line.variant_id]] += line.quantity
    return counted


def _flash_items(known: Iterable[int], *, at: datetime) -> dict[int, FlashSaleItem]:
    running = FlashSaleItem.objects.filter(
        variant__in=list(known),
        sale__is_published=True,
        starts_at__lte=at,
        ends_at__gt=at,
    )
    return {item.variant_id: item for item in running.select_related("sale")}


def _bought(
    items: Iterable[FlashSaleItem], *, keys: Sequence[str]
) -> dict[tuple[int, int], int]:
    """Return what this buyer has of each sale and product with a limit already."""
    limited = {item.sale_id for item in items if item.sale.per_customer_limit}
    if not limited or not keys:
        return {}
    rows = FlashSaleBuyer.objects.filter(Q(sale__in=limited) & Q(buyer__in=keys))
    bought: dict[tuple[int, int], int] = defaultdict(int)
    for sale_id, product_id, quantity in rows.values_list(
        "sale_id", "product_id", "quantity"
    ):
        key = (sale_id, product_id)
        bought[key] = max(bought[key], quantity)
    return bought


def _priced(
    line: WantedLine, basket: _Basket, allowance: Counter[tuple[int, int]]
) -> PriceLine:
    article = basket.articles[line.variant_id]
    steps = [
        Step(Reason.LIST, article.list_price, True, "Harga daftar"),
        *_tiers(article, basket),
    ]
    item = basket.flash.get(line.variant_id)
    if item:
        steps.append(_flash_step(item, article, line, basket, allowance))
    chosen = best(steps)
    is_flash = chosen.reason == Reason.FLASH_SALE
    if item and is_flash:
        allowance[(item.sale_id, article.product_id)] += line.quantity
        allowance[(0, item.pk)] += line.quantity
    return PriceLine(
        variant_id=line.variant_id,
        quantity=line.quantity,
        list_price=article.list_price,
        unit_price=chosen.unit_price,
        reason=chosen.reason,
        explain=tuple(replace(step, chosen=step is chosen) for step in steps),
        flash_item_id=item.pk if item and is_flash else None,
    )


def _tiers(article: Article, basket: _Basket) -> Iterable[Step]:
    """Yield the best tier of the person's groups, and the best for everybody."""
    found: dict[Reason, Step] = {}
    for table in basket.tables.of(article):
        step = _tier_step(article, table, basket)
        if step:
            known = found.get(step.reason, step)
            found[step.reason] = min(step, known, key=lambda s: s.unit_price)
    return found.values()


def _tier_step(article: Article, table: Table, basket: _Basket) -> Step | None:
    quantity = (
        basket.of_variant[article.variant_id]
        if table.counts_sku
        else basket.of_product[article.product_id]
    )
    tier = tier_for(table.tiers, quantity=quantity)
    if tier is None:
        return None
    is_bulk = table.group == RETAIL
    name = "Harga grosir" if is_bulk else f"Harga {table.group_name}"
    return Step(
        Reason.BULK if is_bulk else Reason.GROUP_TIER,
        tier_price(article.list_price, tier),
        applies=True,
        note=f"{name}, mulai {tier.min_quantity} buah",
    )


def _flash_step(
    item: FlashSaleItem,
    article: Article,
    line: WantedLine,
    basket: _Basket,
    allowance: Counter[tuple[int, int]],
) -> Step:
    """Return the flash price; it does not apply where quota or limit fall short."""
    refusal = ""
    left = item.quota - item.sold - allowance[(0, item.pk)]
    if line.quantity > left:
        refusal = f"; sisa kuota {max(left, 0)}"
    limit = item.sale.per_customer_limit
    if limit and not refusal:
        key = (item.sale_id, article.product_id)
        left = limit - basket.bought.get(key, 0) - allowance[key]
        if line.quantity > left:
            refusal = f"; batas {limit} per pelanggan, sisa {max(left, 0)}"
    note = f"{item.sale.name}, sampai {wib(item.ends_at)}{refusal}"
    return Step(Reason.FLASH_SALE, item.price, applies=not refusal, note=note)
