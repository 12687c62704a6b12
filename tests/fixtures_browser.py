"""A real browser, and the shop under its real host names on this machine.

Chromium resolves the names to a proxy that ends TLS here; nothing leaves the machine.
"""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    expect,
    sync_playwright,
)

from sandbox.edge import Edge, run_edge

HOSTS = (
    "karima.com",
    "api.karima.com",
    "auth.karima.com",
    "api.ks-backend.cloud",
    "auth.ks-backend.cloud",
    "admin.ks-backend.cloud",
)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# For a slow machine; nothing waits so long when all is well.
PATIENCE_MS = 20_000


@pytest.fixture(scope="session")
def edge_server() -> Iterator[Edge]:
    """Give the one proxy of this test session."""
    with run_edge(HOSTS) as edge:
        yield edge


@pytest.fixture
def edge(edge_server: Edge) -> Iterator[Edge]:
    """Give the proxy with nothing behind it and nothing remembered."""
    yield edge_server
    edge_server.route = lambda host, path: None
    edge_server.passed.clear()


@pytest.fixture(scope="session")
def chromium(edge_server: Edge) -> Iterator[Browser]:
    """Give the one browser of this test session."""
    rules = ",".join(f"MAP {host} 127.0.0.1:{edge_server.port}" for host in HOSTS)
    flags = [*FLAGS, f"--host-resolver-rules={rules},MAP localhost 127.0.0.1"]
    # Playwright keeps an event loop in this thread, so that Django takes the tests'
    # own queries for queries inside a coroutine. They are not.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_executable(), args=flags, headless=True
        )
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """Give a profile of the browser without cookies, which trusts the proxy."""
    context = chromium.new_context(ignore_https_errors=True, locale="id-ID")
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """Give an empty tab."""
    return context.new_page()


def _executable() -> str:
    names = (
        *(os.environ.get("CHROMIUM", ""), "chromium"),
        *("chromium-browser", "google-chrome"),
    )
    found = next(filter(None, map(shutil.which, filter(None, names))), None)
    if found is None:
        pytest.fail("No Chromium: install it, or name one in CHROMIUM.", pytrace=False)
    return found
