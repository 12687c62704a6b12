"""Every message of Kratos that these pages know, and what becomes of the others."""

from typing import Any

import pytest

from accounts.pages.texts import PLACE, TEXTS, translate

# Ids of text/id.go from v1.1.0 to v26.2.0, by its blocks. Left out: headings of the
# blocks, 1050015 (a list, shown as one) and 1070002 (a title of the identity schema).
KNOWN = [
    *range(1010001, 1010026),
    *range(1040001, 1040010),
    *(number for number in range(1050001, 1050021) if number != 1050015),
    *range(1060001, 1060008),
    *(number for number in range(1070001, 1070018) if number != 1070002),
    *range(1080001, 1080004),
    *range(4000001, 4000042),
    *range(4010001, 4010011),
    *range(4040001, 4040004),
    4050001,
    *range(4060001, 4060008),
    *range(4070001, 4070007),
    *range(5000001, 5000003),
]


def test_every_known_message_has_a_text() -> None:
    assert sorted(TEXTS) == sorted(KNOWN)


@pytest.mark.parametrize("number", KNOWN)
def test_known_message_is_said_in_indonesian(number: int) -> None:
    context = {name: f"<{name}>" for name in PLACE.findall(TEXTS[number])}
    said = translate({"id": number, "text": "In English.", "context": context})
    assert said != "In English."
    assert "{" not in said
    assert all(value in said for value in context.values())


def test_text_whose_context_is_missing_is_said_in_kratoss_words() -> None:
    message = {"id": 4000032, "text": "The password must be at least 8 characters."}
    assert translate(message) == message["text"]


def test_unknown_message_is_said_in_kratoss_words() -> None:
    assert translate({"id": 4999999, "text": "Something new."}) == "Something new."


@pytest.mark.parametrize(
    "message",
    [
        {}, {"id": None}, {"id": "4000006", "text": 5}, {"id": []}, {"id": 4999999},
        {"id": 4000032, "context": None}, {"id": 4000032, "context": []},
        {"id": 4000032, "context": {"min_length": ["8"]}}, {"id": True},
    ],
)  # fmt: skip
def test_message_of_any_shape_does_no_harm(message: dict[str, Any]) -> None:
    assert translate(message) == ""


def test_context_is_text_and_never_a_template() -> None:
    context = {"provider": "{provider} {0.__class__}"}
    said = translate({"id": 1010002, "text": "", "context": context})
    assert said == "Masuk dengan {provider} {0.__class__}"


def test_very_long_text_is_cut() -> None:
    assert len(translate({"id": 1, "text": "x" * 10_000})) == 500
