"""Where people may be sent after signing in: to our own hosts and nowhere else."""

from urllib.parse import urlsplit

from django.conf import settings


def origins() -> list[str]:
    """Return the origins of the shop, of the sign-in pages and of the API."""
    pages = urlsplit(settings.KRATOS_UI_URL)
    own = (
        settings.STOREFRONT_URL,
        settings.KRATOS_UI_URL,
        settings.KRATOS_BROWSER_URL,
        *settings.CORS_ALLOWED_ORIGINS,
        # A content security policy has no way to name an IPv6 address.
        *(f"{pages.scheme}://{h}" for h in settings.API_HOSTS if not h.startswith("[")),
    )
    return list(dict.fromkeys(filter(None, map(origin_of, own))))


def allowed(address: str) -> str:
    """Return the full address when a browser may be sent there, else an empty text."""
    return address if _is_plain(address) and origin_of(address) in origins() else ""


def origin_of(address: str) -> str:
    """Return scheme, host and port of a web address, or an empty text."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not parts.netloc or "@" in parts.netloc:
        return ""
    return f"{parts.scheme}://{parts.netloc}"


def _is_plain(address: str) -> bool:
    """Refuse what browsers and this program may read differently."""
    return "\\" not in address and all("!" <= char <= "~" for char in address)
