"""What Midtrans sends, for the API's description; the service reads the raw bytes."""

from rest_framework import serializers


class NotificationInput(serializers.Serializer):
    """The fields that every notification has, and that the shop reads."""

    order_id = serializers.CharField()
    status_code = serializers.CharField()
    gross_amount = serializers.CharField(help_text='In rupiah, such as "598000.00".')
    signature_key = serializers.CharField(
        help_text="SHA-512 of order_id, status_code, gross_amount and the server key."
    )
    transaction_id = serializers.CharField()
    transaction_status = serializers.CharField()
    fraud_status = serializers.CharField(required=False)
    payment_type = serializers.CharField()
    currency = serializers.CharField()
    merchant_id = serializers.CharField()
    transaction_time = serializers.CharField(help_text="WIB, without an offset.")
