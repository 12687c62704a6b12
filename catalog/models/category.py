"""The tree of categories that customers browse."""

from django.db import models

MAX_DEPTH = 4
# Words that stand where a slug could in an URL of the API.
RESERVED_CATEGORY_SLUGS = ("stats",)
PLAIN_SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"


class Category(models.Model):
    """One branch of the shop, at most four levels deep.

    `path` is the slugs from the root, each with a slash behind it ("wanita/gamis/"), so
    that a whole subtree is one range of an index. `is_visible` is true when the
    category and all above it are active. Only `services.categories` writes these two;
    a trigger of the database refuses a path that is not the parent's with the own slug
    behind it, which also rules out cycles.
    """

    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name="induk",
    )
    name = models.CharField("nama", max_length=80)
    slug = models.SlugField(max_length=80, unique=True)
    description = models.TextField("deskripsi", blank=True)
    image = models.ImageField("gambar", upload_to="categories/", blank=True)
    size_chart = models.ForeignKey(
        "catalog.SizeChart",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="categories",
        verbose_name="tabel ukuran",
        help_text="Berlaku untuk produk di bawahnya yang tidak punya tabel sendiri.",
    )
    seo_title = models.CharField("judul SEO", max_length=70, blank=True)
    seo_description = models.CharField("deskripsi SEO", max_length=160, blank=True)
    position = models.PositiveSmallIntegerField("urutan", default=0)
    is_active = models.BooleanField("aktif", default=True)
    path = models.CharField(max_length=330, unique=True, editable=False)
    is_visible = models.BooleanField("terlihat", default=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "kategori"
        verbose_name_plural = "kategori"
        ordering = ["path"]
        constraints = [
            # Without "_" and "%" in a slug a path is also a safe LIKE pattern.
            models.CheckConstraint(
                name="category_slug_is_plain",
                condition=models.Q(slug__regex=PLAIN_SLUG),
            ),
            models.CheckConstraint(
                name="category_slug_is_free",
                condition=~models.Q(slug__in=[*RESERVED_CATEGORY_SLUGS]),
            ),
            models.CheckConstraint(
                name="category_path_at_most_four_levels",
                condition=models.Q(path__regex=r"^([a-z0-9-]+/){1,4}$"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def depth(self) -> int:
        """Return 1 for a root."""
        return self.path.count("/")
