"""Midtrans's words in the shop's language; what is not listed is shown as it came."""

METHODS = {
    "bank_transfer": "Transfer bank (virtual account)",
    "echannel": "Mandiri Bill",
    "permata": "Virtual account Permata",
    "credit_card": "Kartu",
    "gopay": "GoPay",
    "shopeepay": "ShopeePay",
    "qris": "QRIS",
    "cstore": "Gerai (Indomaret, Alfamart)",
    "akulaku": "Akulaku",
    "kredivo": "Kredivo",
}

TRANSACTION_STATUSES = {
    "pending": "menunggu dibayar",
    "failure": "gagal",
    "expire": "kedaluwarsa",
    "authorize": "diotorisasi",
    "challenge": "ditahan untuk diperiksa",
    "capture": "lunas (kartu)",
    "cancel": "dibatalkan",
    "settlement": "lunas",
    "deny": "ditolak",
    "partial_refund": "dikembalikan sebagian",
    "refund": "dikembalikan",
    "partial_chargeback": "disengketakan sebagian",
    "chargeback": "disengketakan",
}


def method(payment_type: str) -> str:
    """Return how the customer pays, as customers call it."""
    return METHODS.get(payment_type, payment_type) or "Cara bayar belum dipilih"


def transaction_status(status: str) -> str:
    """Return how a transaction stands."""
    return TRANSACTION_STATUSES.get(status, status)
