"""What the shop wrote to people, sending it again, and the texts it writes in."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from accounts.models import Message, MessageTemplate, User
from accounts.services import message_texts
from accounts.services import messages as outbox
from accounts.services.message_texts import EVENTS, Text
from karima.admin_pages import ReadOnlyAdmin
from karima.errors import StoreError
from karima.wib import wib

BADGES = {"waiting": "info", "sent": "success", "dead": "danger"}


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ["title", "about", "recipient", "badge", "order_number", "written"]
    list_filter = ["state", "event", "created_at"]
    search_fields = ["=order_number", "recipient"]
    search_help_text = "Nomor pesanan atau alamat penerima"

    def get_urls(self) -> list[URLPattern]:
        resend = path(
            "<uuid:object_id>/resend/",
            self.admin_site.admin_view(self.resend_view),
            name="accounts_message_resend",
        )
        return [resend, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        message = self.get_object(request, object_id)
        if not isinstance(message, Message):
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": message.subject,
            "message": message,
            "event": _title(message.event),
            "badge": BADGES[message.state],
            "may_resend": message.state != Message.State.WAITING
            and request.user.has_perm("accounts.resend_message"),
        }
        return TemplateResponse(request, "admin/accounts/message/page.html", context)

    def resend_view(self, request: HttpRequest, object_id: UUID) -> HttpResponse:
        """Send a message again, by the button of its page."""
        if not request.user.has_perm("accounts.resend_message"):
            raise PermissionDenied
        if request.method == "POST":
            try:
                outbox.resend(object_id)
            except StoreError as error:
                self.message_user(request, error.detail, messages.ERROR)
            else:
                told = "Pesan dikirim lagi sebentar lagi."
                self.message_user(request, told, messages.SUCCESS)
        page = reverse("admin:accounts_message_change", args=[object_id])
        return HttpResponseRedirect(page)

    @display(description="judul")
    def title(self, message: Message) -> str:
        return message.subject

    @display(description="peristiwa", ordering="event")
    def about(self, message: Message) -> str:
        return _title(message.event)

    @display(description="keadaan", label=BADGES)
    def badge(self, message: Message) -> tuple[str, str]:
        return message.state, message.get_state_display()

    @display(description="dibuat", ordering="created_at")
    def written(self, message: Message) -> str:
        return wib(message.created_at)


class TextForm(forms.Form):
    """The text of one event; names that the event has no value for are refused."""

    subject = forms.CharField(
        label="Judul", max_length=150, widget=UnfoldAdminTextInputWidget
    )
    body = forms.CharField(
        label="Isi",
        max_length=4000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 14}),
        help_text="Baris kosong memisahkan paragraf. Tautan menjadi dapat diklik.",
    )

    def __init__(self, *args: Any, event: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.event = event

    @property
    def text(self) -> Text:
        body = self.cleaned_data["body"].replace("\r\n", "\n")
        return Text(self.cleaned_data["subject"], body)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                message_texts.check(self.event, self.text)
            except StoreError as error:
                raise forms.ValidationError(error.detail) from None
        return cleaned


@admin.register(MessageTemplate)
class MessageTemplateAdmin(ReadOnlyAdmin):
    """Every event has a page, whether the staff have changed its text or not."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("accounts.change_messagetemplate"))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        changed = MessageTemplate.objects.select_related("updated_by").in_bulk()
        rows = [(name, event, changed.get(name)) for name, event in EVENTS.items()]
        return self._page(request, "list", title="Teks pesan", rows=rows)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Edit a text: look at it with made-up values, keep it, or take it back."""
        actor = request.user
        if not self.has_change_permission(request) or not isinstance(actor, User):
            raise PermissionDenied
        if object_id not in EVENTS:
            raise Http404
        text = message_texts.text_of(object_id)
        start = {"subject": text.subject, "body": text.body}
        form = TextForm(request.POST or None, initial=start, event=object_id)
        if request.method == "POST" and "restore" in request.POST:
            message_texts.restore(object_id)
            return self._back(request, "Teks bawaan dipakai lagi.")
        if request.method == "POST" and form.is_valid():
            text = form.text
            if "save" in request.POST:
                message_texts.change(object_id, text, actor=actor)
                return self._back(request, "Teks disimpan.")
        shown = message_texts.example(object_id, text)
        return self._page(
            request,
            "page",
            title=EVENTS[object_id].title,
            event=EVENTS[object_id],
            form=form,
            preview=shown,
        )

    def _back(self, request: HttpRequest, told: str) -> HttpResponse:
        self.message_user(request, told, messages.SUCCESS)
        page = reverse("admin:accounts_messagetemplate_changelist")
        return HttpResponseRedirect(page)

    def _page(self, request: HttpRequest, name: str, **context: Any) -> HttpResponse:
        template = f"admin/accounts/messagetemplate/{name}.html"
        whole = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, template, whole)


def _title(event: str) -> str:
    return EVENTS[event].title if event in EVENTS else event
