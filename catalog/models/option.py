"""What variants and products are told apart by: color, size, material, extras."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from catalog.models.category import PLAIN_SLUG


class ColorFamily(models.TextChoices):
    """The plain colors that customers filter by."""

    BLACK = "hitam", "Hitam"
    WHITE = "putih", "Putih"
    CREAM = "krem", "Krem"
    GRAY = "abu-abu", "Abu-abu"
    BROWN = "cokelat", "Cokelat"
    RED = "merah", "Merah"
    PINK = "merah muda", "Merah muda"
    ORANGE = "oranye", "Oranye"
    YELLOW = "kuning", "Kuning"
    GREEN = "hijau", "Hijau"
    BLUE = "biru", "Biru"
    PURPLE = "ungu", "Ungu"
    GOLD = "emas", "Emas"
    SILVER = "perak", "Perak"
    MIXED = "multiwarna", "Multiwarna"


class Color(models.Model):
    """A color as the shop names it, with the plain family that customers filter by."""

    name = models.CharField("nama", max_length=40, unique=True)
    slug = models.SlugField(max_length=50, unique=True)
    hex = models.CharField("kode hex", max_length=7)
    family = models.CharField(
        "keluarga warna", max_length=20, choices=ColorFamily.choices
    )
    swatch = models.ImageField(
        "contoh kain",
        upload_to="swatches/",
        blank=True,
        help_text="Foto kainnya, untuk warna bermotif. Kosongkan bila kode hex cukup.",
    )

    class Meta:
        verbose_name = "warna"
        verbose_name_plural = "warna"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="color_hex_is_six_digits",
                condition=Q(hex__regex=r"^#[0-9a-f]{6}$"),
            ),
            models.CheckConstraint(
                name="color_family_is_known",
                condition=Q(family__in=ColorFamily.values),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Size(models.Model):
    """A size as printed on the label; `position` puts S before M."""

    name = models.CharField("nama", max_length=20, unique=True)
    position = models.PositiveSmallIntegerField("urutan")

    class Meta:
        verbose_name = "ukuran"
        verbose_name_plural = "ukuran"
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name


class Material(models.Model):
    """A fabric as the shop names it ("Ceruty babydoll"), in the family to filter by."""

    class Family(models.TextChoices):
        COTTON = "katun", "Katun"
        LINEN = "linen", "Linen"
        RAYON = "rayon", "Rayon"
        CERUTY = "ceruty", "Ceruty"
        CRINKLE = "crinkle", "Crinkle"
        JERSEY = "jersey", "Jersey & kaos"
        VOILE = "voal", "Voal"
        SATIN = "satin", "Satin & silk"
        WOLFIS = "wolfis", "Wolfis & nidha"
        TOYOBO = "toyobo", "Toyobo"
        KNIT = "rajut", "Rajut"
        DENIM = "denim", "Denim"
        PLEATED = "plisket", "Plisket"
        OTHER = "lainnya", "Lainnya"

    name = models.CharField("nama", max_length=80, unique=True)
    slug = models.SlugField(max_length=90, unique=True)
    family = models.CharField(
        "keluarga bahan", max_length=20, choices=Family.choices, default=Family.OTHER
    )

    class Meta:
        verbose_name = "bahan"
        verbose_name_plural = "bahan"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Attribute(models.Model):
    """A further attribute that products may have, with the type of its values.

    The values are in `Product.extra` under `code`; `services.attributes` checks them.
    """

    class Kind(models.TextChoices):
        TEXT = "text", "Teks"
        NUMBER = "number", "Angka"
        BOOLEAN = "boolean", "Ya atau tidak"
        CHOICE = "choice", "Pilihan"

    code = models.SlugField("kode", max_length=40, unique=True)
    name = models.CharField("nama", max_length=60)
    kind = models.CharField("jenis", max_length=10, choices=Kind.choices)
    unit = models.CharField("satuan", max_length=12, blank=True)
    choices = ArrayField(
        models.CharField(max_length=60),
        verbose_name="pilihan",
        default=list,
        blank=True,
        help_text="Untuk jenis Pilihan; pisahkan dengan koma.",
    )
    position = models.PositiveSmallIntegerField("urutan", default=0)

    class Meta:
        verbose_name = "atribut tambahan"
        verbose_name_plural = "atribut tambahan"
        ordering = ["position", "code"]
        constraints = [
            models.CheckConstraint(
                name="attribute_code_is_plain", condition=Q(code__regex=PLAIN_SLUG)
            ),
            models.CheckConstraint(
                name="attribute_choice_has_choices",
                condition=Q(kind="choice", choices__len__gt=0)
                | Q(kind__in=["text", "number", "boolean"], choices__len=0),
            ),
        ]

    def __str__(self) -> str:
        return self.name
