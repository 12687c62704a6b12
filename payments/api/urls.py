from django.urls import path

from payments.api import privacy, programs, refunds, views

former_notification = views.FormerNotificationView.as_view()

urlpatterns = [
    path("checkout", views.CheckoutView.as_view(), name="checkout"),
    path(
        "orders/<str:number>/payment", views.PaymentView.as_view(), name="order-payment"
    ),
    path(
        "orders/<str:number>/status",
        programs.OrderStatusView.as_view(),
        name="order-status",
    ),
    path(
        "orders/<str:number>/ship",
        programs.OrderShipmentView.as_view(),
        name="order-ship",
    ),
    path(
        "orders/<str:number>/refund",
        refunds.OrderRefundView.as_view(),
        name="order-refund",
    ),
    path("orders/<str:number>/pay", views.PayView.as_view(), name="order-pay"),
    path(
        "payments/midtrans/notification",
        views.MidtransNotificationView.as_view(),
        name="midtrans-notification",
    ),
    path("privacy/export", privacy.ExportRequestView.as_view(), name="exports"),
    path(
        "privacy/export/<uuid:request_id>", privacy.ExportView.as_view(), name="export"
    ),
    path(
        "privacy/export/<uuid:request_id>/download",
        privacy.ExportDownloadView.as_view(),
        name="export-download",
    ),
    path("privacy/erasure", privacy.ErasureView.as_view(), name="erasure"),
    path("payment/webhook", former_notification),
    path("webhooks/midtrans", former_notification),
]
