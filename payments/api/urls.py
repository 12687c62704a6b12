from django.urls import path

from payments.api import views

notification = views.MidtransNotificationView.as_view()

urlpatterns = [
    path("checkout", views.CheckoutView.as_view(), name="checkout"),
    path(
        "orders/<str:number>/payment", views.PaymentView.as_view(), name="order-payment"
    ),
    path("orders/<str:number>/pay", views.PayView.as_view(), name="order-pay"),
    path("payments/midtrans/notification", notification, name="midtrans-notification"),
    # The addresses that the shop's earlier back ends gave to Midtrans.
    path("payment/webhook", notification),
    path("webhooks/midtrans", notification),
]
