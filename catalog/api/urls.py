from django.urls import path

from catalog.api.bundles import BundleDetailView, BundleListView
from catalog.api.lists import (
    BestsellersView,
    CategoryProductsView,
    FeaturedView,
    NewProductsView,
    ProductsByCategoryView,
    ProductSearchView,
)
from catalog.api.pricing import CalculateView, ProductPricesView
from catalog.api.programs.flash_sales import FlashSalesView, FlashSaleView
from catalog.api.programs.media import ProductMediaView, ProductPhotoView
from catalog.api.programs.products import (
    CategoriesView,
    CategoryView,
    ProductsView,
    ProductView,
)
from catalog.api.programs.variants import (
    ProductStockView,
    VariantStockView,
    VariantsView,
    VariantView,
)
from catalog.api.shelves import CollectionDetailView, CollectionListView, SitemapView
from catalog.api.store import PreviewView, StoreView
from catalog.api.suggesting import SuggestView
from catalog.api.views import (
    CategoryStatsView,
    RelatedProductsView,
)
from catalog.api.wishes import (
    StockAlertEndView,
    StockAlertsView,
    WishlistItemsView,
    WishlistItemView,
    WishlistView,
)

# A word that stands where a slug could is in `RESERVED_SLUGS` of the model.
urlpatterns = [
    path("store", StoreView.as_view(), name="store"),
    path("previews/<str:token>", PreviewView.as_view(), name="product-preview"),
    path("products", ProductsView.as_view(), name="product-list"),
    path("products/search", ProductSearchView.as_view(), name="product-search"),
    path("products/featured", FeaturedView.as_view(), name="product-featured"),
    path("products/bestsellers", BestsellersView.as_view(), name="product-bestsellers"),
    path("products/new", NewProductsView.as_view(), name="product-new"),
    path("products/suggest", SuggestView.as_view(), name="product-suggest"),
    path(
        "products/category/<slug:slug>",
        ProductsByCategoryView.as_view(),
        name="products-of-category",
    ),
    path("products/<slug:slug>", ProductView.as_view(), name="product-detail"),
    path(
        "products/<slug:slug>/related",
        RelatedProductsView.as_view(),
        name="product-related",
    ),
    path("categories", CategoriesView.as_view(), name="category-tree"),
    path("categories/stats", CategoryStatsView.as_view(), name="category-stats"),
    path("categories/<slug:slug>", CategoryView.as_view(), name="category-detail"),
    path(
        "categories/<slug:slug>/products",
        CategoryProductsView.as_view(),
        name="category-products",
    ),
    path(
        "products/<slug:slug>/stock",
        ProductStockView.as_view(),
        name="product-stock",
    ),
    path(
        "products/<slug:slug>/media",
        ProductMediaView.as_view(),
        name="product-media",
    ),
    path(
        "products/<slug:slug>/media/<int:photo_id>",
        ProductPhotoView.as_view(),
        name="product-photo",
    ),
    path("variants", VariantsView.as_view(), name="variant-list"),
    path("variants/<int:variant_id>", VariantView.as_view(), name="variant"),
    path(
        "variants/<int:variant_id>/stock",
        VariantStockView.as_view(),
        name="variant-stock",
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
    path("flash-sales", FlashSalesView.as_view(), name="flash-sale-list"),
    path(
        "flash-sales/<slug:slug>",
        FlashSaleView.as_view(),
        name="flash-sale-detail",
    ),
    path("pricing/calculate", CalculateView.as_view(), name="pricing-calculate"),
    path(
        "pricing/products/<int:product_id>",
        ProductPricesView.as_view(),
        name="pricing-product",
    ),
    path("wishlist", WishlistView.as_view(), name="wishlist"),
    path("wishlist/items", WishlistItemsView.as_view(), name="wishlist-items"),
    path(
        "wishlist/items/<uuid:item_id>",
        WishlistItemView.as_view(),
        name="wishlist-item",
    ),
    path("stock-alerts", StockAlertsView.as_view(), name="stock-alerts"),
    path("stock-alerts/<str:token>", StockAlertEndView.as_view(), name="stock-alert"),
    path("sitemap", SitemapView.as_view(), name="sitemap"),
]
