"""What the API description says of sessions and of the person signed in."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample

from accounts.api.authentication import OptionalKratosAuthentication

ME_EXAMPLE = OpenApiExample(
    "Aisyah",
    value={
        "id": "019a0c5e-7a10-7c42-9d1f-3b8f5a6c2e10",
        "email": "aisyah@karima.example",
        "email_verified": True,
        "full_name": "Aisyah Putri",
        "phone": "+6281234567801",
    },
    response_only=True,
)


class KratosScheme(OpenApiAuthenticationExtension):
    """The three ways to send a session."""

    target_class = "accounts.api.authentication.KratosAuthentication"
    match_subclasses = True
    name = ["sessionBearer", "sessionToken", "sessionCookie"]

    def get_security_definition(self, auto_schema: AutoSchema) -> list[dict[str, Any]]:
        """Return nothing: `karima.openapi` describes the schemes, once for all."""
        return []

    def get_security_requirement(self, auto_schema: AutoSchema) -> list[dict[str, Any]]:
        """Return one alternative for each way; a guest may send a cart's token."""
        session: list[dict[str, Any]] = [{name: []} for name in self.name]
        if isinstance(self.target, OptionalKratosAuthentication):
            return [*session, {"cartToken": []}]
        return session
