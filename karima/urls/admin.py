"""The admin host, behind Cloudflare Access. It has no API."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from karima.urls.handlers import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500"]

routes = [
    path("admin/", admin.site.urls),
    path("admin", RedirectView.as_view(url="/admin/")),
]

urlpatterns = [*routes, path("", RedirectView.as_view(url="/admin/"))]
