"""Rows for tests: each factory makes a valid one, a test names only what matters."""

from typing import Any

import factory
from django.utils import timezone
from django.utils.text import slugify
from factory.django import DjangoModelFactory

from accounts.models import User
from catalog.models import (
    Bundle,
    Category,
    Collection,
    Color,
    Material,
    Product,
    ProductImage,
    Size,
    Variant,
)
from catalog.services import documents, stock
from karima.ids import uuid7
from orders.models import Order, ReviewPhoto
from orders.services import cart as carts
from orders.services import idempotency
from orders.services.checkout import (
    Checkout,
    Contact,
    ShippingAddress,
    place_order,
)

CONTACT = Contact("Aisyah Putri", "aisyah@karima.example", "+6281234567801")
ADDRESS = ShippingAddress(
    receiver_name="Aisyah Putri",
    receiver_phone="+6281234567801",
    province="Jawa Barat",
    city="Kota Bandung",
    district="Coblong",
    subdistrict="Dago",
    postal_code="40135",
    address_detail="Jl. Ir. H. Juanda No. 100",
)


class CategoryFactory(DjangoModelFactory[Category]):
    class Meta:
        model = Category

    name = factory.Sequence(lambda n: f"Kategori {n}")
    slug = factory.Sequence(lambda n: f"kategori-{n}")
    path = factory.LazyAttribute(
        lambda o: f"{o.parent.path if o.parent else ''}{o.slug}/"
    )
    parent: Any = None


class ColorFactory(DjangoModelFactory[Color]):
    class Meta:
        model = Color

    name = factory.Sequence(lambda n: f"Warna {n}")
    slug = factory.LazyAttribute(lambda o: slugify(o.name))
    hex = "#c98b94"
    family = "merah muda"


class SizeFactory(DjangoModelFactory[Size]):
    class Meta:
        model = Size

    name = factory.Sequence(lambda n: f"U{n}")
    position = factory.Sequence(lambda n: n)


class MaterialFactory(DjangoModelFactory[Material]):
    class Meta:
        model = Material

    name = factory.Sequence(lambda n: f"Bahan {n}")
    slug = factory.LazyAttribute(lambda o: slugify(o.name))
    family = "lainnya"


class CollectionFactory(DjangoModelFactory[Collection]):
    """A collection made by hand, visible from now on."""

    class Meta:
        model = Collection

    name = factory.Sequence(lambda n: f"Koleksi {n}")
    slug = factory.Sequence(lambda n: f"koleksi-{n}")


class ProductFactory(DjangoModelFactory[Product]):
    """A product on sale; it is visible once it has a variant."""

    class Meta:
        model = Product

    name = factory.Sequence(lambda n: f"Gamis {n}")
    slug = factory.Sequence(lambda n: f"gamis-{n}")
    description = "Nyaman dipakai sehari-hari."
    category = factory.SubFactory(CategoryFactory)
    status = Product.Status.ACTIVE
    published_at = factory.LazyFunction(timezone.now)


class VariantFactory(DjangoModelFactory[Variant]):
    """A variant of a product on sale, the product's price range kept right."""

    class Meta:
        model = Variant
        skip_postgeneration_save = True

    product = factory.SubFactory(ProductFactory)
    sku = factory.Sequence(lambda n: f"GMS-{n:04}")
    color = factory.SubFactory(ColorFactory)
    size = factory.SubFactory(SizeFactory)
    price = 150_000
    weight_grams = 400

    @factory.post_generation
    def refresh(variant: Variant, create: bool, extracted: object) -> None:
        documents.rewrite([variant.product_id])

    @factory.post_generation
    def on_hand(variant: Variant, create: bool, extracted: int | None) -> None:
        """Receive so many pieces: `VariantFactory(on_hand=5)`."""
        if extracted:
            stock.receive([stock.StockLine(variant.pk, extracted)], reference="test")


class BundleFactory(DjangoModelFactory[Bundle]):
    """A bundle on sale: `BundleFactory(parts={variant: 2})`."""

    class Meta:
        model = Bundle
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Sarimbit {n}")
    slug = factory.Sequence(lambda n: f"sarimbit-{n}")
    price = 250_000
    is_active = True

    @factory.post_generation
    def parts(
        bundle: Bundle, create: bool, extracted: dict[Variant, int] | None
    ) -> None:
        for variant, quantity in (extracted or {}).items():
            bundle.items.create(variant=variant, quantity=quantity)
        documents.rewrite_bundles([bundle.pk])


class ProductImageFactory(DjangoModelFactory[ProductImage]):
    """A picture's row; there is no file behind it."""

    class Meta:
        model = ProductImage
        skip_postgeneration_save = True

    product = factory.SubFactory(ProductFactory)
    file = "products/contoh.webp"
    alt = "Gamis dusty pink"
    width = 800
    height = 1000

    @factory.post_generation
    def rewrite(image: ProductImage, create: bool, extracted: object) -> None:
        documents.rewrite([image.product_id])


class ReviewPhotoFactory(DjangoModelFactory[ReviewPhoto]):
    """A photo's row; there is no file behind it."""

    class Meta:
        model = ReviewPhoto

    slot = 0
    file = "reviews/contoh/contoh-800.webp"
    width = 800
    height = 1000
    size_bytes = 40_000
    sha256 = "5" * 64
    placeholder = "#e7d6cc"


class CustomerFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    kratos_identity_id = factory.LazyFunction(uuid7)
    username = factory.LazyAttribute(lambda o: f"kratos:{o.kratos_identity_id}")
    email = factory.Sequence(lambda n: f"pembeli{n}@karima.example")
    full_name = factory.Sequence(lambda n: f"Pembeli {n}")
    password = "!"


class StaffFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"staf{n}@karima.example")
    email = factory.LazyAttribute(lambda o: o.username)
    full_name = factory.Sequence(lambda n: f"Staf {n}")
    is_staff = True
    password = "!"


def make_order(
    customer: User | None = None, *, variant: Variant | None = None, quantity: int = 1
) -> Order:
    """Place an order through the shop's own rules; nothing is paid yet."""
    customer = customer or CustomerFactory()
    cart, _ = carts.open_cart(carts.Shopper(customer=customer))
    carts.add_item(
        cart, variant=variant or VariantFactory(on_hand=5), quantity=quantity
    )
    request = Checkout(
        customer=customer, cart_token="", contact=CONTACT, address=ADDRESS
    )
    keyed = idempotency.keyed_request(str(uuid7()), scope="test", body={})
    return place_order(request, request=keyed).order
