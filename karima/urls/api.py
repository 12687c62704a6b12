"""The API host: everything but the admin. Apps are included by name, not imported.

Paths are written without a trailing slash; TrailingSlashMiddleware accepts both.
"""

from django.conf import settings
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

from karima.error_pages import not_found
from karima.headers import DOCS, with_policy
from karima.health import ApiHealthView, HealthView, LivenessView, ReadinessView
from karima.metrics.views import MetricsView
from karima.urls.handlers import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500"]

docs = [
    path(
        "api/v1/openapi.json",
        SpectacularJSONAPIView.as_view(authentication_classes=()),
        name="schema",
    ),
    path(
        "api/docs",
        with_policy(
            SpectacularSwaggerSplitView.as_view(authentication_classes=()), DOCS
        ),
        name="docs",
    ),
    re_path(r"^swagger(?:/.*)?$", RedirectView.as_view(pattern_name="docs")),
]

routes = [
    path("health", HealthView.as_view(), name="health"),
    path("health/live", LivenessView.as_view(), name="health-live"),
    path("health/ready", ReadinessView.as_view(), name="health-ready"),
    path("internal/metrics", MetricsView.as_view(), name="metrics"),
    path("metrics", MetricsView.as_view(), name="metrics-alias"),
    path("api/v1/health", ApiHealthView.as_view(), name="api-health"),
    *(docs if settings.API_DOCS else ()),
    path("api/v1/", include("accounts.api.urls")),
    path("api/v1/", include("catalog.api.urls")),
    path("api/v1/", include("orders.api.urls")),
    path("api/v1/", include("payments.api.urls")),
]

urlpatterns = [*routes, re_path(r"^", not_found)]
