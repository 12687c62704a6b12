from orders.models.cart import Cart, CartBundle, CartLine
from orders.models.idempotency import IdempotencyRecord
from orders.models.order import Order, OrderBundle, OrderEvent, OrderLine
from orders.models.review import Review, ReviewPhoto, ReviewVote
from orders.models.shipment import Shipment

__all__ = [
    "Cart",
    "CartBundle",
    "CartLine",
    "IdempotencyRecord",
    "Order",
    "OrderBundle",
    "OrderEvent",
    "OrderLine",
    "Review",
    "ReviewPhoto",
    "ReviewVote",
    "Shipment",
]
