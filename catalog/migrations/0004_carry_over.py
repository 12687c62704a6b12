from django.db import migrations
from django.utils.text import slugify

FAMILIES = [
    "hitam", "putih", "krem", "abu-abu", "cokelat", "merah", "merah muda", "oranye",
    "kuning", "hijau", "biru", "ungu", "emas", "perak", "multiwarna",
]  # fmt: skip


def name_colors(apps, schema_editor):
    taken = set()
    for color in apps.get_model("catalog", "Color").objects.order_by("pk"):
        color.slug = _free(slugify(color.name)[:40] or "warna", taken)
        color.family = color.family if color.family in FAMILIES else "multiwarna"
        color.save()


def list_materials(apps, schema_editor):
    material, product = (apps.get_model("catalog", m) for m in ("Material", "Product"))
    taken = set()
    used = product.objects.exclude(material_text="").order_by("material_text")
    for name in used.values_list("material_text", flat=True).distinct():
        row = material.objects.create(
            name=name, slug=_free(slugify(name)[:80] or "bahan", taken)
        )
        product.objects.filter(material_text=name).update(material=row)


def give_back_texts(apps, schema_editor):
    product = apps.get_model("catalog", "Product")
    for row in apps.get_model("catalog", "Material").objects.all():
        product.objects.filter(material=row).update(material_text=row.name)


def _free(slug, taken):
    number, found = 1, slug
    while found in taken:
        number += 1
        found = f"{slug}-{number}"
    taken.add(found)
    return found


class Migration(migrations.Migration):
    """Give colors a slug, and make rows of the materials that were texts."""

    dependencies = [("catalog", "0003_what_we_sell")]

    operations = [
        migrations.RunPython(name_colors, migrations.RunPython.noop),
        migrations.RunPython(list_materials, give_back_texts),
    ]
