"""Keys of programs: make one and see it once, revoke it, see when it was used."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from accounts.models import ApiKey, User
from accounts.services import api_keys
from accounts.services.api_keys import SCOPES
from karima.admin_pages import ReadOnlyAdmin
from karima.errors import StoreError
from karima.fields import one_line
from karima.wib import wib

LIVES = [("30", "30 hari"), ("90", "90 hari"), ("180", "180 hari"), ("365", "1 tahun")]
SOON = timedelta(days=14)
BADGES = {"valid": "success", "soon": "warning", "expired": "", "revoked": "danger"}


class NewKeyForm(forms.Form):
    name = forms.CharField(
        label="Dipakai oleh",
        max_length=60,
        widget=UnfoldAdminTextInputWidget(attrs={"autofocus": True}),
        help_text="Nama program atau mitra, misalnya Jubelio. Satu kunci untuk satu "
        "program.",
    )
    scopes = forms.MultipleChoiceField(
        label="Izin",
        choices=list(SCOPES.items()),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="Beri hanya yang dibutuhkan.",
    )
    life = forms.ChoiceField(
        label="Berlaku selama",
        choices=LIVES,
        initial="90",
        widget=UnfoldAdminSelectWidget,
    )

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    list_display = ["name", "prefix", "badge", "may", "expires", "used"]
    list_filter = ["expires_at", "created_at"]
    search_fields = ["name", "prefix"]
    search_help_text = "Nama atau awalan kunci"
    ordering = [F("revoked_at").desc(nulls_first=True), "-id"]

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return bool(request.user.has_perm("accounts.add_apikey"))

    def get_urls(self) -> list[URLPattern]:
        revoke = path(
            "<int:object_id>/revoke/",
            self.admin_site.admin_view(self.revoke_view),
            name="accounts_apikey_revoke",
        )
        return [revoke, *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Make a key. The page that answers is the only one that shows it."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = NewKeyForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            return self._make(request, form)
        return self._page(request, "new", title="Kunci API baru", form=form)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        key = self._key(request, object_id)
        return self._page(
            request,
            "page",
            title=str(key),
            key=key,
            state=_state(key),
            badge=BADGES[_state(key)[0]],
            scopes=[(scope, SCOPES.get(scope, "-")) for scope in key.scopes],
            may_revoke=key.revoked_at is None and _may_revoke(request),
        )

    def revoke_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """End the key, by the button of its page."""
        key = self._key(request, str(object_id))
        actor = request.user
        if not isinstance(actor, User) or not _may_revoke(request):
            raise PermissionDenied
        if request.method == "POST":
            try:
                api_keys.revoke(key, actor=actor)
            except StoreError as error:
                self.message_user(request, error.detail, messages.ERROR)
            else:
                self.message_user(request, "Kunci API dicabut.", messages.SUCCESS)
        page = reverse("admin:accounts_apikey_change", args=[key.pk])
        return HttpResponseRedirect(page)

    def _make(self, request: HttpRequest, form: NewKeyForm) -> HttpResponse:
        actor = request.user
        assert isinstance(actor, User)  # noqa: S101 the staff middleware let them in
        life = timedelta(days=int(form.cleaned_data["life"]))
        made = api_keys.create(
            name=form.cleaned_data["name"],
            scopes=form.cleaned_data["scopes"],
            expires_at=timezone.now() + life,
            actor=actor,
        )
        return self._page(
            request, "made", title="Kunci API dibuat", key=made.row, secret=made.secret
        )

    def _key(self, request: HttpRequest, object_id: str) -> ApiKey:
        if not self.has_view_permission(request):
            raise PermissionDenied
        key: ApiKey | None = self.get_object(request, object_id)
        if key is None:
            raise Http404
        return key

    def _page(self, request: HttpRequest, name: str, **context: Any) -> HttpResponse:
        template = f"admin/accounts/apikey/{name}.html"
        whole = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(
            request, template, whole, headers={"Cache-Control": "no-store"}
        )

    @display(description="keadaan", label=BADGES)
    def badge(self, key: ApiKey) -> tuple[str, str]:
        return _state(key)

    @display(description="izin")
    def may(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    @display(description="berlaku sampai", ordering="expires_at")
    def expires(self, key: ApiKey) -> str:
        return wib(key.expires_at)

    @display(description="terakhir dipakai", ordering="last_used_at")
    def used(self, key: ApiKey) -> str:
        return wib(key.last_used_at)


def _may_revoke(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("accounts.change_apikey"))


def _state(key: ApiKey) -> tuple[str, str]:
    """Return a word for the badge's color, and one for people."""
    left = key.expires_at - timezone.now()
    if key.revoked_at:
        return "revoked", "Dicabut"
    if left <= timedelta(0):
        return "expired", "Kedaluwarsa"
    if left < SOON:
        return "soon", f"Berakhir {left.days} hari lagi"
    return "valid", "Berlaku"
