"""What the stock refuses."""

from karima.errors import Conflict, Invalid


class OutOfStock(Conflict):
    """Fewer are left than asked for; `errors` has a row for each short variant."""

    code = "out_of_stock"
    title = "Out of stock"
    detail = "Maaf, stok sebagian produk tidak mencukupi."


class ReservationMissing(Conflict):
    """The order holds no such reservation, or it was released or shipped before."""

    code = "reservation_missing"
    title = "Reservation missing"
    detail = "Stok untuk pesanan ini tidak sedang dipesan."


class StockStillReserved(Conflict):
    """A count below what unshipped orders were promised."""

    code = "stock_still_reserved"
    title = "Stock still reserved"
    detail = "Jumlah baru lebih kecil daripada stok yang sudah dipesan pelanggan."


class InvalidQuantity(Invalid):
    code = "invalid_quantity"
    detail = "Jumlah harus lebih dari nol dan tidak melebihi satu juta."
