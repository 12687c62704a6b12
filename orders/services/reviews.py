"""Reviews: written by verified buyers, judged by the staff, summed up on the product.

Every change that the public sees ends in `catalog.services.ratings`, in the same
transaction. Locks: the review, then its product.
"""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.services.customers import lock_active
from catalog.services import media, ratings
from karima.errors import Conflict, NotFound
from orders.models import Order, OrderLine, Review, ReviewVote

State = Review.State
SORTS = {
    "newest": ("-written_at", "-id"),
    "helpful": ("-helpful_count", "-written_at", "-id"),
}
RECEIVED = (Order.Status.DELIVERED, Order.Status.COMPLETED)


class ReviewNotFound(NotFound):
    code = "review_not_found"
    title = "Review not found"
    detail = "Ulasan tidak ditemukan."


class LineNotReviewable(NotFound):
    """No such line among what this customer received."""

    code = "line_not_reviewable"
    title = "Line not reviewable"
    detail = "Ulasan dapat ditulis setelah barangnya Kakak terima."


class AlreadyReviewed(Conflict):
    code = "already_reviewed"
    title = "Already reviewed"
    detail = "Barang ini sudah Kakak ulas. Ubah ulasan yang ada."


class OwnReview(Conflict):
    code = "own_review"
    title = "Own review"
    detail = "Ulasan sendiri tidak dapat ditandai membantu."


def reviewable_lines(customer: User) -> QuerySet[OrderLine]:
    """Return what the customer received and has not reviewed, the newest first."""
    received = OrderLine.objects.filter(
        order__customer=customer, order__status__in=RECEIVED, review=None
    )
    return received.select_related("order").order_by("-order__placed_at", "id")


def reviews_of(customer: User) -> QuerySet[Review]:
    """Return the customer's own reviews in every state, the newest first."""
    return _counted(Review.objects.filter(customer=customer))


def published(slug: str, *, sort: str = "newest") -> QuerySet[Review]:
    """Return what the public reads about a product, in an order of `SORTS`."""
    found = Review.objects.filter(product__slug=slug, state=State.PUBLISHED)
    return _counted(found).select_related("customer").order_by(*SORTS[sort])


def write(customer: User, *, line_id: int, rating: int, text: str) -> Review:
    """Review a line of one's own delivered order; it waits for the staff.

    Opens its own transaction. Raises `LineNotReviewable` and `AlreadyReviewed`.
    """
    with transaction.atomic(durable=True):
        lock_active(customer)
        line = _received(customer, line_id=line_id)
        review = Review(
            line=line,
            customer=customer,
            product_id=line.variant.product_id,
            rating=rating,
            text=text.strip(),
            written_at=timezone.now(),
        )
        try:
            with transaction.atomic():
                review.save(force_insert=True)
        except IntegrityError:
            raise AlreadyReviewed() from None
    return review


def edit(customer: User, *, review_id: UUID, **changes: Any) -> Review:
    """Change `rating` or `text` of one's own review, which waits for the staff anew.

    Opens its own transaction. Raises `ReviewNotFound`.
    """
    with transaction.atomic(durable=True):
        review = lock_own(customer, review_id)
        review.rating = changes.get("rating", review.rating)
        review.text = changes.get("text", review.text).strip()
        review.written_at = timezone.now()
        hold(review)
    return review


def find_own(customer: User, review_id: UUID) -> Review:
    """Return one's own review. Raises `ReviewNotFound`."""
    review = Review.objects.filter(customer=customer, pk=review_id).first()
    if review is None:
        raise ReviewNotFound()
    return review


def lock_own(customer: User, review_id: UUID) -> Review:
    """Return one's own review, locked until the transaction ends.

    Raises `ReviewNotFound`.
    """
    return _lock(Review.objects.filter(customer=customer), review_id)


def hold(review: Review) -> None:
    """Have a locked review, as it is now, wait for the staff anew."""
    was_public = review.state == State.PUBLISHED
    _decide(review, State.PENDING)
    if was_public:
        _sum_up(review.product_id)


