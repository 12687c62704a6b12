"""What the shop says of itself: one row, and the lines above its pages."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q


class Store(models.Model):
    """The settings that staff change without a release. There is one row at most."""

    class TaxMode(models.TextChoices):
        NONE = "none", "Tidak memungut PPN"
        INCLUDED = "included", "Harga sudah termasuk PPN"

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    name = models.CharField("nama toko", max_length=60, default="Karima Store")
    tagline = models.CharField("semboyan", max_length=120, blank=True)
    email = models.EmailField("surel", blank=True)
    phone = models.CharField("telepon", max_length=20, blank=True)
    whatsapp = models.CharField(
        "WhatsApp",
        max_length=20,
        blank=True,
        help_text="Nomor yang dibuka tombol WhatsApp di toko, misalnya 0812-3456-7890.",
    )
    address = models.TextField("alamat", max_length=300, blank=True)
    instagram = models.URLField("Instagram", blank=True)
    return_window_days = models.PositiveSmallIntegerField(
        "batas retur (hari)",
        default=7,
        validators=[MaxValueValidator(90)],
        help_text="Dihitung sejak pesanan diterima. 0 berarti tidak menerima retur.",
    )
    tax_mode = models.CharField(
        "PPN", max_length=10, choices=TaxMode.choices, default=TaxMode.NONE
    )
    holiday_starts_on = models.DateField("libur mulai", null=True, blank=True)
    ships_again_on = models.DateField(
        "kirim lagi mulai",
        null=True,
        blank=True,
        help_text="Pesanan selama libur tetap diterima dan dikirim mulai tanggal ini.",
    )
    holiday_note = models.CharField(
        "pesan libur",
        max_length=200,
        blank=True,
        help_text="Kosongkan untuk kalimat yang biasa.",
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "pengaturan toko"
        verbose_name_plural = "pengaturan toko"
        constraints = [
            models.CheckConstraint(name="store_is_one_row", condition=Q(id=1)),
            models.CheckConstraint(
                name="store_tax_mode_is_known",
                condition=Q(tax_mode__in=["none", "included"]),
            ),
            models.CheckConstraint(
                name="store_return_window_is_sane",
                condition=Q(return_window_days__lte=90),
            ),
            models.CheckConstraint(
                name="store_holiday_ends_after_it_starts",
                condition=Q(holiday_starts_on__isnull=True, ships_again_on__isnull=True)
                | Q(ships_again_on__gt=F("holiday_starts_on")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Banner(models.Model):
    """A line above the shop's pages, in a window of time if it has one."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="banners")
    text = models.CharField("teks", max_length=120)
    link = models.CharField(
        "tautan",
        max_length=200,
        blank=True,
        help_text="Misalnya /koleksi/lebaran, atau alamat https.",
    )
    starts_at = models.DateTimeField("mulai", null=True, blank=True)
    ends_at = models.DateTimeField("sampai", null=True, blank=True)
    is_active = models.BooleanField("tampil", default=True)
    position = models.PositiveSmallIntegerField("urutan", default=0)

    class Meta:
        verbose_name = "spanduk"
        verbose_name_plural = "spanduk"
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                name="banner_ends_after_it_starts",
                violation_error_message="Spanduk harus selesai sesudah mulai.",
                condition=Q(starts_at__isnull=True)
                | Q(ends_at__isnull=True)
                | Q(ends_at__gt=F("starts_at")),
            ),
            models.CheckConstraint(
                name="banner_link_is_a_path_or_https",
                violation_error_message=(
                    "Tautan harus jalur yang diawali /, atau alamat https."
                ),
                condition=Q(link="") | Q(link__regex=r"^(/([^/\\]|$)|https://)"),
            ),
        ]

    def __str__(self) -> str:
        return self.text
