"""Reviews: by buyers only, public once judged, summed up on the product."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from catalog.models import Product, Variant
from catalog.services import reading
from orders.models import OrderLine, Review
from orders.services import reviews
from tests.factories import CustomerFactory, StaffFactory, VariantFactory, make_order
from tests.payments.person import deliver

pytestmark = pytest.mark.django_db


def received(customer: User, variant: Variant | None = None) -> OrderLine:
    return deliver(make_order(customer, variant=variant)).lines.get()


def written(customer: User, variant: Variant | None = None, rating: int = 5) -> Review:
    line = received(customer, variant)
    return reviews.write(customer, line_id=line.pk, rating=rating, text=" Adem. ")


def public(variant: Variant, rating: int, customer: User | None = None) -> Review:
    review = written(customer or CustomerFactory(), variant, rating)
    reviews.publish(review.pk, actor=StaffFactory())
    return review


def rating_of(variant: Variant) -> Any:
    text = reading.detail(Product.objects.get(pk=variant.product_id).slug)
    assert text is not None
    return orjson.loads(text)["rating"]


def test_a_buyer_reviews_what_arrived(
    client_of: Callable[..., APIClient], aisyah: User
) -> None:
    line = received(aisyah)
    client = client_of(aisyah)
    [candidate] = client.get("/api/v1/reviews/candidates").json()["results"]
    assert candidate["line_id"] == line.pk
    body = {"line_id": line.pk, "rating": 4, "text": "Adem."}
    answer = client.post("/api/v1/reviews", body, format="json")
    assert (answer.status_code, answer.json()["state"]) == (201, "pending")
    assert client.get("/api/v1/reviews/candidates").json()["results"] == []
    again = client.post("/api/v1/reviews", body, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "already_reviewed")
    [own] = client.get("/api/v1/reviews").json()["results"]
    assert own["id"] == answer.json()["id"]


def test_what_has_not_arrived_cannot_be_reviewed(
    client_of: Callable[..., APIClient], aisyah: User
) -> None:
    line = make_order(aisyah).lines.get()
    body = {"line_id": line.pk, "rating": 4}
    answer = client_of(aisyah).post("/api/v1/reviews", body, format="json")
    assert answer.json()["code"] == "line_not_reviewable"
    assert not Review.objects.exists()


def test_what_others_bought_cannot_be_reviewed(
    client_of: Callable[..., APIClient], aisyah: User, budi: User
) -> None:
    body = {"line_id": received(aisyah).pk, "rating": 1}
    answer = client_of(budi).post("/api/v1/reviews", body, format="json")
    assert answer.status_code == 404
    assert not Review.objects.exists()


@pytest.mark.parametrize("rating", [0, 6, "5", 4.5, None])
def test_stars_are_one_to_five(
    client_of: Callable[..., APIClient], aisyah: User, rating: object
) -> None:
    body = {"line_id": received(aisyah).pk, "rating": rating}
    answer = client_of(aisyah).post("/api/v1/reviews", body, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "rating")


def test_nobody_reads_it_before_the_shop_does(
    client_of: Callable[..., APIClient], aisyah: User
) -> None:
    variant = VariantFactory(on_hand=5)
    review = written(aisyah, variant, 4)
    path = f"/api/v1/products/{variant.product.slug}/reviews"
    assert client_of().get(path).json()["results"] == []
    assert rating_of(variant)["count"] == 0
    reviews.publish(review.pk, actor=StaffFactory())
    [shown] = client_of().get(path).json()["results"]
    assert (shown["author"], shown["text"]) == ("Aisyah P.", "Adem.")
    assert "customer" not in shown


def test_the_product_sums_up_what_is_public() -> None:
    variant = VariantFactory(on_hand=50)
    for rating in (5, 5, 4, 2):
        public(variant, rating)
    taken_back = public(variant, 1)
    reviews.reject(taken_back.pk, reason="rude", actor=StaffFactory())
    assert rating_of(variant) == {
        "average": 4.0,
        "count": 4,
        "histogram": {"5": 2, "4": 1, "3": 0, "2": 1, "1": 0},
    }
    call_command("rebuild_documents", "--verify")


def test_an_edited_review_waits_again(
    client_of: Callable[..., APIClient], aisyah: User
) -> None:
    variant = VariantFactory(on_hand=5)
    review = public(variant, 5, aisyah)
    path = f"/api/v1/reviews/{review.pk}"
    answer = client_of(aisyah).patch(path, {"rating": 3}, format="json").json()
    assert (answer["state"], answer["rating"], answer["text"]) == (
        "pending",
        3,
        "Adem.",
    )
    assert rating_of(variant)["count"] == 0


def test_a_deleted_review_is_gone_from_the_sum(
    client_of: Callable[..., APIClient], aisyah: User
) -> None:
    variant = VariantFactory(on_hand=5)
    review = public(variant, 5, aisyah)
    assert client_of(aisyah).delete(f"/api/v1/reviews/{review.pk}").status_code == 204
    assert rating_of(variant)["count"] == 0
    assert not Review.objects.exists()


def test_helpful_counts_each_customer_once_and_never_the_writer(
    client_of: Callable[..., APIClient], aisyah: User, budi: User
) -> None:
    variant = VariantFactory(on_hand=5)
    helpful, _ = public(variant, 3, aisyah), public(variant, 5)
    path = f"/api/v1/reviews/{helpful.pk}/helpful"
    for _ in range(2):
        assert client_of(budi).post(path).status_code == 204
    assert client_of(aisyah).post(path).json()["code"] == "own_review"
    listed = f"/api/v1/products/{variant.product.slug}/reviews?sort=helpful"
    first, second = client_of().get(listed).json()["results"]
    assert (first["id"], first["helpful_count"]) == (str(helpful.pk), 1)
    assert second["helpful_count"] == 0
    client_of(budi).delete(path)
    counts = [row["helpful_count"] for row in client_of().get(listed).json()["results"]]
    assert counts == [0, 0]


def test_reviews_are_filtered_by_stars(client_of: Callable[..., APIClient]) -> None:
    variant = VariantFactory(on_hand=5)
    public(variant, 5)
    public(variant, 2)
    path = f"/api/v1/products/{variant.product.slug}/reviews"
    found = client_of().get(f"{path}?rating=2").json()["results"]
    assert [row["rating"] for row in found] == [2]
    wrong = client_of().get(f"{path}?rating=9")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "rating")


def test_a_list_costs_the_same_however_long(
    client_of: Callable[..., APIClient], django_assert_max_num_queries: Any
) -> None:
    variant = VariantFactory(on_hand=9)
    for rating in (5, 4, 3, 2):
        public(variant, rating)
    with django_assert_max_num_queries(5):
        client_of().get(f"/api/v1/products/{variant.product.slug}/reviews")


def test_staff_judge_many_at_once(owner: Client, aisyah: User, budi: User) -> None:
    owner.get("/admin/")
    variant = VariantFactory(on_hand=9)
    good, bad = written(aisyah, variant, 5), written(budi, variant, 1)
    page = reverse("admin:orders_review_changelist", "karima.urls.admin")
    for action, review in (("publish", good), ("reject_rude", bad)):
        owner.post(page, {"action": action, "_selected_action": str(review.pk)})
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.state, bad.state, bad.reason) == ("published", "rejected", "rude")
    assert good.decided_by is not None
    assert rating_of(variant)["count"] == 1
    assert owner.get(page).status_code == 200
    one = reverse("admin:orders_review_change", "karima.urls.admin", args=[good.pk])
    assert "Adem." in owner.get(one).content.decode()


def test_the_database_keeps_decisions_whole(aisyah: User) -> None:
    review = written(aisyah)
    for broken in ({"state": "published"}, {"state": "rejected"}, {"rating": 6}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Review.objects.filter(pk=review.pk).update(**broken)


@pytest.mark.parametrize(
    ("full_name", "shown"),
    [("Aisyah Putri", "Aisyah P."), ("Sukarno", "Sukarno"), ("", "Pembeli")],
)
def test_reviewers_are_named_by_their_first_name(full_name: str, shown: str) -> None:
    assert reviews.signature(full_name) == shown
