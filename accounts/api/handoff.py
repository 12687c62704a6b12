"""The hand-off of a session to a storefront on another site, with PKCE."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.redirects import see_other
from accounts.middleware import Visitor, visitor_of
from accounts.services import handoff
from accounts.services.handoff import InvalidRequest, Receiver, Refusal
from accounts.services.sessions import SignedIn
from karima.api import PublicView

LONGEST_STATE = 500
# What signing in, or signing in further, can mend; and how Kratos is asked for it.
SIGN_IN: dict[Refusal, dict[str, str]] = {
    Refusal.SIGNED_OUT: {},
    Refusal.SECOND_FACTOR: {"aal": "aal2"},
}
EXAMPLE_TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJpc3MiOi..."  # noqa: S105 a text

CODE = OpenApiExample(
    "A code from the address bar",
    {
        "grant_type": "authorization_code",
        "code": "Qx0gT1m8b7l0QmJcXv2n4ZQ7q9w3sYkPzv1rE5uT6aI",
        "code_verifier": "dBjftJeZ4CVP-mBc92YZ0Vh8eXn1mOqk4Rk3P2ZcXlQ",
        "redirect_uri": "https://karima.com/auth/callback",
    },
    request_only=True,
)
TOKEN = OpenApiExample(
    "Ten minutes",
    {"access_token": EXAMPLE_TOKEN, "token_type": "Bearer", "expires_in": 600},
    response_only=True,
)


class CodeInput(serializers.Serializer):
    grant_type = serializers.ChoiceField(
        choices=["authorization_code"], required=False, help_text="May be left out."
    )
    code = serializers.CharField(max_length=200)
    code_verifier = serializers.CharField(max_length=200)
    redirect_uri = serializers.CharField(max_length=500)


class TokenOutput(serializers.Serializer):
    access_token = serializers.CharField()
    token_type = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="In seconds.")


def _parameter(name: str, description: str, *, required: bool = True) -> Any:
    return OpenApiParameter(name, str, description=description, required=required)


class HandoffView(PublicView):
    """A page that is opened, not fetched: only so does the browser send the cookie."""

    rate_limit = "auth"

    @extend_schema(
        operation_id="hand_off_session",
        summary="Send the browser back to the storefront with a one-time code",
        description=(
            "Open this address, do not fetch it. Who is not signed in goes to the "
            "sign-in page first, or with `prompt=none` straight back with an `error`: "
            "`login_required`, "
            "`interaction_required` where a second factor is missing, "
            "`access_denied` for an account that is switched off, "
            "`temporarily_unavailable` while nobody can tell."
        ),
        tags=["auth"],
        parameters=[
            _parameter("redirect_uri", "One of the storefront's, letter by letter."),
            _parameter("code_challenge", "BASE64URL(SHA-256(code_verifier))."),
            OpenApiParameter("code_challenge_method", str, enum=["S256"]),
            _parameter("state", "Comes back as it is.", required=False),
            OpenApiParameter("prompt", str, enum=["none"], required=False),
        ],
        responses={303: None},
    )
    def get(self, request: Request) -> Response:
        asked = request.query_params
        receiver = Receiver(
            redirect_uri=asked.get("redirect_uri", ""),
            code_challenge=asked.get("code_challenge", ""),
        )
        if asked.get("code_challenge_method") != "S256":
            raise InvalidRequest(parameter="code_challenge_method")
        if len(asked.get("state", "")) > LONGEST_STATE:
            raise InvalidRequest(parameter="state")
        return see_other(_next(request, receiver))


class TokenView(PublicView):
    """Called by scripts of the storefront, without any credential."""

    rate_limit = "auth"

    @extend_schema(
        operation_id="redeem_handoff_code",
        summary="Change a one-time code for an access token",
        description=(
            "The token goes into `Authorization: Bearer`, and stands for the session: "
            "it ends with it, at sign-out, and after ten minutes. Keep it in memory. "
            "A code is good for one minute and once; sent again it also ends the "
            "token that was made from it."
        ),
        tags=["auth"],
        auth=[],
        request=CodeInput,
        responses=TokenOutput,
        examples=[CODE, TOKEN],
    )
    def post(self, request: Request) -> Response:
        body = CodeInput(data=request.data)
        if not body.is_valid():
            raise InvalidRequest(parameter=next(iter(body.errors)))
        grant = handoff.redeem(
            body.validated_data["code"],
            code_verifier=body.validated_data["code_verifier"],
            redirect_uri=body.validated_data["redirect_uri"],
        )
        document = {
            "access_token": grant.access_token,
            "token_type": "Bearer",
            "expires_in": grant.expires_in,
        }
        return Response(document, headers={"Cache-Control": "no-store"})


def _next(request: Request, receiver: Receiver) -> str:
    """Return where the browser goes: to the storefront, or to sign in first."""
    visitor = visitor_of(request._request)
    outcome = handoff.begin(lambda: _signed_in(visitor), receiver=receiver)
    if outcome.error is None:
        return _back(request, receiver, code=outcome.code)
    sign_in = SIGN_IN.get(outcome.error)
    if sign_in is None or request.query_params.get("prompt") == "none":
        return _back(request, receiver, error=outcome.error)
    query = {**sign_in, "return_to": request.build_absolute_uri()}
    login = f"{settings.KRATOS_BROWSER_URL}/self-service/login/browser"
    return f"{login}?{urlencode(query)}"


def _signed_in(visitor: Visitor) -> SignedIn | None:
    """Return whom Kratos calls signed in now.

    An access token begins no other. Each would outlive its ten minutes by the next, and
    never meet the second factor, for which only whoami asks.
    """
    if visitor.credential.is_access_token:
        return None
    return visitor.signed_in(fresh=True)


def _back(request: Request, receiver: Receiver, **answer: str) -> str:
    state = request.query_params.get("state")
    query = answer if state is None else {**answer, "state": state}
    joint = "&" if "?" in receiver.redirect_uri else "?"
    return f"{receiver.redirect_uri}{joint}{urlencode(query)}"
