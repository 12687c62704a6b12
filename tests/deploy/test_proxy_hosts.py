"""Which host and path leads where, and what a client may say of itself."""

import pytest

from tests.deploy.proxy import (
    ADMIN,
    API,
    AUTH,
    SECOND_API,
    Proxy,
)
from tests.deploy.upstream import Upstream

# Whom a request reaches: the shop, Kratos, or nobody behind the proxy.
PLACES = [
    (API, "/api/v1/products", "backend"),
    (API, "/api/v1/orders", "backend"),
    (API, "/api/v1/payments/midtrans/notification", "backend"),
    (API, "/health", "backend"),
    (API, "/nothing", "backend"),
    (SECOND_API, "/api/v1/cart", "backend"),
    (API, "/admin", ""),
    (API, "/admin/", ""),
    (API, "//admin/", ""),
    (API, "/x/../admin/", ""),
    (API, "/%61dmin/", ""),
    (API, "/metrics", ""),
    (API, "/metrics/", ""),
    (API, "/internal/metrics", ""),
    (API, "/internal/metrics/", ""),
    (API, "//internal/metrics", ""),
    (API, "/./internal/metrics", ""),
    (ADMIN, "/", "backend"),
    (ADMIN, "/admin/", "backend"),
    (ADMIN, "/static/admin/css/base.css", "backend"),
    (ADMIN, "/api", ""),
    (ADMIN, "/api/v1/products", ""),
    (ADMIN, "/internal/metrics", ""),
    (ADMIN, "/metrics", ""),
    (AUTH, "/", "backend"),
    (AUTH, "/login", "backend"),
    (AUTH, "/settings", "backend"),
    (AUTH, "/static/accounts/pages.css", "backend"),
    (AUTH, "/self-service/login/browser", "kratos"),
    (AUTH, "/sessions/whoami", "kratos"),
    (AUTH, "/sessions", "kratos"),
    (AUTH, "/schemas/customer", "kratos"),
    (AUTH, "/.well-known/ory/webauthn.js", "kratos"),
    (AUTH, "/health/ready", "kratos"),
    (AUTH, "/admin/identities", ""),
    (AUTH, "/internal/metrics", ""),
    (AUTH, "/metrics/prometheus", ""),
]


@pytest.mark.parametrize(("host", "path", "answered_by"), PLACES)
def test_host_and_path_lead_to(
    proxy: Proxy,
    backend: Upstream,
    kratos_behind: Upstream,
    host: str,
    path: str,
    answered_by: str,
) -> None:
    answer = proxy.get(host, path)

    assert answer.headers.get("X-Answered-By", "") == answered_by
    assert answer.status == (200 if answered_by else 404)
    assert len(backend.seen) == (answered_by == "backend")
    assert len(kratos_behind.seen) == (answered_by == "kratos")
