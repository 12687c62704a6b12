"""A single picture in a form of the admin: checked and made anew like all others."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from catalog.services import media
from karima.errors import StoreError

# What a page shows at most; the wider copy would only be for zooming.
MAX_WIDTH_PIXELS = 1280


class PictureField(forms.FileField):
    """Becomes the name of the stored file; what is refused is said at the field."""

    folder = ""

    def clean(self, data: Any, initial: Any = None) -> Any:
        chosen = super().clean(data, initial)
        if not isinstance(chosen, UploadedFile):
            return chosen
        try:
            picture = media.store(chosen, folder=self.folder)
        except StoreError as refusal:
            raise forms.ValidationError(refusal.detail, refusal.code) from None
        return _fit(picture)


def _fit(picture: media.Picture) -> str:
    """Return the widest copy that a page needs."""
    if picture.width <= MAX_WIDTH_PIXELS or not picture.renditions:
        return picture.name
    return str(picture.renditions[-1]["file"])
