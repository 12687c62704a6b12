"""The environment in which the shop meets the stand-ins instead of the world."""

from sandbox.access.issuer import AUD, ISSUER
from sandbox.midtrans import MERCHANT_ID, SERVER_KEY

SHOP_URL = "http://127.0.0.1:8080"
KRATOS_URL = "http://127.0.0.1:4433"
KRATOS_ADMIN_URL = "http://127.0.0.1:4434"
MIDTRANS_URL = "http://127.0.0.1:4480"
INBOX_URL = f"{KRATOS_URL}/sandbox/inbox"
ACCESS_URL = "http://127.0.0.1:4490"
STOREFRONT_URL = "http://127.0.0.1:3000"


def variables() -> dict[str, str]:
    """Return every variable that leads the shop to the stand-ins, and to nothing else.

    A developer's own env file, which may hold real keys, is left out.
    """
    return {
        "APP_ENV": "development",
        "ENV_FILE": "/dev/null",
        # Errors look as they do in production.
        "DEBUG": "false",
        "STOREFRONT_URL": STOREFRONT_URL,
        "KRATOS_PUBLIC_URL": KRATOS_URL,
        "KRATOS_ADMIN_URL": KRATOS_ADMIN_URL,
        "KRATOS_UI_URL": SHOP_URL,
        "KRATOS_WEBHOOK_KEY": "karima-demo-webhook-key",
        "MIDTRANS_API_BASE_URL": f"{MIDTRANS_URL}/snap/v1",
        "MIDTRANS_CORE_API_URL": MIDTRANS_URL,
        "MIDTRANS_SERVER_KEY": SERVER_KEY,
        "MIDTRANS_CLIENT_KEY": "SB-Mid-client-sandbox",
        "MIDTRANS_MERCHANT_ID": MERCHANT_ID,
        "MIDTRANS_IS_PRODUCTION": "false",
        "CF_ACCESS_TEAM_DOMAIN": ISSUER.removeprefix("https://"),
        "CF_ACCESS_ISSUER": ISSUER,
        "CF_ACCESS_AUD": AUD,
        "CF_ACCESS_JWKS_URL": f"{ACCESS_URL}/cdn-cgi/access/certs",
    }
