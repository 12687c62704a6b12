"""What the staff teach the search."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from catalog.admin.base import CatalogAdmin
from catalog.models import SearchSynonym
from catalog.services import synonyms


@admin.register(SearchSynonym)
class SearchSynonymAdmin(CatalogAdmin):
    list_display = ["__str__", "updated_at"]
    search_fields = ["words"]
    fields = ["words"]

    def save_model(
        self, request: HttpRequest, obj: SearchSynonym, form: Any, change: bool
    ) -> None:
        synonyms.save(obj)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find a word in any place of the list."""
        return queryset.filter(words__icontains=search_term.lower()), False
