"""Where a customer wants parcels to go."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from karima.ids import uuid7


class Address(models.Model):
    """An Indonesian address down to the kelurahan, in words.

    The names of the four levels are kept, not numbers of a courier, since couriers
    renumber. `is_default` is written by `accounts.services.addresses` alone.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="addresses"
    )
    label = models.CharField("label", max_length=50, blank=True)
    receiver_name = models.CharField("penerima", max_length=100)
    phone = models.CharField("telepon", max_length=20)
    province = models.CharField("provinsi", max_length=100)
    city = models.CharField("kabupaten/kota", max_length=100)
    district = models.CharField("kecamatan", max_length=100)
    subdistrict = models.CharField("kelurahan/desa", max_length=100)
    postal_code = models.CharField("kode pos", max_length=5)
    detail = models.CharField("alamat", max_length=300)
    rt_rw = models.CharField("RT/RW", max_length=7, blank=True)
    landmark = models.CharField("patokan", max_length=150, blank=True)
    is_default = models.BooleanField("utama", default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "alamat"
        verbose_name_plural = "alamat"
        ordering = ["-is_default", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="address_one_default_per_customer",
                fields=["customer"],
                condition=Q(is_default=True),
            ),
            models.CheckConstraint(
                name="address_postal_code_shape",
                condition=Q(postal_code__regex=r"^[1-9][0-9]{4}$"),
            ),
            models.CheckConstraint(
                name="address_phone_is_e164",
                condition=Q(phone__regex=r"^\+[1-9][0-9]{6,14}$"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.receiver_name}, {self.city}"
