"""What to offer while a customer types."""

from typing import Any

import orjson
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from catalog.api import examples
from catalog.api.answering import CatalogView, from_replica
from catalog.api.parameters import refuse_unknown
from catalog.api.serializers import CategoryLinkOutput, ProductCardOutput
from catalog.api.views import REFUSED, UNCHANGED
from catalog.services import suggestions


class SuggestParameters(serializers.Serializer[Any]):
    q = serializers.CharField(max_length=80, help_text="What is typed so far.")


class SuggestOutput(serializers.Serializer[Any]):
    products = ProductCardOutput(many=True, help_text="At most five, the best first.")
    categories = CategoryLinkOutput(many=True)
    words = serializers.ListField(
        child=serializers.CharField(), help_text="Texts to search for."
    )
    corrected_q = serializers.CharField(
        allow_null=True, help_text="What a misspelt text was taken for."
    )


class SuggestView(CatalogView):
    rate_limit = "search"

    @extend_schema(
        operation_id="suggest_products",
        summary="Products, categories and words that begin like what is typed",
        tags=["catalog"],
        parameters=[SuggestParameters],
        responses={200: SuggestOutput, 304: UNCHANGED, 400: REFUSED},
        examples=[examples.SUGGESTIONS],
    )
    @from_replica
    def get(self, request: Request) -> HttpResponse:
        query = request.query_params
        refuse_unknown(query, SuggestParameters().fields)
        parameters = SuggestParameters(data=query.dict())
        parameters.is_valid(raise_exception=True)
        found = suggestions.suggest(parameters.validated_data["q"])
        body = {
            "products": [orjson.Fragment(card) for card in found.products],
            "categories": found.categories,
            "words": found.words,
            "corrected_q": found.corrected,
        }
        return self.ready(request, body)
