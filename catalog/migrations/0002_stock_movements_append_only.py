from django.db import migrations

FORWARD = """
CREATE FUNCTION catalog_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER stock_movement_append_only
    BEFORE UPDATE OR DELETE ON catalog_stockmovement
    FOR EACH ROW EXECUTE FUNCTION catalog_refuse_change();
"""

BACKWARD = """
DROP TRIGGER stock_movement_append_only ON catalog_stockmovement;
DROP FUNCTION catalog_refuse_change();
"""


class Migration(migrations.Migration):
    """Make the ledger of stock append-only, whoever connects."""

    dependencies = [("catalog", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
