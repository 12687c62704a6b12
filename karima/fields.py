"""Serializer fields that the endpoints of several apps share."""

from typing import Any

from rest_framework import serializers

from karima.phone import normalize_phone


class PhoneField(serializers.CharField):
    """A telephone number; Indonesian without a country code. Yields E.164."""

    default_error_messages = {"invalid_phone": "Nomor telepon tidak valid."}

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        try:
            return normalize_phone(text)
        except ValueError:
            self.fail("invalid_phone")


class LineField(serializers.CharField):
    """A text on one line; white space inside it becomes single spaces."""

    def to_internal_value(self, data: Any) -> str:
        return one_line(super().to_internal_value(data))


def one_line(text: str) -> str:
    """Return the text with its white space as single spaces."""
    return " ".join(text.split())
