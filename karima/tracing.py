"""Traces by OpenTelemetry: requests, queries and calls to the outside, without people.

Imported only where OTEL_EXPORTER_OTLP_ENDPOINT is set, since the libraries come from
requirements-otel.txt and are not in the image by default. Sampling, the service's name
and the exporter's headers are OpenTelemetry's own variables (OTEL_TRACES_SAMPLER,
OTEL_SERVICE_NAME, OTEL_EXPORTER_OTLP_HEADERS).
"""

from collections.abc import Sequence

from django.conf import settings
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.instrumentation.urllib3 import URLLib3Instrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    SpanExporter,
    SpanExportResult,
)
from opentelemetry.trace import Status
from opentelemetry.util import types

# All that leaves this machine. No addresses of clients, paths, queries, headers or
# parameters: an order's number, a token or a name may be in any of them.
ATTRIBUTES = frozenset(
    {
        "db.name",
        "db.namespace",
        "db.operation",
        "db.operation.name",
        "db.query.text",
        "db.statement",
        "db.system",
        "db.system.name",
        "exception.type",
        "http.method",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "http.status_code",
        "net.peer.name",
        "server.address",
        "server.port",
    }
)
SECONDS_TO_EXPORT = 5


class WithoutPeople(SpanExporter):
    """Hand spans on with the attributes of the list, and with no error's words."""

    def __init__(self, inner: SpanExporter) -> None:
        self._inner = inner

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._inner.export([_without_people(span) for span in spans])

    def shutdown(self) -> None:
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._inner.force_flush(timeout_millis)


def start(exporter: SpanExporter | None = None) -> TracerProvider:
    """Trace from now on. Call once, before the first request or query.

    Spans are sent by a thread aside; a collector that is away costs only spans.
    """
    resource = Resource.create(
        {
            "service.name": "karima-store",
            "service.version": settings.APP_VERSION,
            "deployment.environment.name": settings.APP_ENV,
        }
    )
    provider = TracerProvider(resource=resource)
    if exporter is None:
        exporter = OTLPSpanExporter(
            endpoint=f"{settings.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces",
            timeout=SECONDS_TO_EXPORT,
        )
    provider.add_span_processor(BatchSpanProcessor(WithoutPeople(exporter)))
    trace.set_tracer_provider(provider)
    # Behind what refuses a wrong Host: OpenTelemetry's own middleware asks for it.
    place = settings.MIDDLEWARE.index("karima.middleware.HostURLConfMiddleware") + 1
    DjangoInstrumentor().instrument(tracer_provider=provider, middleware_position=place)
    PsycopgInstrumentor().instrument(tracer_provider=provider)
    # Midtrans is called through requests, Kratos through urllib3 itself.
    RequestsInstrumentor().instrument(tracer_provider=provider)
    URLLib3Instrumentor().instrument(tracer_provider=provider)
    return provider


def _without_people(span: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=span.name,
        context=span.get_span_context(),
        parent=span.parent,
        resource=span.resource,
        attributes=_allowed(span.attributes),
        events=[
            Event(event.name, _allowed(event.attributes), event.timestamp)
            for event in span.events
        ],
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _allowed(attributes: types.Attributes) -> dict[str, types.AttributeValue]:
    found = (attributes or {}).items()
    return {name: value for name, value in found if name in ATTRIBUTES}
