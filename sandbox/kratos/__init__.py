"""A stand-in for Ory Kratos v1.1.0: sessions, flows, mails and the admin API.

`BrowserSettings(version="v26.2.0")` turns the payloads into those of that version.
"""

from sandbox.kratos.identities import AISYAH, BUDI, DEMO_PASSWORD
from sandbox.kratos.mail import Mail
from sandbox.kratos.server import Kratos, Login, run_kratos
from sandbox.kratos.sessions import COOKIE_NAME
from sandbox.kratos.settings import BrowserSettings

__all__ = [
    "AISYAH",
    "BUDI",
    "COOKIE_NAME",
    "DEMO_PASSWORD",
    "BrowserSettings",
    "Kratos",
    "Login",
    "Mail",
    "run_kratos",
]
