"""What a whole flow becomes: its forms, its title, its summary of errors."""

from typing import Any

import pytest

from accounts.pages.forms import Form, Kind, Page, page_of
from accounts.pages.nodes import Button, Hidden, Input
from tests.accounts.flow_documents import (
    CSRF,
    code_nodes,
    csrf,
    field,
    flow,
    login_nodes,
    message,
    registration_nodes,
    second_factor_nodes,
    settings_nodes,
    submit,
)

ACTION = "http://127.0.0.1:4433/self-service/login?flow=x"


def page(kind: Kind, nodes: list[dict[str, Any]], **given: Any) -> Page:
    return page_of(kind, flow(nodes, **given), action=ACTION)


def names(form: Form) -> list[str]:
    return [
        part.name for part in form.parts if isinstance(part, Hidden | Input | Button)
    ]


def password_step() -> list[dict[str, Any]]:
    """Return the second step of v26.2.0: the person is known, the way is chosen."""
    return [
        field("identifier", group="identifier_first", type="hidden", value="a@b.id"),
        csrf(),
        field("password", group="password", type="password", required=True),
        submit("password", message(1010022, "Sign in with password")),
        submit("code", message(1010015, "Send sign in code")),
    ]


def test_one_password_is_one_form() -> None:
    (form,) = page("login", login_nodes()).forms
    assert names(form) == ["csrf_token", "identifier", "password", "method"]


def test_two_ways_that_share_a_field_are_one_form() -> None:
    nodes = [*login_nodes(), submit("code", message(1010015, "Send sign in code"))]
    (form,) = page("login", nodes).forms
    assert form.primary == Button(name="method", value="password", label="Masuk")


def test_second_factors_are_a_form_each() -> None:
    forms = page("login", second_factor_nodes()).forms
    assert [names(form) for form in forms] == [
        ["csrf_token", "totp_code", "method"],
        ["csrf_token", "lookup_secret", "method"],
    ]


def test_each_form_has_the_token() -> None:
    forms = page("settings", settings_nodes()).forms
    token = Hidden(name="csrf_token", value=CSRF)
    assert [token in form.parts for form in forms] == [True] * 4


def test_person_of_the_first_step_goes_along_with_each_way() -> None:
    made = page("login", password_step())
    assert [names(form) for form in made.forms] == [
        ["identifier", "csrf_token", "password", "method"],
        ["identifier", "csrf_token", "method"],
    ]
    assert made.person == "a@b.id"


def test_way_back_of_a_registration_does_not_insist_on_the_password() -> None:
    nodes = [
        csrf(),
        field("traits.email", type="hidden", value="a@b.id"),
        field("password", group="password", type="password", required=True),
        submit("password", message(1040001, "Sign up")),
        submit("profile", message(1040008, "Back"), name="screen", value="previous"),
    ]
    made = page("registration", nodes)
    assert [names(form) for form in made.forms] == [
        ["csrf_token", "traits.email", "password", "method"],
        ["csrf_token", "traits.email", "screen"],
    ]
    assert made.forms[1].primary is None
    assert made.person == "a@b.id"


def test_settings_are_sections_with_headings() -> None:
    forms = page("settings", settings_nodes()).forms
    assert [(form.id, form.heading) for form in forms] == [
        ("profile", "Profil"),
        ("password", "Ganti kata sandi"),
        ("totp", "Verifikasi dua langkah"),
        ("lookup_secret", "Kode pemulihan"),
    ]


def test_group_nobody_has_heard_of_is_shown_too() -> None:
    nodes = [csrf(), submit("hologram", message(1, "Show the hologram"))]
    (form,) = page("settings", nodes).forms
    assert form.heading == "Cara masuk lain"


def test_sending_again_is_not_the_purpose_of_the_form() -> None:
    (form,) = page("verification", code_nodes()).forms
    assert form.primary is not None
    assert form.primary.label == "Kirim"


def test_buttons_come_last_and_the_purpose_first() -> None:
    nodes = [
        csrf(),
        submit("lookup_secret", message(1050016), name="lookup_secret_disable"),
        submit("lookup_secret", message(1050007), name="lookup_secret_reveal"),
    ]
    (form,) = page("settings", nodes).forms
    assert names(form)[1:] == ["lookup_secret_reveal", "lookup_secret_disable"]