def remove(customer: User, *, review_id: UUID) -> None:
    """Delete one's own review. Opens its own transaction. Raises `ReviewNotFound`."""
    with transaction.atomic(durable=True):
        _delete(lock_own(customer, review_id))


def remove_all(customer: User) -> None:
    """Delete all that the customer wrote and marked. Opens its own transactions."""
    ReviewVote.objects.filter(customer=customer).delete()
    for review_id in Review.objects.filter(customer=customer).values_list("pk"):
        with transaction.atomic(durable=True):
            found = Review.objects.select_for_update().filter(pk__in=review_id).first()
            if found:
                _delete(found)


def publish(review_id: UUID, *, actor: User) -> None:
    """Show a review to everybody; one that is shown stays. Opens its own transaction.

    Raises `ReviewNotFound`.
    """
    with transaction.atomic(durable=True):
        review = _lock(Review.objects.all(), review_id)
        if review.state != State.PUBLISHED:
            _decide(review, State.PUBLISHED, actor=actor)
            _sum_up(review.product_id)


def reject(review_id: UUID, *, reason: str, actor: User) -> None:
    """Keep a review from the public, or take it back, for a reason its writer reads.

    Opens its own transaction. Raises `ReviewNotFound`.
    """
    with transaction.atomic(durable=True):
        review = _lock(Review.objects.all(), review_id)
        was_public = review.state == State.PUBLISHED
        _decide(review, State.REJECTED, actor=actor, reason=reason)
        if was_public:
            _sum_up(review.product_id)


def mark_helpful(customer: User, *, review_id: UUID, helpful: bool) -> None:
    """Mark a public review of somebody else as helpful, or take the mark back.

    Safe to repeat. Raises `ReviewNotFound` and `OwnReview`.
    """
    review = Review.objects.filter(pk=review_id, state=State.PUBLISHED).first()
    if review is None:
        raise ReviewNotFound()
    if review.customer_id == customer.pk:
        raise OwnReview()
    if helpful:
        ReviewVote.objects.get_or_create(review=review, customer=customer)
    else:
        ReviewVote.objects.filter(review=review, customer=customer).delete()


def signature(full_name: str) -> str:
    """Return how a reviewer is named in public: "Aisyah P."."""
    first, *others = full_name.split() or ["Pembeli"]
    return f"{first} {others[-1][0].upper()}." if others else first


def _received(customer: User, *, line_id: int) -> OrderLine:
    lines = OrderLine.objects.filter(
        order__customer=customer, order__status__in=RECEIVED
    )
    line = lines.select_related("variant").filter(pk=line_id).first()
    if line is None:
        raise LineNotReviewable()
    return line


def _counted(found: QuerySet[Review]) -> QuerySet[Review]:
    along = found.select_related("line", "product").prefetch_related("photos")
    return along.annotate(helpful_count=Count("votes")).order_by("-written_at", "-id")


def _lock(among: QuerySet[Review], review_id: UUID) -> Review:
    review = among.select_for_update(of=("self",)).filter(pk=review_id).first()
    if review is None:
        raise ReviewNotFound()
    return review


def _decide(
    review: Review, state: str, *, actor: User | None = None, reason: str = ""
) -> None:
    review.state, review.reason, review.decided_by = state, reason, actor
    review.decided_at = None if state == State.PENDING else timezone.now()
    review.save()


def _delete(review: Review) -> None:
    was_public, product_id = review.state == State.PUBLISHED, review.product_id
    for photo in review.photos.all():
        media.discard(media.names_of(photo))
    review.delete()
    if was_public:
        _sum_up(product_id)


def _sum_up(product_id: int) -> None:
    """Count what is public anew, under the lock of the product."""
    ratings.lock(product_id)
    found = Review.objects.filter(product=product_id, state=State.PUBLISHED)
    rows = found.order_by().values_list("rating").annotate(count=Count("pk"))
    ratings.record(product_id, counts=dict(rows))
