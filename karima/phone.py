"""Telephone numbers: stored as E.164, read as Indonesians write them."""

import phonenumbers

HOME_REGION = "ID"


def normalize_phone(text: str) -> str:
    """Return the number as E.164, such as `+6281234567890`.

    A number without a country code is Indonesian. Raises ValueError for anything that
    no subscriber can have.
    """
    try:
        number = phonenumbers.parse(text, HOME_REGION)
    except phonenumbers.NumberParseException:
        raise ValueError("not a telephone number") from None
    if not phonenumbers.is_valid_number(number):
        raise ValueError("not a telephone number in use")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
