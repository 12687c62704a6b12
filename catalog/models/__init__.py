from catalog.models.category import Category
from catalog.models.product import Color, Product, ProductImage, Size
from catalog.models.stock import Stock, StockMovement
from catalog.models.variant import Variant

__all__ = [
    "Category",
    "Color",
    "Product",
    "ProductImage",
    "Size",
    "Stock",
    "StockMovement",
    "Variant",
]
