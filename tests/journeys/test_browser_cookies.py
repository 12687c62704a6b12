"""Which requests of a browser carry the session cookie: docs/storefront.md, row by row.

The cookie is set by Kratos's stand-in over https, as in production; what was sent is
read where it arrives.
"""

import pytest
from playwright.sync_api import BrowserContext, Page

from sandbox.edge import Edge
from tests.journeys.conftest import Here, Stage

pytestmark = pytest.mark.django_db(transaction=True)

COOKIE = "ory_kratos_session"
SHOP = "https://karima.com"
# A document of the shop without a policy, so that its scripts may call anybody.
BARE = f"{SHOP}/favicon.svg"
ADMIN = "admin.ks-backend.cloud"
FETCH = """async ([url, init]) => {
  try { return (await fetch(url, init)).status; } catch { return 0; }
}"""
AISYAH = {
    "method": "POST",
    "headers": {"Content-Type": "application/json"},
    "body": '{"identifier": "aisyah@karima.example"}',
}


def fetch(page: Page, url: str, **init: object) -> int:
    """Return the status that a script of the page is shown; 0: the browser hid it."""
    status: int = page.evaluate(FETCH, [url, {"credentials": "include", **init}])
    return status


def sign_in(page: Page, auth: str) -> None:
    """Let Kratos set the cookie, called from its own origin."""
    page.goto(f"{auth}/schemas")
    assert fetch(page, f"{auth}/sandbox/sessions", **AISYAH) == 200


def carried(edge: Edge, host: str, path: str) -> list[bool]:
    """Return for each request to the path whether it carried the cookie."""
    return [
        COOKIE in request.cookies
        for request in edge.passed
        if (request.host, request.path) == (host, path) and request.method == "GET"
    ]


def test_cookie_has_the_attributes_that_keep_it_safe(
    stage: Stage, page: Page, context: BrowserContext
) -> None:
    stage(1)
    sign_in(page, "https://auth.karima.com")
    cookie = next(c for c in context.cookies() if c["name"] == COOKIE)
    assert cookie["domain"] == ".karima.com"
    assert (cookie["httpOnly"], cookie["secure"]) == (True, True)
    assert cookie["sameSite"] == "Lax"
    assert COOKIE not in page.evaluate("document.cookie")


def test_karima_com_to_the_api_on_another_site_carries_none(
    stage: Stage, page: Page, edge: Edge
) -> None:
    stage(3)
    sign_in(page, "https://auth.ks-backend.cloud")
    page.goto(BARE)
    assert fetch(page, "https://api.ks-backend.cloud/api/v1/auth/me") == 401
    assert carried(edge, "api.ks-backend.cloud", "/api/v1/auth/me")[-1:] == [False]


def test_karima_com_to_kratos_on_another_site_carries_none(
    stage: Stage, page: Page, edge: Edge
) -> None:
    stage(3)
    sign_in(page, "https://auth.ks-backend.cloud")
    page.goto(BARE)
    assert fetch(page, "https://auth.ks-backend.cloud/sessions/whoami") == 401
    assert carried(edge, "auth.ks-backend.cloud", "/sessions/whoami") == [False]


def test_cookie_set_for_another_site_is_dropped(
    stage: Stage, page: Page, edge: Edge, context: BrowserContext
) -> None:
    stage(3)
    page.goto(BARE)
    begin = "https://auth.ks-backend.cloud/self-service/login/browser"
    assert fetch(page, begin, headers={"Accept": "application/json"}) == 200
    begun = [r for r in edge.passed if r.path == "/self-service/login/browser"]
    assert any("csrf_token" in line for line in begun[0].set_cookies)
    assert context.cookies("https://auth.ks-backend.cloud") == []


def test_opening_a_page_on_another_site_carries_the_cookie(
    stage: Stage, page: Page, edge: Edge
) -> None:
    stage(3)
    sign_in(page, "https://auth.ks-backend.cloud")
    page.goto(BARE)
    page.evaluate("location.assign('https://auth.ks-backend.cloud/sessions/whoami')")
    page.wait_for_url("**/sessions/whoami")
    assert carried(edge, "auth.ks-backend.cloud", "/sessions/whoami") == [True]


def test_sibling_host_reaches_the_api_with_credentials(
    stage: Stage, page: Page, edge: Edge
) -> None:
    stage(3)
    sign_in(page, "https://auth.ks-backend.cloud")
    # The static admin of another maker: the policy of the shop's own admin lets its
    # pages speak to itself alone.
    ours = edge.route
    edge.route = lambda host, path: (
        ours("karima.com", path) if host == ADMIN else ours(host, path)
    )
    page.goto(f"https://{ADMIN}/favicon.svg")
    me = "https://api.ks-backend.cloud/api/v1/auth/me"
    assert fetch(page, me, credentials="same-origin") == 401
    assert fetch(page, me) == 200
    assert carried(edge, "api.ks-backend.cloud", "/api/v1/auth/me") == [False, True]


def test_same_origin_proxy_carries_the_hosts_own_cookie(
    stage: Stage, page: Page, edge: Edge, context: BrowserContext
) -> None:
    stage(2)
    sign_in(page, SHOP)
    assert fetch(page, "/api/v1/auth/me", credentials="same-origin") == 200
    assert carried(edge, "karima.com", "/api/v1/auth/me")[-1:] == [True]
    cookie = next(c for c in context.cookies() if c["name"] == COOKIE)
    assert cookie["domain"] == "karima.com"


def test_first_party_api_carries_the_sites_cookie(
    stage: Stage, page: Page, edge: Edge
) -> None:
    stage(1)
    sign_in(page, "https://auth.karima.com")
    page.goto(BARE)
    me = "https://api.karima.com/api/v1/auth/me"
    assert fetch(page, me, credentials="same-origin") == 401
    assert fetch(page, me) == 200
    assert carried(edge, "api.karima.com", "/api/v1/auth/me") == [False, True]


@pytest.mark.parametrize(("host", "status"), [("127.0.0.1", 200), ("localhost", 401)])
def test_ports_do_not_count_and_names_do(
    host: str,
    status: int,
    here: Here,
    page: Page,
) -> None:
    page.goto(f"{here.kratos}/health/alive")
    assert fetch(page, f"{here.kratos}/sandbox/sessions", **AISYAH) == 200
    page.goto(here.storefront.replace("127.0.0.1", host) + "/favicon.svg")
    assert fetch(page, f"{here.shop}/api/v1/auth/me") == status
