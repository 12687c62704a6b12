"""The auth host, on which customers sign in. Kratos itself answers `/self-service`."""

from django.urls import URLPattern

from karima.urls.handlers import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500"]

routes: list[URLPattern] = []

urlpatterns = routes
