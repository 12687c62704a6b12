from django.urls import path

from orders.api import views

urlpatterns = [
    path("cart", views.CartView.as_view(), name="cart"),
    path("cart/items", views.CartItemsView.as_view(), name="cart-items"),
    path("cart/items/<int:line_id>", views.CartItemView.as_view(), name="cart-item"),
    path(
        "cart/bundles/<int:row_id>", views.CartBundleView.as_view(), name="cart-bundle"
    ),
    path("orders", views.OrderListView.as_view(), name="orders"),
    path("orders/<str:number>", views.OrderDetailView.as_view(), name="order"),
]