def test_password_manager_is_told_whose_password_it_is() -> None:
    identity = {"traits": {"email": "a@b.id"}}
    made = page("settings", settings_nodes(), identity=identity)
    assert made.person == "a@b.id"
    wants = [form.id for form in made.forms if form.has_nameless_password]
    assert wants == ["password"]


def test_ways_that_need_a_script_are_a_note() -> None:
    nodes = [
        *login_nodes(),
        submit("webauthn", message(1010008, "Sign in with hardware key")),
        field("passkey_login_trigger", group="passkey", type="button"),
        {"type": "script", "group": "webauthn", "attributes": {"src": "https://x/y"}},
    ]
    made = page("login", nodes)
    assert [one.text for one in made.messages] == [
        "Kunci keamanan dan passkey belum dapat dipakai di halaman ini. Silakan "
        "gunakan cara lain."
    ]
    assert names(made.forms[0])[-1] == "method"


def test_key_can_still_be_taken_away() -> None:
    remove = submit("webauthn", message(1050018, "x"), name="webauthn_remove")
    (form,) = page("settings", [csrf(), remove]).forms
    assert names(form) == ["csrf_token", "webauthn_remove"]


@pytest.mark.parametrize(
    ("kind", "document", "title"),
    [
        ("login", {}, "Masuk"),
        ("login", {"refresh": True}, "Konfirmasi identitas"),
        ("login", {"requested_aal": "aal2"}, "Verifikasi dua langkah"),
        ("registration", {}, "Daftar"),
        ("recovery", {"state": "sent_email"}, "Pulihkan akun"),
        ("verification", {}, "Verifikasi alamat e-mail"),
        ("settings", {}, "Pengaturan akun"),
    ],
)
def test_title_says_what_the_page_is_for(
    kind: Kind, document: dict[str, Any], title: str
) -> None:
    assert page(kind, [], **document).title == title


def test_errors_are_summed_up_and_lead_to_their_fields() -> None:
    wrong = message(4000032, "x", kind="error", min_length=8, actual_length=3)
    general = message(4010003, "x", kind="error")
    nodes = registration_nodes(password=wrong)
    made = page("registration", nodes, messages=[general])
    assert [(trouble.text, trouble.field) for trouble in made.troubles] == [
        ("Formulir belum terisi dengan benar. Silakan periksa lagi isian Anda.", ""),
        ("Kata sandi: Paling sedikit 8 karakter.", "password"),
    ]
    assert made.outcome == "Kesalahan: "


def test_first_error_has_the_focus() -> None:
    wrong = message(4000002, "x", kind="error", property="phone")
    assert page("registration", registration_nodes(phone=wrong)).focus == "traits-phone"


def test_first_empty_field_has_the_focus_otherwise() -> None:
    assert page("registration", registration_nodes()).focus == "password"


def test_settings_leave_the_focus_alone() -> None:
    assert page("settings", settings_nodes()).focus == ""


def test_success_is_heard_in_the_title() -> None:
    saved = [message(1050001, "x", kind="success")]
    assert page("settings", settings_nodes(), messages=saved).outcome == "Berhasil: "


def test_address_that_waits_to_be_verified_is_named() -> None:
    rows = [{"value": "a@b.id", "verified": False, "via": "email"}]
    identity = {"verifiable_addresses": rows}
    assert page("settings", [], identity=identity).unverified == "a@b.id"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("http://127.0.0.1:3000/cart", "http://127.0.0.1:3000/cart"),
        ("https://evil.example/", ""),
        (None, ""),
    ],
)
def test_way_back_is_kept_when_it_is_ours(given: str | None, kept: str) -> None:
    assert page("login", login_nodes(), return_to=given).return_to == kept


@pytest.mark.parametrize(
    "document",
    [
        {}, {"ui": None}, {"ui": []}, {"ui": {"nodes": None}}, {"ui": {"nodes": [5]}},
        {"ui": {"nodes": [{"attributes": {"type": "text", "name": 5}}]}},
        {"ui": {"messages": [None, 5, {}]}}, {"identity": [], "ui": {}},
        {"identity": {"verifiable_addresses": {"a": 1}}, "state": {}},
    ],
)  # fmt: skip
def test_document_of_any_shape_is_a_page(document: dict[str, Any]) -> None:
    assert page_of("settings", document, action=ACTION).title == "Pengaturan akun"
