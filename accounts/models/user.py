"""People: customers known by their Kratos identity, staff by their Access e-mail."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from karima.ids import uuid7


class UserManager(BaseUserManager["User"]):
    """Make users without a usable password: nobody signs in with one here."""

    def create_user(
        self, username: str, *, password: str | None = None, **fields: object
    ) -> "User":
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self, username: str, *, password: str | None = None, **fields: object
    ) -> "User":
        fields.update(is_staff=True, is_superuser=True)
        return self.create_user(username, password=password, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """One person in one role: a customer, or a member of staff, never both.

    A customer is joined to Kratos on `kratos_identity_id` alone. E-mail, name and phone
    are copies of what the identity says; they are neither unique nor a key.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    username = models.CharField(max_length=150, unique=True)
    kratos_identity_id = models.UUIDField(
        unique=True, null=True, blank=True, editable=False
    )
    email = models.EmailField("e-mail", max_length=254, blank=True)
    email_verified = models.BooleanField("e-mail terverifikasi", default=False)
    full_name = models.CharField("nama", max_length=201, blank=True)
    phone = models.CharField("telepon", max_length=20, blank=True)
    group = models.ForeignKey(
        "accounts.CustomerGroup",
        on_delete=models.PROTECT,
        related_name="customers",
        default="retail",
        verbose_name="grup pelanggan",
    )
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField("terdaftar", auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    # The identity's id stays after erasure, so that no session brings the row back.
    erased_at = models.DateTimeField("dihapus", null=True, blank=True)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "pelanggan"
        verbose_name_plural = "pelanggan"
        constraints = [
            models.CheckConstraint(
                name="user_is_customer_or_staff_not_both",
                condition=models.Q(is_staff=False) | models.Q(kratos_identity_id=None),
            ),
            models.CheckConstraint(
                name="user_erased_is_nobody",
                condition=models.Q(erased_at=None)
                | models.Q(email="", phone="", email_verified=False, is_active=False),
            ),
        ]
        indexes = [models.Index(Lower("email"), name="user_email_lower")]

    def __str__(self) -> str:
        return self.full_name or self.email or self.username

    def get_full_name(self) -> str:
        """Return the name that the admin greets."""
        return str(self)


class StaffIdentity(models.Model):
    """Which Access identity enters the admin as which member of staff.

    `access_sub` is bound at the first sign-in. Another subject with the same e-mail is
    refused after that, since a mailbox can be given to another person.
    """

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, related_name="staff_identity"
    )
    email = models.EmailField("e-mail", max_length=254)
    access_sub = models.CharField(max_length=255, unique=True, null=True, blank=True)
    # Kept after `staff_rebind`: a token of that account may still be valid for hours.
    former_sub = models.CharField(max_length=255, blank=True, default="")
    is_active = models.BooleanField("aktif", default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "staf"
        verbose_name_plural = "staf"
        constraints = [
            models.UniqueConstraint(Lower("email"), name="staff_identity_email_unique"),
        ]

    def __str__(self) -> str:
        return self.email
