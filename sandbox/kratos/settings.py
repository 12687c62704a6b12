"""What an operator would choose in Kratos's configuration file."""

from dataclasses import dataclass

V1_1_0 = "v1.1.0"
V26_2_0 = "v26.2.0"


@dataclass(frozen=True, slots=True)
class BrowserSettings:
    """The part of kratos.yml that browsers and their pages notice.

    Addresses carry no slash at the end, except the lists of URLs that people are sent
    back to, which are compared as Kratos does: same scheme and host, path prefix.
    """

    # Whose payloads: "v1.1.0" or "v26.2.0".
    version: str = V1_1_0
    # What browsers call this Kratos; empty: the address it listens on. Set it when
    # they reach it under a host name of its own, for instance behind a proxy.
    base_url: str = ""
    # Where /login, /registration, /recovery, /verification, /settings, /error are.
    ui_url: str = "http://127.0.0.1:8080"
    default_return_url: str = "http://127.0.0.1:3000/"
    logout_return_url: str = "http://127.0.0.1:8080/login"
    allowed_return_urls: tuple[str, ...] = (
        "http://127.0.0.1:3000/",
        "http://127.0.0.1:8080/",
    )
    # Origins whose scripts may call with cookies (serve.public.cors).
    allowed_origins: tuple[str, ...] = (
        "http://127.0.0.1:3000",
        "http://127.0.0.1:8080",
    )
    # Empty: the cookies belong to one host only.
    cookie_domain: str = ""
    cookie_secure: bool = False
    # "aal1" or "highest_available", for whoami and for the settings flow.
    required_aal: str = "highest_available"
    # Age of a session in seconds after which settings ask for the password again.
    privileged_session_seconds: int = 900
    # End a person's other sessions after a password change and after recovery.
    revoke_active_sessions: bool = False
    # Send new customers to the verification page instead of back to the shop.
    show_verification_ui: bool = False
    # Mail people who ask to recover or verify an address that is not known.
    notify_unknown_recipients: bool = False
    # Called after a registration, with `Authorization: Bearer <key>`; empty: never.
    webhook_url: str = ""
    webhook_key: str = ""

    @property
    def is_v1(self) -> bool:
        """Return whether payloads are those of v1.1.0."""
        return self.version == V1_1_0

    def page(self, name: str, flow_id: str = "") -> str:
        """Return the address of a page of the sign-in pages."""
        return f"{self.ui_url}/{name}" + (f"?flow={flow_id}" if flow_id else "")
