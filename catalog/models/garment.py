"""The attributes of modest fashion, each with the values that it may have.

They are columns of `Product`, where an empty text means that nobody said.
"""

from django.db import models


class Opacity(models.TextChoices):
    """Menerawang: how much shows through."""

    OPAQUE = "opaque", "Tidak menerawang"
    SEMI_SHEER = "semi_sheer", "Sedikit menerawang"
    SHEER = "sheer", "Menerawang"


class Lining(models.TextChoices):
    """Furing."""

    NONE = "none", "Tanpa furing"
    PARTIAL = "partial", "Furing sebagian"
    FULL = "full", "Furing penuh"


class Stretch(models.TextChoices):
    """Melar."""

    NONE = "none", "Tidak melar"
    SLIGHT = "slight", "Sedikit melar"
    HIGH = "high", "Melar"


class Sleeve(models.TextChoices):
    """Lengan."""

    NONE = "none", "Tanpa lengan"
    SHORT = "short", "Lengan pendek"
    THREE_QUARTER = "three_quarter", "Lengan 3/4"
    LONG = "long", "Lengan panjang"


class Cut(models.TextChoices):
    """Model."""

    A_LINE = "a_line", "A-line"
    UMBRELLA = "umbrella", "Payung"
    STRAIGHT = "straight", "Lurus"
    LOOSE = "loose", "Longgar"
    REGULAR = "regular", "Reguler"
    KAFTAN = "kaftan", "Kaftan"
    MERMAID = "mermaid", "Duyung"
    PLEATED = "pleated", "Plisket"


class Motif(models.TextChoices):
    PLAIN = "plain", "Polos"
    FLORAL = "floral", "Bunga"
    STRIPED = "striped", "Garis"
    CHECKED = "checked", "Kotak-kotak"
    GEOMETRIC = "geometric", "Geometris"
    ABSTRACT = "abstract", "Abstrak"
    BATIK = "batik", "Batik"
    EMBROIDERED = "embroidered", "Bordir"
    LACE = "lace", "Brokat"
