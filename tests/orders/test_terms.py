"""The terms that an order was placed under."""

import pytest
from pytest_django import Settings

from accounts.models import Consent, User
from catalog.services import stock
from catalog.services.stock import OutOfStock
from orders.models import Order
from tests.factories import VariantFactory, make_order

pytestmark = pytest.mark.django_db


def test_order_keeps_the_terms_it_was_placed_under(
    aisyah: User, settings: Settings
) -> None:
    settings.TERMS_VERSION = "2026-12"
    order = make_order(aisyah)
    settings.TERMS_VERSION = "2027-01"
    consent = Consent.objects.get()
    assert Order.objects.get(pk=order.pk).terms_version == "2026-12"
    assert (consent.customer, consent.purpose, consent.granted) == (
        aisyah,
        "terms",
        True,
    )
    assert (consent.source, consent.text_version) == ("checkout", "2026-12")


def test_every_order_accepts_the_terms_anew(aisyah: User) -> None:
    make_order(aisyah)
    make_order(aisyah)
    assert Consent.objects.filter(purpose="terms").count() == 2


def test_refused_order_accepts_nothing(
    aisyah: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise OutOfStock

    monkeypatch.setattr(stock, "reserve", refuse)
    with pytest.raises(OutOfStock):
        make_order(aisyah, variant=VariantFactory(on_hand=5))
    assert not Consent.objects.exists()
