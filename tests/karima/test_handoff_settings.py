"""What the environment says of the hand-off: addresses and keys."""

import pytest

from karima.env import BadEnvironment, derived, from_mapping
from tests.karima.environments import STRONG_SECRET, good_production

OTHER_SECRET = STRONG_SECRET[::-1]


def test_storefronts_callback_may_always_receive_a_code() -> None:
    env = from_mapping(good_production())
    found = derived.handoff_redirect_uris(env)
    assert found == ["https://karima.com/auth/callback"]


def test_further_addresses_are_added_once() -> None:
    more = "https://karima.com/auth/callback,https://m.karima.com/masuk"
    env = from_mapping(good_production() | {"HANDOFF_REDIRECT_URIS": more})
    assert derived.handoff_redirect_uris(env) == more.split(",")


@pytest.mark.parametrize(
    "address", ["http://karima.com/auth/callback", "https://127.0.0.1/x", "/callback"]
)
def test_address_that_is_not_public_https_is_refused(address: str) -> None:
    with pytest.raises(BadEnvironment) as refused:
        from_mapping(good_production() | {"HANDOFF_REDIRECT_URIS": address})
    assert [(p.rule, p.name) for p in refused.value.problems] == [
        ("K006", "HANDOFF_REDIRECT_URIS")
    ]


def test_key_of_tokens_is_not_djangos_key() -> None:
    env = from_mapping(good_production())
    assert not set(derived.access_token_keys(env)) & set(derived.secret_keys(env))


def test_former_secret_comes_after_the_present_one() -> None:
    before = from_mapping(good_production())
    env = from_mapping(
        good_production()
        | {"JWT_SECRET": OTHER_SECRET, "JWT_SECRET_PREVIOUS": STRONG_SECRET}
    )
    new, old = derived.access_token_keys(env)
    assert [old] == derived.access_token_keys(before)
    assert new != old
