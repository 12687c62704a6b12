"""A stand-in for Ory Kratos v1.1.0: sessions, API flows and the admin API."""

from sandbox.kratos.identities import AISYAH, BUDI, DEMO_PASSWORD
from sandbox.kratos.server import Kratos, Login, run_kratos
from sandbox.kratos.sessions import COOKIE_NAME

__all__ = [
    "AISYAH",
    "BUDI",
    "COOKIE_NAME",
    "DEMO_PASSWORD",
    "Kratos",
    "Login",
    "run_kratos",
]
