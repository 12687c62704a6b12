from catalog.models.bundle import Bundle, BundleItem
from catalog.models.category import Category
from catalog.models.change import ChangeBatch, FieldChange
from catalog.models.collection import Collection, CollectionItem
from catalog.models.document import CatalogVersion, ProductDocument
from catalog.models.flash_sale import (
    FlashSale,
    FlashSaleBuyer,
    FlashSaleItem,
    FlashSaleTaking,
)
from catalog.models.import_file import ImportFile, ImportRow
from catalog.models.media import DiscardedFile
from catalog.models.option import Attribute, Color, Material, Size
from catalog.models.price import TierPrice
from catalog.models.product import Product, ProductImage, RelatedProduct
from catalog.models.search import SearchSynonym, SearchWord
from catalog.models.size_chart import SizeChart, SizeMeasurement
from catalog.models.slug import OldSlug
from catalog.models.stock import Stock, StockMovement
from catalog.models.stock_take import StockTake, StockTakeLine
from catalog.models.store import Banner, Store
from catalog.models.variant import Variant
from catalog.models.wish import StockAlert, WishlistItem

__all__ = [
    "Attribute",
    "Bundle",
    "BundleItem",
    "Banner",
    "CatalogVersion",
    "Category",
    "ChangeBatch",
    "Collection",
    "CollectionItem",
    "Color",
    "FlashSale",
    "FlashSaleBuyer",
    "FlashSaleItem",
    "FlashSaleTaking",
    "FieldChange",
    "DiscardedFile",
    "ImportFile",
    "ImportRow",
    "Material",
    "OldSlug",
    "Product",
    "ProductDocument",
    "ProductImage",
    "RelatedProduct",
    "SearchSynonym",
    "SearchWord",
    "Size",
    "SizeChart",
    "SizeMeasurement",
    "Stock",
    "StockAlert",
    "StockMovement",
    "StockTake",
    "StockTakeLine",
    "Store",
    "TierPrice",
    "Variant",
    "WishlistItem",
]
