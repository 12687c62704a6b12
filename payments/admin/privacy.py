"""What customers asked about their data: to read, and to run again what failed."""

from datetime import datetime

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import display

from accounts.models import PrivacyRequest
from accounts.services import privacy_requests
from karima.admin_pages import ReadOnlyAdmin
from karima.errors import StoreError
from karima.wib import wib
from payments.services import privacy_jobs
from payments.services.privacy_erasure import STEPS
from payments.services.privacy_sections import SECTIONS

State = PrivacyRequest.State
RUN = "accounts.run_privacyrequest"

STATE_BADGES: dict[str, str] = {
    State.WAITING: "warning",
    State.RUNNING: "info",
    State.DONE: "success",
    State.FAILED: "danger",
    State.EXPIRED: "",
}
DUE_BADGES = {"late": "danger", "open": "warning", "kept": ""}
TITLES = {step.name: step.title for step in (*STEPS, *SECTIONS)}


@admin.register(PrivacyRequest)
class PrivacyRequestAdmin(ReadOnlyAdmin):
    list_display = ["requested", "kind", "customer", "badge", "progress", "due"]
    list_filter = ["state", "kind", "requested_at"]
    list_select_related = ["customer"]
    search_fields = ["customer__full_name", "customer__email", "=id"]
    search_help_text = "Nama, e-mail, atau ID permintaan"
    ordering = ["-requested_at"]
    actions = ["run_again"]
    fields = [
        ("kind", "customer"),
        ("badge", "progress"),
        ("requested", "due"),
        ("finished", "available"),
        ("step_title", "tries"),
        "done_steps",
        "legal_basis",
    ]
    readonly_fields = [
        "badge",
        "progress",
        "requested",
        "due",
        "finished",
        "available",
        "step_title",
        "done_steps",
    ]

    def has_run_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(RUN)

    @admin.action(description="Jalankan lagi yang gagal", permissions=["run"])
    def run_again(self, request: HttpRequest, chosen: QuerySet[PrivacyRequest]) -> None:
        for privacy_request in chosen:
            try:
                privacy_jobs.run_again(privacy_request.pk)
            except StoreError as error:
                self.message_user(request, error.detail, messages.ERROR)
            else:
                self.message_user(request, "Dijalankan lagi.", messages.SUCCESS)

    @display(description="diminta", ordering="requested_at")
    def requested(self, privacy_request: PrivacyRequest) -> str:
        return wib(privacy_request.requested_at)

    @display(description="keadaan", ordering="state", label=STATE_BADGES)
    def badge(self, privacy_request: PrivacyRequest) -> tuple[str, str]:
        return privacy_request.state, privacy_request.get_state_display()

    @display(description="kemajuan", ordering="percent")
    def progress(self, privacy_request: PrivacyRequest) -> SafeString:
        return format_html(
            '<progress class="w-24" max="100" value="{0}" aria-label="kemajuan">'
            "</progress> {0}%",
            privacy_request.percent,
        )

    @display(description="tenggat", ordering="due_at", label=DUE_BADGES)
    def due(self, privacy_request: PrivacyRequest) -> tuple[str, str]:
        if privacy_request.state not in privacy_requests.OPEN:
            return "kept", wib(privacy_request.due_at)
        if privacy_request.due_at < timezone.now():
            return "late", f"{wib(privacy_request.due_at)}, terlambat"
        return "open", wib(privacy_request.due_at)

    @display(description="selesai")
    def finished(self, privacy_request: PrivacyRequest) -> str:
        return wib(privacy_request.finished_at)

    @display(description="dapat diunduh sampai")
    def available(self, privacy_request: PrivacyRequest) -> str:
        return wib(privacy_request.available_until)

    @display(description="langkah")
    def step_title(self, privacy_request: PrivacyRequest) -> str:
        return TITLES.get(privacy_request.step, privacy_request.step) or "-"

    @display(description="langkah yang selesai")
    def done_steps(self, privacy_request: PrivacyRequest) -> SafeString | str:
        # In the order of their times: the database keeps no order of names.
        done = sorted((at, step) for step, at in privacy_request.finished_steps.items())
        rows = (
            (TITLES.get(step, step), wib(datetime.fromisoformat(at)))
            for at, step in done
        )
        return format_html_join("", "<div>{}: {}</div>", rows) or "-"
