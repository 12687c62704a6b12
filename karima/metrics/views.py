"""The page that Prometheus reads. It is inside only; the proxy answers 404 for it."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.generic import View
from prometheus_client import CONTENT_TYPE_LATEST

from karima import metrics
from karima.error_pages import refusal_response
from karima.metrics.token import is_monitor
from karima.problems import Problem


class MetricsView(View):
    """Answer with the counts: 404 without METRICS_TOKEN, 403 with another token."""

    rate_limit = "unlimited"

    def get(self, request: HttpRequest) -> HttpResponse:
        if not settings.METRICS_TOKEN:
            return refusal_response(request, Problem(status=404, code="not_found"))
        if not is_monitor(request.headers.get("Authorization", "")):
            return refusal_response(request, Problem(status=403, code="forbidden"))
        response = HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)
        response["Cache-Control"] = "no-store"
        return response
