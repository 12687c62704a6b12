from django.db import migrations

WATCH = """
CREATE CONSTRAINT TRIGGER product_sold_raises_version
    AFTER UPDATE OF sold_count ON catalog_product
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.sold_count IS DISTINCT FROM NEW.sold_count)
    EXECUTE FUNCTION catalog_raise_version();
"""
UNWATCH = "DROP TRIGGER product_sold_raises_version ON catalog_product;"


class Migration(migrations.Migration):
    """Number the changes of what sells: lists in that order are other lists then."""

    dependencies = [
        ('catalog', '0021_reasons'),
    ]

    operations = [migrations.RunSQL(WATCH, UNWATCH)]
