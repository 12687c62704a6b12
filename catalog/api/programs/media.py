"""The photos of a product, for programs alone."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.programs import ProgramView
from catalog.api.programs import examples
from catalog.api.programs.products import MISSING, TAGS, valid
from catalog.models import Color, Product, ProductImage
from catalog.services import editing, gallery
from catalog.services.gallery import MAX_ALT_LENGTH, MAX_PICTURES

WRITE = "media:write"
REFUSED = OpenApiResponse(
    description="Not a photo that the shop takes; `code` says why."
)
FULL = OpenApiResponse(description="The photo is there already, or there are too many.")
CHANGED = OpenApiResponse(description="The product has other photos by now.")


def color_field(**options: Any) -> serializers.SlugRelatedField[Color]:
    return serializers.SlugRelatedField(
        slug_field="slug",
        queryset=Color.objects.all(),
        required=False,
        allow_null=True,
        help_text="The slug of the color that it shows; null for all colors.",
        **options,
    )


class PhotoInput(serializers.Serializer[Any]):
    file = serializers.FileField(help_text="JPEG, PNG or WebP.")
    color = color_field(default=None)
    alt = serializers.CharField(
        max_length=MAX_ALT_LENGTH,
        required=False,
        allow_blank=True,
        default="",
        help_text="Made from the names of product and color if left out.",
    )


class PhotoChangeInput(serializers.Serializer[Any]):
    alt = serializers.CharField(max_length=MAX_ALT_LENGTH, required=False)
    color = color_field()
    is_primary = serializers.BooleanField(
        required=False, help_text="Only true: choose another to take it away."
    )

    def validate_is_primary(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError("Pilih foto lain sebagai foto utama.")
        return value


class PhotoOrderInput(serializers.Serializer[Any]):
    order = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        max_length=MAX_PICTURES,
        help_text="The ids of all photos of the product.",
    )


class StoredPhotoOutput(serializers.ModelSerializer[ProductImage]):
    url = serializers.SerializerMethodField()
    color = serializers.CharField(source="color.slug", allow_null=True)

    class Meta:
        model = ProductImage
        fields: ClassVar = [
            "id",
            "url",
            "alt",
            "color",
            "position",
            "is_primary",
            "width",
            "height",
        ]
        read_only_fields = fields

    def get_url(self, image: ProductImage) -> str:
        url: str = image.file.url
        return str(self.context["request"].build_absolute_uri(url))


class StoredPhotosOutput(serializers.Serializer[Any]):
    results = StoredPhotoOutput(many=True)


class ProductMediaView(ProgramView):
    """The photos of a product, for programs with an API key."""

    scopes: ClassVar = {"POST": WRITE, "PUT": WRITE}

    def get_parsers(self) -> list[BaseParser]:
        """Take the upload as a form, and the rest as JSON."""
        method = getattr(self.request, "method", None)
        return [MultiPartParser()] if method == "POST" else super().get_parsers()

    @extend_schema(
        operation_id="add_product_photo",
        summary="Add a photo as the last; the first of a product is its primary",
        description="It is made anew in several widths, without what the camera noted.",
        tags=TAGS,
        request=PhotoInput,
        responses={201: StoredPhotoOutput, 404: MISSING, 409: FULL, 422: REFUSED},
        examples=[examples.PHOTO],
    )
    def post(self, request: Request, slug: str) -> Response:
        product = editing.find_product(slug)
        body = valid(PhotoInput, request)
        image = gallery.add(product, body["file"], color=body["color"], alt=body["alt"])
        return Response(_photo(request, image), status=201)

    @extend_schema(
        operation_id="arrange_product_photos",
        summary="Show the photos of a product in another order",
        tags=TAGS,
        request=PhotoOrderInput,
        responses={200: StoredPhotosOutput, 404: MISSING, 409: CHANGED},
        examples=[examples.PHOTO_ORDER, examples.PHOTOS],
    )
    def put(self, request: Request, slug: str) -> Response:
        product = editing.find_product(slug)
        gallery.arrange(product, valid(PhotoOrderInput, request)["order"])
        images = _images(product)
        context = {"request": request}
        return Response(StoredPhotosOutput({"results": images}, context=context).data)


class ProductPhotoView(ProgramView):
    """One photo of a product, for programs with an API key."""

    scopes: ClassVar = {"PATCH": WRITE, "DELETE": WRITE}

    @extend_schema(
        operation_id="change_product_photo",
        summary="Say what a photo shows, or make it the primary one",
        tags=TAGS,
        request=PhotoChangeInput,
        responses={200: StoredPhotoOutput, 404: MISSING},
        examples=[examples.PHOTO_CHANGE, examples.PHOTO],
    )
    def patch(self, request: Request, slug: str, photo_id: int) -> Response:
        image = gallery.find(editing.find_product(slug), photo_id)
        body = valid(PhotoChangeInput, request, partial=True)
        if {"alt", "color"} & set(body):
            gallery.describe(
                image,
                alt=body.get("alt", image.alt),
                color=body.get("color", image.color),
            )
        if body.get("is_primary"):
            gallery.choose_primary(image)
        image.refresh_from_db()
        return Response(_photo(request, image))

    @extend_schema(
        operation_id="delete_product_photo",
        summary="Take a photo away",
        description="The next one becomes the primary if it was that.",
        tags=TAGS,
        responses={204: None, 404: MISSING},
    )
    def delete(self, request: Request, slug: str, photo_id: int) -> Response:
        gallery.delete(gallery.find(editing.find_product(slug), photo_id))
        return Response(status=204)


def _images(product: Product) -> list[ProductImage]:
    return list(product.images.select_related("color"))


def _photo(request: Request, image: ProductImage) -> dict[str, Any]:
    return dict(StoredPhotoOutput(image, context={"request": request}).data)
