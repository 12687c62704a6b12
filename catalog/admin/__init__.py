from catalog.admin.bundle import BundleAdmin
from catalog.admin.collection import CollectionAdmin
from catalog.admin.history import ChangeBatchAdmin
from catalog.admin.imports import ImportFileAdmin
from catalog.admin.options import (
    AttributeAdmin,
    CategoryAdmin,
    ColorAdmin,
    MaterialAdmin,
    SizeAdmin,
    SizeChartAdmin,
)
from catalog.admin.prices import FlashSaleAdmin, TierPriceAdmin
from catalog.admin.product import ProductAdmin
from catalog.admin.search import SearchSynonymAdmin
from catalog.admin.stock import StockMovementAdmin, VariantAdmin
from catalog.admin.stock_takes import StockTakeAdmin
from catalog.admin.store import StoreAdmin

__all__ = [
    "AttributeAdmin",
    "BundleAdmin",
    "CategoryAdmin",
    "ChangeBatchAdmin",
    "CollectionAdmin",
    "ColorAdmin",
    "FlashSaleAdmin",
    "ImportFileAdmin",
    "MaterialAdmin",
    "ProductAdmin",
    "SearchSynonymAdmin",
    "SizeAdmin",
    "SizeChartAdmin",
    "StockMovementAdmin",
    "StockTakeAdmin",
    "StoreAdmin",
    "TierPriceAdmin",
    "VariantAdmin",
]
