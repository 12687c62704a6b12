from django.db import migrations

# What customers may see changes with these. Stock and variants reach customers through
# the documents alone, which change when what is shown of them does.
TABLES = (
    "attribute",
    "category",
    "collection",
    "collectionitem",
    "color",
    "material",
    "oldslug",
    "product",
    "productdocument",
    "size",
    "sizechart",
)

# One row for each transaction, however many rows it changed. It waits here for another
# one that is committing, never for one that goes on to take further locks.
RAISE_VERSION = """
CREATE SEQUENCE catalog_version_number;
CREATE FUNCTION catalog_raise_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    this_one bigint := pg_current_xact_id()::text::bigint;
BEGIN
    INSERT INTO catalog_catalogversion AS row (id, version, transaction)
         VALUES (1, nextval('catalog_version_number'), this_one)
    ON CONFLICT (id) DO UPDATE
            SET version = nextval('catalog_version_number'), transaction = this_one
          WHERE row.transaction <> this_one;
    RETURN NULL;
END
$$;
"""
LOWER_VERSION = """
DROP FUNCTION catalog_raise_version();
DROP SEQUENCE catalog_version_number;
"""

WATCH = """
CREATE CONSTRAINT TRIGGER {table}_raises_version
    AFTER INSERT OR DELETE ON catalog_{table}
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION catalog_raise_version();
CREATE CONSTRAINT TRIGGER {table}_change_raises_version
    AFTER UPDATE ON catalog_{table}
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION catalog_raise_version();
"""
UNWATCH = """
DROP TRIGGER {table}_raises_version ON catalog_{table};
DROP TRIGGER {table}_change_raises_version ON catalog_{table};
"""

# A parent that moved is checked through its children, whose paths no longer fit.
CHECK_PATHS = """
CREATE FUNCTION catalog_check_category_path() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM catalog_category category
          LEFT JOIN catalog_category parent ON parent.id = category.parent_id
         WHERE (category.id = NEW.id OR category.parent_id = NEW.id)
           AND category.path <> COALESCE(parent.path, '') || category.slug || '/'
    ) THEN
        RAISE EXCEPTION 'category % has a path that is not its place', NEW.slug
            USING ERRCODE = 'check_violation', CONSTRAINT = 'category_path_is_its_place';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER category_path_is_its_place
    AFTER INSERT OR UPDATE OF parent_id, slug, path ON catalog_category
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION catalog_check_category_path();
"""
LEAVE_PATHS = """
DROP TRIGGER category_path_is_its_place ON catalog_category;
DROP FUNCTION catalog_check_category_path();
"""


class Migration(migrations.Migration):
    """Number the catalogue's changes, and hold the paths of categories to their tree."""

    dependencies = [("catalog", "0005_close_carry_over")]

    operations = [
        migrations.RunSQL(RAISE_VERSION, LOWER_VERSION),
        *(
            migrations.RunSQL(WATCH.format(table=table), UNWATCH.format(table=table))
            for table in TABLES
        ),
        migrations.RunSQL(CHECK_PATHS, LEAVE_PATHS),
    ]
