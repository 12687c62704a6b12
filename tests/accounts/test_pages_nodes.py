"""What each kind of node becomes."""

from typing import Any

import pytest

from accounts.pages.nodes import (
    Button,
    Codes,
    Hidden,
    Input,
    Link,
    Message,
    Picture,
    Text,
    part_of,
)
from tests.accounts.flow_documents import (
    CSRF,
    csrf,
    enrolment_nodes,
    field,
    message,
    node,
    picture,
    recovery_codes,
    submit,
)

PNG = "data:image/png;base64,iVBORw0KGgo="


def input_of(name: str = "traits.x", **given: Any) -> Input:
    made = part_of(field(name, **given))
    assert isinstance(made, Input)
    return made


def link_to(address: object) -> Any:
    attributes = {"href": address, "title": message(1070009, "Continue")}
    return part_of(node("code", attributes, kind="a"))


def test_token_goes_back_as_it_came() -> None:
    assert part_of(csrf()) == Hidden(name="csrf_token", value=CSRF)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("text", "text"),
        ("email", "email"),
        ("password", "password"),
        ("tel", "tel"),
        ("number", "number"),
        ("url", "url"),
        ("date", "date"),
        ("datetime-local", "datetime-local"),
        ("checkbox", "checkbox"),
        ("file", "text"),
        ("image", "text"),
        (None, "text"),
    ],
)
def test_type_of_a_field_is_kept_when_it_is_known(given: Any, shown: str) -> None:
    assert input_of(type=given).type == shown


def test_field_carries_what_kratos_says_of_it() -> None:
    part = input_of(
        "traits.email",
        type="email",
        value="a@b.id",
        required=True,
        disabled=True,
        autocomplete="email",
        pattern=".+@.+",
        maxlength=254,
        label=message(1070002, "E-mail", title="E-mail"),
        messages=[message(4000040, "x", kind="error")],
    )
    assert part == Input(
        id="traits-email",
        name="traits.email",
        type="email",
        label="Alamat e-mail",
        value="a@b.id",
        autocomplete="email",
        pattern=".+@.+",
        max_length="254",
        messages=(
            Message(
                text="Tuliskan alamat e-mail yang benar, misalnya nama@contoh.id.",
                tone="error",
            ),
        ),
        is_required=True,
        is_disabled=True,
    )
    assert part.described_by == "traits-email-messages"


@pytest.mark.parametrize(
    ("name", "autocomplete"),
    [
        ("identifier", "username"),
        ("traits.email", "email"),
        ("traits.name.first", "given-name"),
        ("traits.name.last", "family-name"),
        ("traits.phone", "tel"),
        ("totp_code", "one-time-code"),
        ("code", "one-time-code"),
        ("lookup_secret", "off"),
        ("traits.x", ""),
    ],
)
def test_browsers_are_told_what_a_field_is_for(name: str, autocomplete: str) -> None:
    assert input_of(name).autocomplete == autocomplete


def test_kratoss_own_autocomplete_wins() -> None:
    given = "username webauthn"
    assert input_of("identifier", autocomplete=given).autocomplete == given


def test_password_never_comes_back() -> None:
    assert input_of("password", type="password", value="rahasia").value == ""


def test_trait_of_ours_has_an_indonesian_label() -> None:
    label = message(1070002, "First name", title="First name")
    assert input_of("traits.name.first", label=label).label == "Nama depan"


def test_trait_that_is_not_known_keeps_the_schemas_title() -> None:
    label = message(1070002, "Shoe size", title="Shoe size")
    assert input_of("traits.shoe", label=label).label == "Shoe size"


def test_field_without_a_label_is_called_by_its_name() -> None:
    assert input_of("traits.shoe").label == "traits.shoe"


def test_ticked_box_stays_ticked() -> None:
    assert input_of(type="checkbox", value=True).is_checked
    assert not input_of(type="checkbox", value=False).is_checked


def test_field_with_options_offers_them() -> None:
    options = [{"value": "m", "label": message(1, "Medium")}, {"value": "l"}]
    assert input_of(options=options).options == (("m", "Medium"), ("l", "l"))


def test_button_sends_its_name_and_value() -> None:
    assert part_of(submit("password", message(1010001, "Sign in"))) == Button(
        name="method", value="password", label="Masuk"
    )


@pytest.mark.parametrize(
    "name",
    ["totp_unlink", "lookup_secret_disable", "webauthn_remove", "unlink"],
)
def test_button_that_takes_something_away_says_so(name: str) -> None:
    button = part_of(submit("totp", message(1, "x"), name=name, value="true"))
    assert isinstance(button, Button)
    assert button.is_removal


def test_secret_of_an_app_can_be_read() -> None:
    assert part_of(enrolment_nodes()[1]) == Text(
        id="totp_secret_key",
        label="Kunci rahasia, bila kode QR tidak dapat dipindai",
        text="JBSWY3DPEHPK3PXP",
    )


def test_recovery_codes_are_a_list_that_knows_the_used_ones() -> None:
    part = part_of(recovery_codes())
    assert isinstance(part, Codes)
    assert part.codes[:3] == (
        ("code00", False),
        ("Sudah dipakai", True),
        ("code02", False),
    )
    assert len(part.codes) == 12


def test_picture_that_carries_its_bytes_is_shown() -> None:
    assert part_of(picture(PNG)) == Picture(
        id="totp_qr",
        label="Kode QR untuk aplikasi autentikator",
        source=PNG,
        width=256,
        height=256,
    )


@pytest.mark.parametrize(
    "source",
    [
        "", "https://evil.example/pixel.png", "//evil.example/x", "/x.png",
        "data:image/svg+xml;base64,PHN2Zz4=", "data:text/html;base64,PGI+",
        "data:image/png;base64,x\" onerror=\"alert(1)", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_any_other_picture_is_not(source: str) -> None:
    assert part_of(picture(source)) is None


def test_link_to_the_shop_is_shown() -> None:
    address = "http://127.0.0.1:3000/"
    assert link_to(address) == Link(label="Lanjutkan", address=address)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "JAVASCRIPT:alert(1)", "java\nscript:alert(1)",
        " javascript:alert(1)", "data:text/html,<script>alert(1)</script>",
        "vbscript:x", "https://evil.example", "//evil.example", "/\\evil.example",
        "http://127.0.0.1:3000@evil.example", "", None, 5, ["x"],
    ],
)  # fmt: skip
def test_any_other_link_is_not(address: object) -> None:
    assert link_to(address) is None


@pytest.mark.parametrize(
    "given",
    [
        {
            "type": "script",
            "group": "webauthn",
            "attributes": {"src": "https://x/y.js"},
        },
        {"type": "div", "attributes": {"id": "captcha"}},
        field("passkey_login_trigger", group="passkey", type="button"),
        field("", type="text"),
        {},
        {"type": "input"},
        {"type": "input", "attributes": None},
        {"type": "img", "attributes": []},
    ],
)
def test_what_cannot_be_shown_is_left_out(given: dict[str, Any]) -> None:
    assert part_of(given) is None


def test_kind_is_also_read_from_the_attributes() -> None:
    given = {"attributes": {"node_type": "input", "type": "hidden", "name": "x"}}
    assert part_of(given) == Hidden(name="x", value="")


def test_type_of_a_message_decides_its_tone() -> None:
    messages = [
        message(4999999, "a", kind="error"),
        message(1999999, "b", kind="info"),
        message(1999999, "c", kind="success"),
        message(1050001, "d", kind="info"),
    ]
    tones = [one.tone for one in input_of(messages=messages).messages]
    assert tones == ["error", "info", "success", "success"]
