"""Make a shop of 100,000 products out of one of 1,000, in minutes.

`python -m bench.grow SOURCE TARGET` fills the database SOURCE with 1,000 demo articles,
unless it has them, and copies it to TARGET, which must not exist, with 99 more of each
product: other names, prices, ages, sales and ratings, the same attributes. Every filter
then finds the same share of the products. What lists read is copied, products and
their documents; variants and their stock are not.
"""

import os
import sys

import django
import psycopg
from django.conf import settings
from django.core.management import call_command

COPIES = 99
ARTICLES = 1000

# Written as a replica would: no triggers, since nobody reads while this runs.
_GROW = """
SET session_replication_role = replica;
SELECT setseed(0.5);
UPDATE catalog_product SET
       sold_count = (random() * random() * random() * 900)::int,
       rating_average = CASE WHEN random() < 0.4 THEN 0
                             ELSE round((3 + 2 * random())::numeric, 2) END,
       is_featured = random() < 0.02;
CREATE TEMPORARY TABLE copied AS
SELECT product.id AS source, copy,
       (SELECT max(id) FROM catalog_product)
           + row_number() OVER (ORDER BY copy, product.id) AS id,
       (0.8 + 0.4 * random()) AS factor
  FROM catalog_product product CROSS JOIN generate_series(1, {copies}) AS copy;
INSERT INTO catalog_product ({columns})
SELECT {values}
  FROM copied JOIN catalog_product product ON product.id = copied.source;
INSERT INTO catalog_productdocument (product_id, starts_at, ends_at, card, detail)
SELECT copied.id, starts_at, ends_at,
       replace(card, '{{"id":' || source || ',', '{{"id":' || copied.id || ','), detail
  FROM copied JOIN catalog_productdocument document ON document.product_id = source;
"""
_OTHER = {
    "id": "copied.id",
    "name": "left(name, 110) || ' seri ' || copy",
    "slug": "left(slug, 130) || '-x' || copy",
    "published_at": "published_at - random() * interval '300 days'",
    "price_min": "(price_min * factor / 1000)::int * 1000 + 1000",
    "price_max": "(price_max * factor / 1000)::int * 1000 + 1000",
    "sold_count": "(random() * random() * random() * 900)::int",
    "rating_average": "CASE WHEN rating_average = 0 THEN 0 "
    "ELSE round((3 + 2 * random())::numeric, 2) END",
}


def main(source: str, target: str) -> None:
    os.environ["DB_NAME"] = source
    django.setup()
    database = settings.DATABASES["default"]
    place = {"host": database["HOST"], "port": database["PORT"] or None}
    own = {"user": database["USER"], "password": database["PASSWORD"] or None}
    with psycopg.connect(dbname="postgres", autocommit=True, **place, **own) as server:
        found = server.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [source]
        ).fetchone()
        if not found:
            server.execute(f'CREATE DATABASE "{source}"')
        call_command("migrate", verbosity=0)
        call_command("seed_demo", products=ARTICLES)
        django.db.connections.close_all()
        server.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
    with psycopg.connect(dbname=target, autocommit=True, **place, **own) as large:
        rows = large.execute(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_name = 'catalog_product' ORDER BY ordinal_position"
        ).fetchall()
        columns = [name for (name,) in rows]
        values = [_OTHER.get(name, f"product.{name}") for name in columns]
        large.execute(
            _GROW.format(
                copies=COPIES, columns=", ".join(columns), values=", ".join(values)
            )
        )
        large.execute("VACUUM ANALYZE")
    with psycopg.connect(dbname=source, autocommit=True, **place, **own) as small:
        small.execute("VACUUM ANALYZE")
    print(f"{target}: {ARTICLES * (COPIES + 1)} products")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.shop")
    main(*sys.argv[1:])
