"""Development: the three faces on one host and port, told apart by their paths."""

from django.conf import settings
from django.urls import re_path
from django.views.generic import RedirectView
from django.views.static import serve

from karima.error_pages import not_found
from karima.urls import admin, api, auth
from karima.urls.handlers import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500"]

urlpatterns = [
    *api.routes,
    re_path(r"^(?:api|health)/", not_found),
    *admin.routes,
    *auth.routes,
    # In production pictures come from the bucket, or from the proxy's disk.
    re_path(r"^media/(?P<path>.+)$", serve, {"document_root": settings.MEDIA_ROOT}),
    re_path(r"^$", RedirectView.as_view(pattern_name="docs")),
]
