from django.db import migrations


class Migration(migrations.Migration):
    """Prices have the history that all changes of the catalogue have."""

    dependencies = [("catalog", "0015_synonyms")]

    operations = [migrations.DeleteModel(name="PriceChange")]
