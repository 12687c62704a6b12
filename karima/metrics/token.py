"""Who may read the metrics: whoever has the token, and nobody where there is none."""

import hmac

from django.conf import settings


def is_monitor(authorization: str) -> bool:
    """Tell whether the header `Authorization` carries METRICS_TOKEN."""
    scheme, _, token = authorization.partition(" ")
    expected = str(settings.METRICS_TOKEN)
    is_same = hmac.compare_digest(token.strip().encode(), expected.encode())
    return bool(expected) and scheme.lower() == "bearer" and is_same
