"""The product list in a shop of 100,000 products against one of 1,000, side by side.

`python -m bench.listing SMALL LARGE` after `python -m bench.grow SMALL LARGE`. Asks
each filter, each sort and deep pages of two databases in turns, with nothing
remembered, and prints the median milliseconds of both and their ratio.
`python -m bench.listing LARGE --explain` prints how PostgreSQL finds the five commonest
filters.
"""

import os
import statistics
import sys
import time
from contextlib import ExitStack

import django
from django.db import connection
from django.test import Client as TestClient

from bench.catalogue import FIRST_PORT, Client, server

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "7"))
REQUESTS = 6
LIST = "/api/v1/products"
QUERIES = {
    "newest, page 1": "",
    "page 50": "page=50",
    "category": "category=gamis",
    "category and color": "category=wanita&color=hitam",
    "size": "size=M,L",
    "material": "material=ceruty",
    "busui": "busui=true",
    "wudhu": "wudhu=true",
    "in stock": "in_stock=true",
    "on sale": "on_sale=true",
    "featured": "featured=true",
    "opacity and lining": "opacity=opaque&lining=full",
    "four filters": "category=wanita&color=hitam,putih&size=L&in_stock=true",
    "price range": "min_price=150000&max_price=250000",
    "price": "sort=price",
    "price, dearest": "sort=-price",
    "name": "sort=name",
    "popular": "sort=popular",
    "rating": "sort=rating",
    "discount": "sort=discount",
    "one word": "q=gamis",
    "two words": "q=gamis+hitam",
    "misspelt": "q=gamiz",
    "SKU": "q=GMS-ARUNIKA",
}
EXPLAINED = {
    "category": "category=gamis",
    "category and color": "category=wanita&color=hitam",
    "in stock and size": "in_stock=true&size=M",
    "price range, cheapest first": "min_price=150000&max_price=250000&sort=price",
    "word": "q=pashmina",
}


def deep(client: Client, sort: str) -> str:
    """Return the query of the page behind the 900th product."""
    client.connect()
    cursor = client.get(f"{LIST}?sort={sort}&page=9&limit=100")[2].decode()
    place = cursor.rsplit('"next_cursor":"', 1)[1].split('"', 1)[0]
    return f"sort={sort}&cursor={place}"


def seconds(client: Client, path: str) -> float:
    """Return the seconds of one request, on average over a short round."""
    client.connect()
    started = time.perf_counter()
    for _ in range(REQUESTS):
        client.get(path)
    return (time.perf_counter() - started) / REQUESTS


def compare(name: str, small: tuple[Client, str], large: tuple[Client, str]) -> float:
    """Measure both in turns; print and return the ratio."""
    for client, path in (small, large):
        client.connect()
        status, _, body = client.get(path)
        assert status == 200, (path, body[:200])
    pairs = [(seconds(*small), seconds(*large)) for _ in range(ROUNDS)]
    few, many = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(
        f"{name:<24} {few * 1e3:7.2f} {many * 1e3:7.2f}   {many / few:5.2f}", flush=True
    )
    return many / few


def main(small_name: str, large_name: str) -> None:
    with ExitStack() as stack:
        clients = []
        for number, name in enumerate((small_name, large_name)):
            os.environ["DB_NAME"] = name
            running = server("bench.shop", FIRST_PORT + number, remember=False)
            clients.append(stack.enter_context(running))
        small, large = clients
        print("                           1,000 100,000 products (ms), ratio")
        ratios = [
            compare(name, (small, f"{LIST}?{query}"), (large, f"{LIST}?{query}"))
            for name, query in QUERIES.items()
        ]
        for sort in ("newest", "price", "name", "popular", "rating", "discount"):
            paths = [(client, f"{LIST}?{deep(client, sort)}") for client in clients]
            ratios.append(compare(f"cursor, {sort}", *paths))
        print(f"median ratio {statistics.median(ratios):.2f}, most {max(ratios):.2f}")


def explain(name: str) -> None:
    """Print the plan of the page and its total for each of the common filters."""
    os.environ["DB_NAME"] = name
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.shop")
    django.setup()
    shop = TestClient()

    # Django's own signature of a wrapper, which has no types to name.
    def explained(execute, sql, params, many, context):  # noqa: ANN001, ANN202
        if "WITH ORDINALITY" not in sql and "row_number" in sql.lower():
            with connection.cursor() as cursor:
                cursor.cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", params)
                print("\n".join(row[0] for row in cursor.fetchall()), "\n")
        return execute(sql, params, many, context)

    for title, query in EXPLAINED.items():
        shop.get(f"{LIST}?{query}", headers={"host": "127.0.0.1"})
        print(f"## {title}: {query}\n")
        with connection.execute_wrapper(explained):
            shop.get(f"{LIST}?{query}&utm_x=1", headers={"host": "127.0.0.1"})


if __name__ == "__main__":
    if "--explain" in sys.argv:
        explain(sys.argv[1])
    else:
        main(*sys.argv[1:])
