"""Reviews: read by all, written by those who received the goods."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import customer_of
from catalog.services import reading
from catalog.services.products import ProductNotFound
from karima.api import PagePagination, PublicView
from orders.api.inputs import StrictIntegerField
from orders.api.outputs_photo import PHOTO_BODY, ReviewPhotoOutput
from orders.models import OrderLine, Review
from orders.services import reviews

BODY: dict[str, Any] = {
    "id": "019ab0c4-5a2e-7c31-9a51-0c6f3a1d2b7e",
    "author": "Aisyah P.",
    "rating": 5,
    "text": "Bahannya adem dan jatuh.",
    "color": "Dusty Pink",
    "size": "M",
    "photos": [PHOTO_BODY],
    "helpful_count": 3,
    "written_at": "2026-11-23T05:00:10Z",
}
PUBLIC = OpenApiExample("A review", BODY, response_only=True)
OWN = OpenApiExample(
    "Waiting for the shop",
    {
        **{name: value for name, value in BODY.items() if name != "author"},
        "line_id": 71,
        "product_slug": "gamis-arunika",
        "product_name": "Gamis Arunika",
        "state": "pending",
        "reason": "",
    },
    response_only=True,
)
NEW = OpenApiExample(
    "Five stars",
    {"line_id": 71, "rating": 5, "text": "Bahannya adem dan jatuh."},
    request_only=True,
)
CANDIDATE = OpenApiExample(
    "Received yesterday",
    {
        "line_id": 71,
        "order_number": "KRM-261123-7F3K9Q",
        "sku": "GMS-ARUNIKA-DPK-M",
        "product_slug": "gamis-arunika",
        "product_name": "Gamis Arunika",
        "color": "Dusty Pink",
        "size": "M",
    },
    response_only=True,
)
CHANGE = OpenApiExample("Four stars", {"rating": 4}, request_only=True)


class ReviewChangeInput(serializers.Serializer[Any]):
    rating = StrictIntegerField(min_value=1, max_value=5)
    text = serializers.CharField(max_length=2000, allow_blank=True, default="")


class ReviewInput(ReviewChangeInput):
    line_id = StrictIntegerField(min_value=1, max_value=2**63 - 1)


class PublicReviewOutput(serializers.ModelSerializer[Review]):
    author = serializers.SerializerMethodField()
    color = serializers.CharField(source="line.color")
    size = serializers.CharField(source="line.size")
    photos = ReviewPhotoOutput(many=True)
    helpful_count = serializers.IntegerField(default=0)

    class Meta:
        model = Review
        fields = [
            "id",
            "author",
            "rating",
            "text",
            "color",
            "size",
            "photos",
            "helpful_count",
            "written_at",
        ]

    def get_author(self, review: Review) -> str:
        return reviews.signature(review.customer.full_name)


class OwnReviewOutput(serializers.ModelSerializer[Review]):
    line_id = serializers.IntegerField()
    product_slug = serializers.CharField(source="product.slug")
    product_name = serializers.CharField(source="product.name")
    color = serializers.CharField(source="line.color")
    size = serializers.CharField(source="line.size")
    photos = ReviewPhotoOutput(many=True)
    helpful_count = serializers.IntegerField(default=0)

    class Meta:
        model = Review
        fields = [
            "id",
            "line_id",
            "product_slug",
            "product_name",
            "color",
            "size",
            "rating",
            "text",
            "photos",
            "state",
            "reason",
            "helpful_count",
            "written_at",
        ]


class CandidateOutput(serializers.ModelSerializer[OrderLine]):
    line_id = serializers.IntegerField(source="pk")
    order_number = serializers.CharField(source="order.number")

    class Meta:
        model = OrderLine
        fields = [
            "line_id",
            "order_number",
            "sku",
            "product_slug",
            "product_name",
            "color",
            "size",
        ]


class ProductReviewsView(PublicView):
    pagination_class = PagePagination
    rate_limit = "catalog"

    @extend_schema(
        operation_id="list_product_reviews",
        summary="What buyers say about a product",
        description="The product itself has the average and the histogram.",
        tags=["reviews"],
        parameters=[
            OpenApiParameter("rating", int, enum=[1, 2, 3, 4, 5]),
            OpenApiParameter("sort", str, enum=list(reviews.SORTS)),
        ],
        responses=PublicReviewOutput(many=True),
        examples=[PUBLIC],
    )
    def get(self, request: Request, slug: str) -> Response:
        if not reading.is_visible(slug):
            raise ProductNotFound()
        sort = _chosen(request, "sort", list(reviews.SORTS)) or "newest"
        found = reviews.published(slug, sort=sort)
        rating = _chosen(request, "rating", ["1", "2", "3", "4", "5"])
        if rating:
            found = found.filter(rating=int(rating))
        pages = self.pagination_class()
        rows = pages.paginate_queryset(found, request, self)
        context = {"request": request}
        found_rows = PublicReviewOutput(rows, many=True, context=context)
        return pages.get_paginated_response(found_rows.data)


class ReviewListView(APIView):
    pagination_class = PagePagination

    @extend_schema(
        operation_id="list_reviews",
        summary="The customer's own reviews in every state",
        tags=["reviews"],
        responses=OwnReviewOutput(many=True),
        examples=[OWN],
    )
    def get(self, request: Request) -> Response:
        pages = self.pagination_class()
        found = reviews.reviews_of(customer_of(request))
        rows = pages.paginate_queryset(found, request, self)
        context = {"request": request}
        own = OwnReviewOutput(rows, many=True, context=context)
        return pages.get_paginated_response(own.data)

    @extend_schema(
        operation_id="write_review",
        summary="Review a line of a delivered order; the shop publishes it",
        description="`line_id` is an item's `id` in the order.",
        tags=["reviews"],
        request=ReviewInput,
        responses={201: OwnReviewOutput},
        examples=[NEW, OWN],
    )
    def post(self, request: Request) -> Response:
        body = ReviewInput(data=request.data)
        body.is_valid(raise_exception=True)
        review = reviews.write(customer_of(request), **body.validated_data)
        return Response(
            OwnReviewOutput(review, context={"request": request}).data, status=201
        )


class CandidateListView(APIView):
    pagination_class = PagePagination

    @extend_schema(
        operation_id="list_review_candidates",
        summary="What the customer received and has not reviewed",
        tags=["reviews"],
        responses=CandidateOutput(many=True),
        examples=[CANDIDATE],
    )
    def get(self, request: Request) -> Response:
        pages = self.pagination_class()
        found = reviews.reviewable_lines(customer_of(request))
        rows = pages.paginate_queryset(found, request, self)
        return pages.get_paginated_response(CandidateOutput(rows, many=True).data)


class ReviewView(APIView):
    @extend_schema(
        operation_id="change_review",
        summary="Change one's own review; the shop looks at it anew",
        tags=["reviews"],
        request=ReviewChangeInput(partial=True),
        responses=OwnReviewOutput,
        examples=[CHANGE, OWN],
    )
    def patch(self, request: Request, review_id: UUID) -> Response:
        body = ReviewChangeInput(data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        customer = customer_of(request)
        review = reviews.edit(customer, review_id=review_id, **body.validated_data)
        return Response(OwnReviewOutput(review, context={"request": request}).data)

    @extend_schema(
        operation_id="remove_review",
        summary="Delete one's own review",
        tags=["reviews"],
        responses={204: None},
    )
    def delete(self, request: Request, review_id: UUID) -> Response:
        reviews.remove(customer_of(request), review_id=review_id)
        return Response(status=204)


class ReviewHelpfulView(APIView):
    @extend_schema(
        operation_id="mark_review_helpful",
        summary="Mark somebody else's review as helpful; safe to repeat",
        tags=["reviews"],
        request=None,
        responses={204: None},
    )
    def post(self, request: Request, review_id: UUID) -> Response:
        reviews.mark_helpful(customer_of(request), review_id=review_id, helpful=True)
        return Response(status=204)

    @extend_schema(
        operation_id="unmark_review_helpful",
        summary="Take the mark back",
        tags=["reviews"],
        responses={204: None},
    )
    def delete(self, request: Request, review_id: UUID) -> Response:
        reviews.mark_helpful(customer_of(request), review_id=review_id, helpful=False)
        return Response(status=204)


def _chosen(request: Request, name: str, choices: list[str]) -> str | None:
    """Return a parameter of the query. Raises ValidationError for an unknown value."""
    given: str | None = request.query_params.get(name)
    if given is not None and given not in choices:
        message = f"Pilih salah satu: {', '.join(choices)}."
        detail = exceptions.ErrorDetail(message, code="invalid_choice")
        raise exceptions.ValidationError({name: [detail]})
    return given
