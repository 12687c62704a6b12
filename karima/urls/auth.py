"""The auth host, on which customers sign in. Kratos itself answers `/self-service`."""

from django.urls import include, path
from django.views.generic import RedirectView

from karima.urls.handlers import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500"]

routes = [path("", include("accounts.pages.urls"))]

urlpatterns = [*routes, path("", RedirectView.as_view(pattern_name="page-login"))]
