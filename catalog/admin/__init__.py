from catalog.admin.options import CategoryAdmin, ColorAdmin, SizeAdmin
from catalog.admin.product import ProductAdmin
from catalog.admin.stock import StockMovementAdmin, VariantAdmin

__all__ = [
    "CategoryAdmin",
    "ColorAdmin",
    "ProductAdmin",
    "SizeAdmin",
    "StockMovementAdmin",
    "VariantAdmin",
]
