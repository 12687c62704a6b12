"""What people are told of the stock: that goods are back, and that they run low."""

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import StaffIdentity
from accounts.services import messages
from catalog.models import Stock, StockAlert, Variant
from catalog.services import health, stock_alerts
from catalog.services.products import buyable_variants
from karima.wib import WIB

State = StockAlert.State

BATCH = 100
LISTED = 100
LOW = next(lack.condition for lack in health.VARIANT_LACKS if lack.name == "low")


def tell_due() -> None:
    """Write to the alerts that are due, and end each with that one message.

    Those whose goods are gone again go on waiting. Alerts by telephone stay due: there
    is no channel for them yet. Opens its own transactions; safe to run twice at once.
    """
    due = StockAlert.objects.filter(state=State.DUE).exclude(email="")
    found = due.order_by("due_at").values_list("pk", "variant_id")
    for alert_id, variant_id in list(found[:BATCH]):
        with transaction.atomic(durable=True):
            # First the stock, as whoever brings goods back locks it.
            balance = Stock.objects.select_for_update().filter(pk=variant_id).first()
            alert = due.select_for_update().filter(pk=alert_id).first()
            if alert is None:
                continue
            variant = _buyable(variant_id)
            if variant is None or balance is None or balance.available <= 0:
                _wait_on(alert)
            else:
                _tell(alert, variant)


def tell_low() -> None:
    """Send the day's list of goods that run low to those who receive stock.

    Opens its own transaction; a repeat on the same day in WIB sends nothing.
    """
    low = health.variants().filter(LOW, product__status="active")
    rows = low.order_by("left", "sku").values_list("sku", "product__name", "left")
    goods = list(rows)
    if not goods:
        return
    day = timezone.localtime(timezone=WIB)
    listed = [f"- {sku} {name}: sisa {left}" for sku, name, left in goods[:LISTED]]
    if len(goods) > LISTED:
        listed.append(f"dan {len(goods) - LISTED} barang lainnya")
    context = {
        "tanggal": f"{day:%d-%m-%Y}",
        "jumlah": str(len(goods)),
        "daftar": "\n".join(listed),
    }
    with transaction.atomic(durable=True):
        for address in _receivers():
            messages.queue(
                event="low_stock",
                key=f"{day:%Y-%m-%d}",
                recipient=messages.Recipient(address),
                context=context,
            )


def _buyable(variant_id: int) -> Variant | None:
    found = buyable_variants().select_related("product", "color", "size")
    return found.filter(pk=variant_id).first()


def _wait_on(alert: StockAlert) -> None:
    """Open the alert again, or end it when its contact has asked anew meanwhile."""
    try:
        with transaction.atomic():
            alert.state, alert.due_at = State.OPEN, None
            alert.save(update_fields=["state", "due_at"])
    except IntegrityError:
        StockAlert.objects.filter(pk=alert.pk).update(state=State.ENDED)


def _tell(alert: StockAlert, variant: Variant) -> None:
    shop = settings.STOREFRONT_URL.rstrip("/")
    token = stock_alerts.signed_token(alert)
    messages.queue(
        event="back_in_stock",
        key=str(alert.pk),
        recipient=messages.Recipient(alert.email, alert.customer),
        context={
            "produk": variant.product.name,
            "varian": f"{variant.color.name}, {variant.size.name}",
            "tautan": f"{shop}/products/{variant.product.slug}",
            "tautan_berhenti": f"{shop}/stock-alerts/stop?token={token}",
        },
    )
    StockAlert.objects.filter(pk=alert.pk).update(state=State.ENDED)


def _receivers() -> list[str]:
    """Return the addresses of the staff who may receive stock."""
    found = StaffIdentity.objects.filter(
        is_active=True,
        user__is_active=True,
        user__groups__permissions__codename="receive_stock",
    )
    return sorted(set(found.values_list("email", flat=True)))
