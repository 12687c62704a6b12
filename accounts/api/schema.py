"""What the API description says of sessions."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from accounts.api.authentication import OptionalKratosAuthentication

SESSION_SCHEME_NAMES = ["sessionBearer", "sessionToken", "sessionCookie"]
# For views that read the credential themselves.
SESSION_SCHEMES: list[dict[str, list[str]]] = [
    {name: []} for name in SESSION_SCHEME_NAMES
]


class KratosScheme(OpenApiAuthenticationExtension):
    """The three ways to send a session."""

    target_class = "accounts.api.authentication.KratosAuthentication"
    match_subclasses = True
    name = SESSION_SCHEME_NAMES

    def get_security_definition(self, auto_schema: AutoSchema) -> list[dict[str, Any]]:
        """Return nothing: `karima.openapi` describes the schemes, once for all."""
        return []

    def get_security_requirement(self, auto_schema: AutoSchema) -> list[dict[str, Any]]:
        """Return one alternative for each way; a guest may send a cart's token."""
        session: list[dict[str, Any]] = [{name: []} for name in self.name]
        if isinstance(self.target, OptionalKratosAuthentication):
            return [*session, {"cartToken": []}]
        return session
