"""Verbs for programs with an API key, beside what everybody may read."""

from typing import Any, ClassVar

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import ApiKey, User
from accounts.services import api_keys
from karima import metrics
from karima.api import PublicView


class ApiKeyInvalid(AuthenticationFailed):
    """Unknown, expired or revoked; the owner of the shop can see which."""

    default_code = "api_key_invalid"
    default_detail = "Kunci API tidak dikenal, kedaluwarsa, atau sudah dicabut."


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Api-Key krm_...`. Nothing else identifies a program."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "api-key":
            return None
        key = api_keys.find(secret.strip())
        if key is None:
            metrics.auth_failed("api_key_invalid")
            raise ApiKeyInvalid
        request._request.__dict__["api_key"] = key
        return key.program, key

    def authenticate_header(self, request: Request) -> str:
        return "Api-Key"


class HasScope(BasePermission):
    """Want the scope that the view names for the method."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.auth, ApiKey):
            return False
        api_keys.check_scope(request.auth, view.scopes[request.method])
        return True


class ProgramVerbs(APIView):
    """Asks for a key where a method has a scope; the other methods stay as they are.

    `scopes` names the scope of each method.
    """

    scopes: ClassVar[dict[str, str]] = {}

    def get_authenticators(self) -> list[BaseAuthentication]:
        return (
            [ApiKeyAuthentication()]
            if self._is_scoped
            else (super().get_authenticators())
        )

    def get_permissions(self) -> Any:
        return [HasScope()] if self._is_scoped else super().get_permissions()

    @property
    def _is_scoped(self) -> bool:
        # The description of the API is made without a request.
        return getattr(self.request, "method", None) in self.scopes


class ProgramView(ProgramVerbs, PublicView):
    """A view for programs alone."""

    rate_limit = "programs"


def program_of(request: Request) -> User:
    """Return the user who stands for the program in ledgers and histories."""
    assert isinstance(request.user, User)  # noqa: S101 HasScope has seen the key
    return request.user


def check_further_scope(request: Request, scope: str) -> None:
    """Want a second scope for what is graver. Raises `ScopeMissing`."""
    assert isinstance(request.auth, ApiKey)  # noqa: S101 HasScope has seen it
    api_keys.check_scope(request.auth, scope)


class ApiKeyScheme(OpenApiAuthenticationExtension):
    """The header, with the scope of the operation."""

    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> list[dict[str, Any]]:
        """Return nothing: `karima.openapi` describes the schemes, once for all."""
        return []

    def get_security_requirement(self, auto_schema: AutoSchema) -> dict[str, Any]:
        view: Any = auto_schema.view
        return {self.name: [view.scopes[auto_schema.method]]}
