"""Reviews that wait for the shop's word, and those that have it."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from unfold.decorators import display

from accounts.models import User
from karima.admin_pages import ReadOnlyAdmin
from karima.errors import StoreError
from karima.wib import wib
from orders.models import Review, ReviewPhoto
from orders.services import reviews

State, Reason = Review.State, Review.Reason
STATE_BADGES: dict[str, str] = {
    State.PENDING: "warning",
    State.PUBLISHED: "success",
    State.REJECTED: "danger",
}

LINK = (
    '<a class="inline-block" href="{}" target="_blank" rel="noopener">'
    '<img class="inline-block" src="{}" width="{}" height="{}" alt="{}" '
    'loading="lazy"></a>'
)


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    list_display = [
        "written",
        "stars",
        "text",
        "small_photos",
        "product",
        "customer",
        "badge",
    ]
    list_filter = ["state", "rating", "reason"]
    list_select_related = ["product", "customer"]
    search_fields = ["text", "product__name", "customer__full_name"]
    ordering = ["-written_at", "-id"]
    actions = [
        "publish",
        "reject_rude",
        "reject_irrelevant",
        "reject_personal",
        "reject_advertising",
    ]
    fields = [
        ("product", "customer"),
        ("stars", "written"),
        "text",
        "large_photos",
        ("badge", "reason"),
        ("decided_by", "decided"),
    ]
    readonly_fields = ["stars", "written", "large_photos", "badge", "decided"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        return super().get_queryset(request).prefetch_related("photos")

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("orders.moderate_review")

    @admin.action(description="Tayangkan", permissions=["moderate"])
    def publish(self, request: HttpRequest, chosen: QuerySet[Review]) -> None:
        self._decide(request, chosen, reviews.publish)

    @admin.action(description="Tolak: tidak sopan", permissions=["moderate"])
    def reject_rude(self, request: HttpRequest, chosen: QuerySet[Review]) -> None:
        self._decide(request, chosen, reviews.reject, reason=Reason.RUDE)

    @admin.action(description="Tolak: tidak membahas produk", permissions=["moderate"])
    def reject_irrelevant(self, request: HttpRequest, chosen: QuerySet[Review]) -> None:
        self._decide(request, chosen, reviews.reject, reason=Reason.IRRELEVANT)

    @admin.action(description="Tolak: memuat data pribadi", permissions=["moderate"])
    def reject_personal(self, request: HttpRequest, chosen: QuerySet[Review]) -> None:
        self._decide(request, chosen, reviews.reject, reason=Reason.PERSONAL)

    @admin.action(description="Tolak: berisi iklan", permissions=["moderate"])
    def reject_advertising(
        self, request: HttpRequest, chosen: QuerySet[Review]
    ) -> None:
        self._decide(request, chosen, reviews.reject, reason=Reason.ADVERTISING)

    def _decide(
        self,
        request: HttpRequest,
        chosen: QuerySet[Review],
        verb: Callable[..., None],
        **how: Any,
    ) -> None:
        """Judge each by itself: one that was deleted meanwhile stops no other."""
        assert isinstance(request.user, User)  # noqa: S101 Access lets in nobody else
        done = 0
        for review_id in chosen.values_list("pk", flat=True):
            try:
                verb(review_id, actor=request.user, **how)
            except StoreError as refusal:
                self.message_user(request, refusal.detail, messages.ERROR)
            else:
                done += 1
        self.message_user(request, f"{done} ulasan disimpan.", messages.SUCCESS)

    @display(description="ditulis", ordering="written_at")
    def written(self, review: Review) -> str:
        return wib(review.written_at)

    @display(description="diputuskan")
    def decided(self, review: Review) -> str:
        return wib(review.decided_at)

    @display(description="nilai", ordering="rating")
    def stars(self, review: Review) -> str:
        return "★" * review.rating + "☆" * (5 - review.rating)

    @display(description="foto")
    def small_photos(self, review: Review) -> str:
        return _photos(review, height=56)

    @display(description="foto")
    def large_photos(self, review: Review) -> str:
        return _photos(review, height=240)

    @display(description="keadaan", ordering="state", label=STATE_BADGES)
    def badge(self, review: Review) -> tuple[str, str]:
        return review.state, review.get_state_display()


def _photos(review: Review, *, height: int) -> str:
    """Return a review's photos, this high in pixels, each a link to its widest copy."""
    rows = [
        (
            photo.file.url,
            _url(photo, height=height),
            round(height * photo.width / photo.height),
            height,
            f"Foto ulasan {number}",
        )
        for number, photo in enumerate(review.photos.all(), start=1)
    ]
    return format_html_join(" ", LINK, rows) or "-"


def _url(photo: ReviewPhoto, *, height: int) -> str:
    """Return the URL of the narrowest copy that is sharp at a height."""
    name = str(photo.file.name)
    sharp = (copy for copy in photo.renditions if copy["height"] >= height)
    url: str = photo.file.storage.url(next(sharp, {"file": name})["file"])
    return url
