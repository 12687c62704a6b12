from django.db import migrations

# The words that Indonesian customers use for the same things.
GROUPS = [
    ["jilbab", "hijab", "kerudung", "tudung"],
    ["khimar", "bergo", "kerudung instan", "jilbab instan", "hijab instan"],
    ["pashmina", "pasmina", "selendang", "shawl"],
    ["segi empat", "square", "kerudung segi empat"],
    ["gamis", "abaya", "maxi dress", "jubah"],
    ["ciput", "dalaman hijab", "inner hijab", "bandana"],
    ["cadar", "niqab", "purdah"],
    ["mukena", "mukenah", "rukuh", "telekung"],
    ["koko", "baju koko", "baju takwa"],
    ["tunik", "tunic", "blus panjang"],
    ["blus", "blouse", "atasan"],
    ["rok", "skirt"],
    ["celana", "pants"],
    ["setelan", "one set", "oneset", "stelan"],
    ["sarimbit", "couple", "keluarga"],
    ["outer", "cardigan", "kardigan"],
    ["busui", "menyusui"],
    ["katun", "cotton"],
    ["ceruty", "ceruti", "sifon", "chiffon"],
    ["voal", "voile"],
    ["kaos", "jersey"],
    ["plisket", "pleated"],
    ["hitam", "black"],
    ["putih", "white"],
    ["merah muda", "pink"],
    ["abu", "gray", "grey"],
    ["cokelat", "coklat", "brown"],
    ["krem", "cream"],
    ["biru", "blue"],
    ["hijau", "green"],
    ["ungu", "purple"],
]

WATCH = """
CREATE CONSTRAINT TRIGGER searchsynonym_raises_version
    AFTER INSERT OR UPDATE OR DELETE ON catalog_searchsynonym
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION catalog_raise_version();
"""
UNWATCH = """
DROP TRIGGER searchsynonym_raises_version ON catalog_searchsynonym;
"""


def plant(apps, schema_editor):
    synonym, word = (
        apps.get_model("catalog", name) for name in ("SearchSynonym", "SearchWord")
    )
    synonym.objects.bulk_create([synonym(words=group) for group in GROUPS])
    single = {part for group in GROUPS for text in group for part in text.split()}
    word.objects.bulk_create(
        [word(word=part) for part in sorted(single)], ignore_conflicts=True
    )


class Migration(migrations.Migration):
    """Begin with the usual synonyms; a change of them changes what searches answer."""

    dependencies = [("catalog", "0014_search")]

    operations = [
        migrations.RunPython(plant, migrations.RunPython.noop),
        migrations.RunSQL(WATCH, UNWATCH),
    ]
