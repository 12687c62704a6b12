"""Photos of one's own reviews."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import customer_of
from orders.api.outputs_photo import PHOTO_BODY, ReviewPhotoOutput
from orders.services import review_photos, reviews

PHOTO = OpenApiExample("A photo", PHOTO_BODY, response_only=True)
REFUSED = OpenApiResponse(
    description="Not a photo that the shop takes; `code` says why."
)
FULL = OpenApiResponse(description="The photo is there already, or there are five.")


class ReviewPhotoInput(serializers.Serializer[Any]):
    file = serializers.FileField(help_text="JPEG, PNG or WebP.")


class ReviewPhotosView(APIView):
    parser_classes = (MultiPartParser,)
    rate_limit = "photos"

    @extend_schema(
        operation_id="add_review_photo",
        summary="Add a photo to one's own review; the shop looks at it anew",
        description="It is made anew in several widths, without what the camera noted. "
        "A review has at most five.",
        tags=["reviews"],
        request=ReviewPhotoInput,
        responses={201: ReviewPhotoOutput, 409: FULL, 422: REFUSED},
        examples=[PHOTO],
    )
    def post(self, request: Request, review_id: UUID) -> Response:
        customer = customer_of(request)
        # What is somebody else's does not exist, whatever is sent.
        reviews.find_own(customer, review_id)
        body = ReviewPhotoInput(data=request.data)
        body.is_valid(raise_exception=True)
        upload = body.validated_data["file"]
        photo = review_photos.add(customer, upload, review_id=review_id)
        shown = ReviewPhotoOutput(photo, context={"request": request})
        return Response(shown.data, status=201)


class ReviewPhotoView(APIView):
    @extend_schema(
        operation_id="remove_review_photo",
        summary="Take a photo away from one's own review",
        tags=["reviews"],
        responses={204: None},
    )
    def delete(self, request: Request, review_id: UUID, picture_id: UUID) -> Response:
        customer = customer_of(request)
        review_photos.remove(customer, review_id=review_id, photo_id=picture_id)
        return Response(status=204)
