"""Pages of the product list: by number near the beginning, by cursor without an end."""

from typing import Any

from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.utils.urls import remove_query_param, replace_query_param

from catalog.services.listing import Page
from karima.api import PagePagination


class ProductPages(PagePagination):
    """Numbers reach as far as products are counted; further on there are cursors."""

    def read_within(self, request: Request, *, most: int) -> None:
        """Take the page asked for. Raises ValidationError for one too far behind."""
        self.read(request)
        if self.start >= most:
            last = -(-most // self.limit)
            message = f"Halaman terakhir adalah {last}. Selebihnya gunakan cursor."
            detail = exceptions.ErrorDetail(message, code="out_of_range")
            raise exceptions.ValidationError({"page": [detail]})

    def numbered_summary(self, page: Page, *, most: int) -> dict[str, Any]:
        """Return the `pagination` member for a page with a number."""
        self.total = page.total or 0
        return {
            **self.summary(),
            "total_is_exact": self.total < most,
            "next_cursor": page.next_cursor,
        }

    def cursor_summary(self, page: Page) -> dict[str, Any]:
        """Return the `pagination` member for a page from a place onward."""
        cursor = page.next_cursor
        url = remove_query_param(self.request.build_absolute_uri(), "page")
        following = replace_query_param(url, "cursor", cursor) if cursor else None
        return {"limit": self.limit, "next": following, "next_cursor": cursor}

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        whole = super().get_paginated_response_schema(schema)
        pagination = whole["properties"]["pagination"]
        pagination["description"] = (
            "With `cursor` only `limit`, `next` and `next_cursor` are there."
        )
        pagination["required"] = ["limit", "next", "next_cursor"]
        pagination["properties"] |= {
            "total_is_exact": {
                "type": "boolean",
                "example": True,
                "description": "False: there are more than `total_items`.",
            },
            "next_cursor": {"type": ["string", "null"], "example": None},
        }
        whole["properties"] |= {
            "facets": FACETS,
            "corrected_q": {
                "type": "string",
                "example": "gamis",
                "description": "What was looked for instead of a misspelt `q`.",
            },
        }
        return whole


_VALUE = {
    "type": "object",
    "required": ["value", "name", "count"],
    "properties": {
        "value": {"type": "string", "example": "hitam"},
        "name": {"type": "string", "example": "Hitam"},
        "count": {"type": "integer", "example": 12},
    },
}
_PRICE = {"type": ["integer", "null"], "example": 289000}
FACETS: dict[str, Any] = {
    "type": "object",
    "description": (
        "With `facets=1`: the values of each filter with the products that choosing "
        "them would leave. A filter in use does not narrow its own values."
    ),
    "properties": {
        "price": {"type": "object", "properties": {"min": _PRICE, "max": _PRICE}}
    },
    "additionalProperties": {"type": "array", "items": _VALUE},
}
