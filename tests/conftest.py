"""The cast: aisyah and budi are customers who are signed in, citra is staff."""

pytest_plugins = [
    "tests.fixtures_browser",
    "tests.fixtures_limits",
    "tests.accounts.fixtures_access",
    "tests.fixtures_identity",
    "tests.fixtures_lab",
    "tests.fixtures_queue",
    "tests.fixtures_r2",
    "tests.fixtures_sandbox",
    "tests.fixtures_shop",
    "tests.fixtures_staff",
]
