from django.urls import path

from catalog.api.bundles import BundleDetailView, BundleListView
from catalog.api.shelves import CollectionDetailView, CollectionListView, SitemapView
from catalog.api.views import (
    CategoryDetailView,
    CategoryTreeView,
    ProductDetailView,
    ProductListView,
    RelatedProductsView,
)

urlpatterns = [
    path("products", ProductListView.as_view(), name="product-list"),
    path("products/<slug:slug>", ProductDetailView.as_view(), name="product-detail"),
    path(
        "products/<slug:slug>/related",
        RelatedProductsView.as_view(),
        name="product-related",
    ),
    path("categories", CategoryTreeView.as_view(), name="category-tree"),
    path(
        "categories/<slug:slug>", CategoryDetailView.as_view(), name="category-detail"
    ),
    path("collections", CollectionListView.as_view(), name="collection-list"),
    path(
        "collections/<slug:slug>",
        CollectionDetailView.as_view(),
        name="collection-detail",
    ),
    path("product-bundles", BundleListView.as_view(), name="bundle-list"),
    path(
        "product-bundles/<slug:slug>", BundleDetailView.as_view(), name="bundle-detail"
    ),
    path("sitemap", SitemapView.as_view(), name="sitemap"),
]
