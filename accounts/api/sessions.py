"""The customer's sessions: see them, end them, sign out."""

from typing import Any
from uuid import UUID

from django.conf import settings
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.authentication import (
    CarefulKratosAuthentication,
    SessionInvalid,
    customer_of,
)
from accounts.api.redirects import see_other
from accounts.api.schema import SESSION_SCHEMES
from accounts.clients.kratos import Session
from accounts.middleware import visitor_of
from accounts.services import own_sessions
from karima.api import PagePagination, PublicView

NO_STORE = {"Cache-Control": "no-store"}

SESSION_BODY: dict[str, Any] = {
    "id": "4f0b6a53-0b8f-4a63-9a7e-2f6f3a4f5b21",
    "is_current": True,
    "device": "Mozilla/5.0 (Linux; Android 14) Chrome/130.0 Mobile",
    "ip_address": "203.0.113.7",
    "signed_in_at": "2026-11-23T05:00:10Z",
    "expires_at": "2026-11-24T05:00:10Z",
}
SESSION = OpenApiExample("This phone", SESSION_BODY, response_only=True)
ENDED = OpenApiExample("Two others", {"ended": 2}, response_only=True)


class SessionOutput(serializers.Serializer):
    id = serializers.UUIDField(source="session.id")
    is_current = serializers.BooleanField()
    device = serializers.CharField(
        source="session.device", help_text="The browser's name for itself."
    )
    ip_address = serializers.CharField(source="session.ip_address")
    signed_in_at = serializers.DateTimeField(source="session.authenticated_at")
    expires_at = serializers.DateTimeField(source="session.expires_at")


class EndedOutput(serializers.Serializer):
    ended = serializers.IntegerField()


class SessionListView(APIView):
    rate_limit = "auth"
    authentication_classes = (CarefulKratosAuthentication,)
    pagination_class = PagePagination

    @extend_schema(
        operation_id="list_sessions",
        summary="Where the customer is signed in, newest first",
        tags=["auth"],
        responses=SessionOutput(many=True),
        examples=[SESSION],
    )
    def get(self, request: Request) -> Response:
        pages = self.pagination_class()
        found = own_sessions.list_own(_session_of(request))
        rows = pages.paginate_queryset(found, request, self)
        response = pages.get_paginated_response(SessionOutput(rows, many=True).data)
        response["Cache-Control"] = "no-store"
        return response

    @extend_schema(
        operation_id="end_other_sessions",
        summary="Sign out everywhere else",
        tags=["auth"],
        responses=EndedOutput,
        examples=[ENDED],
    )
    def delete(self, request: Request) -> Response:
        session = _session_of(request)
        credential = visitor_of(request._request).credential
        ended = own_sessions.revoke_others(
            session, cookie=credential.cookie, token=credential.token
        )
        return Response({"ended": ended}, headers=NO_STORE)


class SessionView(APIView):
    rate_limit = "auth"
    authentication_classes = (CarefulKratosAuthentication,)

    @extend_schema(
        operation_id="end_session",
        summary="Sign out on one device",
        tags=["auth"],
        responses={204: None},
    )
    def delete(self, request: Request, session_id: UUID) -> Response:
        own_sessions.revoke_own(session_id, current=_session_of(request))
        return Response(status=204)


class LogoutView(PublicView):
    """Whoever has a credential may end it, even one that is good for nothing else."""

    rate_limit = "auth"

    def get_authenticate_header(self, request: Request) -> str:
        """Name the challenge; without it, DRF turns 401 into 403."""
        return "Bearer"

    @extend_schema(
        operation_id="open_logout",
        summary="Send the browser to sign out",
        description=(
            "Kratos ends the session, clears the cookie and goes on to the storefront."
        ),
        tags=["auth"],
        responses={303: None},
    )
    def get(self, request: Request) -> Response:
        cookie = visitor_of(request._request).credential.cookie
        return see_other(own_sessions.logout_page(cookie) or settings.STOREFRONT_URL)

    @extend_schema(
        operation_id="log_out",
        summary="Sign out here",
        description=(
            "Ends the session of the token or cookie that was sent, at once and at "
            "Kratos too; safe to repeat. The cookie is cleared as well where the API "
            "knows its domain (`KRATOS_COOKIE_DOMAIN`)."
        ),
        tags=["auth"],
        auth=SESSION_SCHEMES,  # type: ignore[arg-type]  # Put into the schema as it is.
        request=None,
        responses={204: None},
    )
    def post(self, request: Request) -> Response:
        credential = visitor_of(request._request).credential
        if credential.is_absent:
            raise NotAuthenticated
        if credential.is_ambiguous:
            raise SessionInvalid(credential)
        own_sessions.sign_out(cookie=credential.cookie, token=credential.token)
        response = Response(status=204)
        if not credential.token:
            _clear_cookie(response)
        return response


def _clear_cookie(response: Response) -> None:
    response.delete_cookie(
        settings.KRATOS_COOKIE_NAME,
        domain=settings.KRATOS_COOKIE_DOMAIN or None,
        samesite="Lax",
    )


def _session_of(request: Request) -> Session:
    """Return the session that the customer came with."""
    customer_of(request)
    session = visitor_of(request._request).session
    if session is None:
        raise NotAuthenticated
    return session
