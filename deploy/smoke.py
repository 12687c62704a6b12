"""Walk through the critical flows of a running shop, without changing anything.

Needs nothing but Python. `python3 -m deploy.smoke https://api.karima.com`
"""

import argparse
import http.client
import json
import ssl
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from deploy.reports import write_report

TIMEOUT_SECONDS = 10
MAX_BODY_BYTES = 4 * 1024**2
STRANGER = "https://smoke.invalid"


@dataclass(frozen=True)
class Answer:
    """What the shop said; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Return the body's JSON, None when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass
class Shop:
    """A running shop, the origin of its storefront, and what was asked already."""

    url: str
    origin: str = ""
    environment: str = ""
    _seen: dict[str, Answer] = field(default_factory=dict)

    @property
    def is_secure(self) -> bool:
        return self.url.startswith("https://")

    def ask(
        self, path: str, method: str = "GET", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Return the answer to one request. Raises OSError when there is none."""
        parts = urlsplit(self.url)
        port, host = parts.port, parts.hostname or ""
        if self.is_secure:
            connection = http.client.HTTPSConnection(
                host,
                port,
                timeout=TIMEOUT_SECONDS,
                context=ssl.create_default_context(),
            )
        else:
            connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request(method, path, headers=dict(headers or {}))
            response = connection.getresponse()
            told = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, told, response.read(MAX_BODY_BYTES))
        except http.client.HTTPException as error:
            raise OSError(type(error).__name__) from None
        finally:
            connection.close()

    def get(self, path: str) -> Answer:
        """Return the answer to GET, asked once."""
        if path not in self._seen:
            self._seen[path] = self.ask(path)
        return self._seen[path]


# Yields what is wrong; nothing when all is well.
Flow = Callable[[Shop], Iterator[str]]


def health(shop: Shop) -> Iterator[str]:
    answer = shop.get("/health")
    document = answer.json or {}
    shop.environment = str(document.get("environment", ""))
    if answer.status != 200 or document.get("status") != "ok":
        yield f"/health answers {answer.status}: {document.get('status')}"
    if shop.get("/health/ready").status != 200:
        yield f"/health/ready answers {shop.get('/health/ready').status}"


def catalogue(shop: Shop) -> Iterator[str]:
    answer = shop.get("/api/v1/products")
    products = (answer.json or {}).get("results")
    if answer.status != 200 or not isinstance(products, list):
        yield f"/api/v1/products answers {answer.status}"
        return
    if not products:
        yield "there is no product"
        return
    if "public" not in answer.headers.get("cache-control", ""):
        yield "the list of products is not cacheable"
    path = f"/api/v1/products/{quote(str(products[0]['slug']))}"
    if shop.get(path).status != 200:
        yield f"{path} answers {shop.get(path).status}"


def signing_in(shop: Shop) -> Iterator[str]:
    answer = shop.get("/api/v1/auth/me")
    if answer.status != 401:
        yield f"/api/v1/auth/me answers a stranger with {answer.status}, not 401"
    if answer.headers.get("cache-control") != "no-store":
        yield "/api/v1/auth/me may be cached"
    forged = shop.ask(
        "/api/v1/auth/me", headers={"Authorization": "Bearer ory_st_forged"}
    )
    if forged.status != 401:
        yield f"a forged token is answered with {forged.status}: is Kratos there?"


def cross_origin(shop: Shop) -> Iterator[str]:
    if shop.origin:
        allowed = _preflight(shop, shop.origin)
        if allowed.headers.get("access-control-allow-origin") != shop.origin:
            yield f"CORS does not allow {shop.origin}"
        if allowed.headers.get("access-control-allow-credentials") != "true":
            yield f"CORS allows {shop.origin} no credentials"
    if "access-control-allow-origin" in _preflight(shop, STRANGER).headers:
        yield "CORS allows a stranger's origin"


def _preflight(shop: Shop, origin: str) -> Answer:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,idempotency-key",
    }
    return shop.ask("/api/v1/checkout", "OPTIONS", headers)


def headers(shop: Shop) -> Iterator[str]:
    wanted = {
        "x-content-type-options": "nosniff",
        "referrer-policy": "strict-origin-when-cross-origin",
        "cross-origin-opener-policy": "same-origin",
        "x-frame-options": "DENY",
        "content-security-policy": "default-src 'none'",
    }
    if shop.is_secure:
        wanted["strict-transport-security"] = "max-age="
    for path in ("/api/v1/products", "/api/v1/nowhere"):
        sent = shop.get(path).headers
        for name, value in wanted.items():
            if value not in sent.get(name, ""):
                yield f"{path} lacks {name}: {value}"
        if "set-cookie" in sent:
            yield f"{path} sets a cookie"


def closed_doors(shop: Shop) -> Iterator[str]:
    is_production = shop.environment in ("production", "staging")
    # Development shows the admin and the docs on the same host.
    shut = ("/admin/", "/api/docs", "/api/v1/openapi.json") if is_production else ()
    for path in ("/api/v1/nowhere", "/.env", "/.git/config", *shut):
        if shop.get(path).status != 404:
            yield f"{path} answers {shop.get(path).status}, not 404"
    if shop.is_secure and shop.get("/internal/metrics").status != 404:
        yield "/internal/metrics can be reached from outside"
    trace = shop.ask("/api/v1/products", "TRACE")
    if trace.status < 400:
        yield "TRACE is answered"


FLOWS: dict[str, Flow] = {
    "health": health,
    "catalogue": catalogue,
    "sign-in": signing_in,
    "cross-origin": cross_origin,
    "headers": headers,
    "closed doors": closed_doors,
}


def walk(shop: Shop) -> Iterator[tuple[str, list[str]]]:
    """Return each flow with what is wrong in it; one that gets no answer is wrong."""
    for name, flow in FLOWS.items():
        try:
            yield name, list(flow(shop))
        except OSError as error:
            yield name, [f"no answer ({type(error).__name__})"]


def main(arguments: list[str] | None = None) -> int:
    """Print each flow and keep the verdict. Exit status 1 when one is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="where the API is, such as https://api.karima.com")
    parser.add_argument("--origin", default="", help="the storefront's origin")
    given = parser.parse_args(arguments)
    shop = Shop(given.url.rstrip("/"), given.origin.rstrip("/"))
    if not urlsplit(shop.url).hostname:
        parser.error("the address must begin with http:// or https://")
    wrong = 0
    for name, problems in walk(shop):
        wrong += bool(problems)
        print(f"{'fail' if problems else 'ok':<4}  {name}")
        for problem in problems:
            print(f"      {problem}")
    host = urlsplit(shop.url).netloc
    summary = f"{len(FLOWS) - wrong} of {len(FLOWS)} flows work on {host}"
    print(f"smoke: {summary}")
    write_report("smoke", is_good=not wrong, summary=summary)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
