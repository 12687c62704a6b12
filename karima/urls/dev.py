"""Development: the three faces on one host and port, told apart by their paths."""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import re_path
from django.views.generic import RedirectView
from django.views.static import serve

from karima.error_pages import not_found
from karima.ratelimits.middleware import limited_by
from karima.ratelimits.scopes import UNLIMITED
from karima.urls import admin, api, auth
from karima.urls.handlers import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500"]


@limited_by(UNLIMITED)
def picture(request: HttpRequest, path: str) -> HttpResponseBase:
    """Serve a picture; in production the bucket or the proxy does."""
    return serve(request, path, document_root=str(settings.MEDIA_ROOT))


urlpatterns = [
    *api.routes,
    re_path(r"^(?:api|health)/", not_found),
    *admin.routes,
    *auth.routes,
    re_path(r"^media/(?P<path>.+)$", picture),
    re_path(r"^$", RedirectView.as_view(pattern_name="docs")),
]
