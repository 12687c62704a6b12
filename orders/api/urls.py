from django.urls import path

from orders.api import review_photos, reviews, views
from orders.api.pricing import OrderSummaryView

urlpatterns = [
    path("cart", views.CartView.as_view(), name="cart"),
    path("cart/items", views.CartItemsView.as_view(), name="cart-items"),
    path("cart/items/<int:line_id>", views.CartItemView.as_view(), name="cart-item"),
    path(
        "cart/bundles/<int:row_id>", views.CartBundleView.as_view(), name="cart-bundle"
    ),
    path(
        "pricing/order-summary",
        OrderSummaryView.as_view(),
        name="pricing-order-summary",
    ),
    path(
        "products/<slug:slug>/reviews",
        reviews.ProductReviewsView.as_view(),
        name="product-reviews",
    ),
    path("reviews", reviews.ReviewListView.as_view(), name="reviews"),
    path(
        "reviews/candidates",
        reviews.CandidateListView.as_view(),
        name="review-candidates",
    ),
    path("reviews/<uuid:review_id>", reviews.ReviewView.as_view(), name="review"),
    path(
        "reviews/<uuid:review_id>/photos",
        review_photos.ReviewPhotosView.as_view(),
        name="review-photos",
    ),
    path(
        "reviews/<uuid:review_id>/photos/<uuid:picture_id>",
        review_photos.ReviewPhotoView.as_view(),
        name="review-photo",
    ),
    path(
        "reviews/<uuid:review_id>/helpful",
        reviews.ReviewHelpfulView.as_view(),
        name="review-helpful",
    ),
    path("orders", views.OrderListView.as_view(), name="orders"),
    path("orders/<str:number>", views.OrderDetailView.as_view(), name="order"),
]
