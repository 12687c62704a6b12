"""How a photo of a review looks on the API."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.api.serializers import RenditionOutput
from orders.models import ReviewPhoto

FOLDER = (
    "https://media.karima.example/media/reviews/"
    "6f0b2c0e-5a3d-4c39-9d5e-3b1f6a7c8d90/9f86d081884c7d65"
)
PHOTO_BODY: dict[str, Any] = {
    "id": "019ab0c4-6b10-7d02-8f3b-5e2c7a9d4f10",
    "url": f"{FOLDER}-800.webp",
    "width": 800,
    "height": 1000,
    "placeholder": "#e7d6cc",
    "renditions": [
        {"url": f"{FOLDER}-320.webp", "width": 320, "height": 400},
        {"url": f"{FOLDER}-640.webp", "width": 640, "height": 800},
    ],
}


class ReviewPhotoOutput(serializers.ModelSerializer[ReviewPhoto]):
    url = serializers.SerializerMethodField()
    renditions = serializers.SerializerMethodField()

    class Meta:
        model = ReviewPhoto
        fields = ["id", "url", "width", "height", "placeholder", "renditions"]
        read_only_fields = fields

    @extend_schema_field(serializers.URLField())
    def get_url(self, photo: ReviewPhoto) -> str:
        return self._url(str(photo.file.name))

    @extend_schema_field(RenditionOutput(many=True))
    def get_renditions(self, photo: ReviewPhoto) -> list[dict[str, Any]]:
        return [
            {
                "url": self._url(copy["file"]),
                "width": copy["width"],
                "height": copy["height"],
            }
            for copy in photo.renditions
        ]

    def _url(self, name: str) -> str:
        url: str = ReviewPhoto._meta.get_field("file").storage.url(name)
        return str(self.context["request"].build_absolute_uri(url))
