from django.urls import path

from catalog.api.views import (
    CategoryDetailView,
    CategoryTreeView,
    ProductDetailView,
    ProductListView,
)

urlpatterns = [
    path("products", ProductListView.as_view(), name="product-list"),
    path("products/<slug:slug>", ProductDetailView.as_view(), name="product-detail"),
    path("categories", CategoryTreeView.as_view(), name="category-tree"),
    path(
        "categories/<slug:slug>", CategoryDetailView.as_view(), name="category-detail"
    ),
]
