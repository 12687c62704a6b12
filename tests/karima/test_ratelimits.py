"""Buckets, scopes and callers, without HTTP around them."""

import dataclasses
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import RequestFactory
from pytest_django import Settings

from karima import redis
from karima.ratelimits import buckets, callers, limiter, local, scopes
from karima.ratelimits.buckets import Bucket
from karima.ratelimits.local import LocalBuckets
from karima.ratelimits.scopes import By, Rule, Scope, by_address

pytestmark = pytest.mark.usefixtures("limits")

# One a day: nothing flows back while a test runs.
A_DAY = 86_400


def request(address: str = "203.0.113.7", **headers: str) -> HttpRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return RequestFactory().get("/", REMOTE_ADDR=address, headers=named)


def scope(*rules: Rule) -> Scope:
    return Scope(name="test", rules=rules)


def five_a_day(by: By = By.ADDRESS) -> Scope:
    return scope(Rule(by=by, limit=5, burst=5, window_seconds=A_DAY))


def passes(asked: HttpRequest, limited: Scope, **values: Any) -> bool:
    standing = limiter.take(asked, limited, **values)
    assert standing is not None
    return standing.is_allowed


def keys() -> list[bytes]:
    client = redis.client()
    assert client is not None
    return list(client.scan_iter(f"{callers.PREFIX}:*"))


def test_burst_passes_and_no_more() -> None:
    results = [passes(request(), five_a_day()) for _ in range(8)]
    assert results == [True] * 5 + [False] * 3


def test_standing_counts_down() -> None:
    left = []
    for _ in range(6):
        standing = limiter.take(request(), five_a_day())
        assert standing is not None
        left.append(standing.readings[0].remaining)
    assert left == [4, 3, 2, 1, 0, 0]


def test_bucket_that_was_refused_has_a_time_to_wait() -> None:
    limited = scope(by_address(1, burst=1, window_seconds=600))
    limiter.take(request(), limited)
    standing = limiter.take(request(), limited)
    assert standing is not None
    assert 590 < standing.retry_after_seconds <= 600
    assert standing.retry_after_seconds >= standing.readings[0].wait


def test_waiting_time_is_rounded_up() -> None:
    limited = scope(by_address(1000, burst=1, window_seconds=1))
    reading = buckets.Reading(wait=0.001, remaining=0, reset=0.001)
    standing = limiter.Standing(scope=limited, readings=(reading,))
    assert standing.retry_after_seconds == 1


def test_request_that_one_rule_refuses_takes_from_no_other() -> None:
    narrow = by_address(2, burst=2, window_seconds=A_DAY)
    wide = by_address(5, burst=5, window_seconds=2 * A_DAY)
    for _ in range(4):
        standing = limiter.take(request(), scope(narrow, wide))
    assert standing is not None
    assert not standing.is_allowed
    alone = limiter.take(request(), scope(wide))
    assert alone is not None
    assert alone.readings[0].remaining == 2


def test_looking_takes_nothing() -> None:
    for _ in range(10):
        standing = limiter.take(request(), five_a_day(), spend=False)
    assert standing is not None
    assert (standing.is_allowed, standing.readings[0].remaining) == (True, 4)
    assert keys() == []


def test_time_fills_a_bucket_again() -> None:
    client = redis.client()
    assert client is not None
    # A microsecond a request: the round trip itself is longer.
    bucket = Bucket(key=f"{callers.PREFIX}:test", interval=1, burst=1)
    readings = [buckets.take(client, [bucket])[0] for _ in range(50)]
    assert [reading.wait for reading in readings] == [0.0] * 50


def test_every_key_has_an_end() -> None:
    for name in scopes.SCOPES:
        limiter.take(request(), scopes.find(name))
    client = redis.client()
    assert client is not None
    longest = scopes.HOUR * 1000 + 1000
    assert len(keys()) >= len(scopes.SCOPES)
    assert all(0 < client.pttl(key) <= longest for key in keys())


def test_keys_give_nothing_away() -> None:
    asked = request(X_Session_Token="ory_st_secret", X_Cart_Token="cart-secret")
    for name in scopes.SCOPES:
        limiter.take(asked, scopes.find(name), path_values={"number": "KRM-1"})
    names = b" ".join(keys()).decode()
    for secret in ("secret", "203.0.113.7", "KRM-1"):
        assert secret not in names


def test_two_addresses_have_a_bucket_each() -> None:
    for _ in range(5):
        passes(request("203.0.113.7"), five_a_day())
    assert not passes(request("203.0.113.7"), five_a_day())
    assert passes(request("203.0.113.8"), five_a_day())


def test_two_addresses_of_one_ipv6_network_share_a_bucket() -> None:
    for number in range(5):
        assert passes(request(f"2001:db8:1:2::{number}"), five_a_day())
    assert not passes(request("2001:db8:1:2:ffff::1"), five_a_day())
    assert passes(request("2001:db8:1:3::1"), five_a_day())


def test_forged_header_gives_no_new_bucket() -> None:
    for number in range(5):
        forged = request("198.51.100.9", X_Real_IP=f"203.0.113.{number}")
        assert passes(forged, five_a_day())
    forged = request("198.51.100.9", X_Forwarded_For="203.0.113.77")
    assert not passes(forged, five_a_day())


def test_customer_has_one_bucket_at_every_address() -> None:
    limited = five_a_day(By.CREDENTIAL)
    for number in range(5):
        passes(request(f"203.0.113.{number}", X_Session_Token="a"), limited)
    assert not passes(request("203.0.113.99", X_Session_Token="a"), limited)
    assert passes(request("203.0.113.99", X_Session_Token="b"), limited)


def test_bearer_and_session_token_are_one_credential() -> None:
    spellings = [
        {"X_Session_Token": "ory_st_a"},
        {"X_Session_Token": " ory_st_a "},
        {"Authorization": "Bearer ory_st_a"},
        {"Authorization": "bearer  ory_st_a"},
        {"Authorization": "Bearer ory_st_a", "Cookie": "ory_kratos_session=x"},
    ]
    assert {callers.credential(request(**headers)) for headers in spellings} == {
        "ory_st_a"
    }


def test_cookie_that_nobody_reads_gives_no_new_bucket() -> None:
    limited = five_a_day(By.CREDENTIAL)
    for number in range(5):
        asked = request(X_Session_Token="a", Cookie=f"ory_kratos_session={number}")
        assert passes(asked, limited)
    last = request(X_Session_Token="a", Cookie="ory_kratos_session=9")
    assert not passes(last, limited)


def test_key_of_a_program_gives_a_customer_no_new_bucket() -> None:
    cookie = {"Cookie": "ory_kratos_session=a"}
    limited = five_a_day(By.CREDENTIAL)
    for number in range(5):
        asked = request(Authorization=f"Api-Key {number}", **cookie)
        assert passes(asked, limited)
    assert not passes(request(Authorization="Api-Key 9", **cookie), limited)


def test_each_program_has_a_bucket() -> None:
    limited = five_a_day(By.API_KEY)
    for _ in range(5):
        passes(request(Authorization="Api-Key a"), limited)
    assert not passes(request(Authorization="api-key  a"), limited)
    assert passes(request(Authorization="Api-Key b"), limited)


@pytest.mark.parametrize("by", [By.CREDENTIAL, By.SHOPPER, By.OWN_NUMBER, By.API_KEY])
def test_people_without_a_credential_are_told_apart_by_address(by: By) -> None:
    for _ in range(5):
        passes(request("203.0.113.7"), five_a_day(by))
    assert not passes(request("203.0.113.7"), five_a_day(by))
    assert passes(request("203.0.113.8"), five_a_day(by))


def test_order_number_is_counted_for_each_caller() -> None:
    limited = five_a_day(By.OWN_NUMBER)
    values = {"path_values": {"number": "KRM-1"}}
    for _ in range(5):
        passes(request(X_Session_Token="stranger"), limited, **values)
    assert not passes(request(X_Session_Token="stranger"), limited, **values)
    assert passes(request(X_Session_Token="owner"), limited, **values)


def test_order_number_in_small_letters_is_the_same() -> None:
    limited = five_a_day(By.NUMBER)
    for number in ("KRM-1", "krm-1", "Krm-1", "KRM-1", "krm-1"):
        assert passes(request(), limited, path_values={"number": number})
    assert not passes(request(), limited, path_values={"number": "KrM-1"})


@pytest.mark.parametrize("name", scopes.SCOPES)
def test_what_can_be_made_up_has_a_ceiling_by_address(name: str) -> None:
    assert By.ADDRESS in {rule.by for rule in scopes.SCOPES[name].rules}


def test_forged_credentials_meet_the_ceiling() -> None:
    limited = scope(
        Rule(by=By.CREDENTIAL, limit=5, burst=5, window_seconds=A_DAY),
        by_address(10, burst=10, window_seconds=A_DAY),
    )
    results = [
        passes(request(X_Session_Token=f"forged-{number}"), limited)
        for number in range(12)
    ]
    assert results == [True] * 10 + [False] * 2


TABLE = [
    ("catalog", [("address", 300, 60, 60)]),
    ("search", [("address", 60, 60, 20)]),
    ("anonymous", [("address", 120, 60, 40)]),
    ("signed_in", [("credential", 600, 60, 100), ("address", 1200, 60, 200)]),
    ("cart", [("shopper", 120, 60, 30), ("address", 600, 60, 120)]),
    ("guest_cart", [("address", 120, 60, 60)]),
    (
        "checkout",
        [
            ("credential", 10, 60, 5), ("credential", 30, 3600, 30),
            ("address", 120, 60, 60),
        ],
    ),
    ("payment", [("own_number", 5, 900, 5), ("address", 60, 60, 20)]),
    ("auth", [("address", 60, 60, 20)]),
    ("sign_in", [("address", 60, 60, 20)]),
    ("programs", [("api_key", 300, 60, 60), ("address", 600, 60, 120)]),
    ("webhook", [("address", 600, 60, 200)]),
    ("photos", [("credential", 20, 900, 10), ("address", 60, 60, 20)]),
    ("order_lookup", [("address", 10, 60, 10), ("number", 5, 60, 5)]),
    ("access_denied", [("address", 20, 60, 20)]),
]  # fmt: skip


def test_table_of_limits() -> None:
    found = [
        (
            name,
            [
                (str(rule.by), rule.limit, rule.window_seconds, rule.burst)
                for rule in scopes.find(name).rules
            ],
        )
        for name in scopes.SCOPES
    ]
    assert found == TABLE


def test_general_limits_follow_the_environment(limits: Settings) -> None:
    limits.RATE_LIMIT_REQUESTS = 12
    limits.RATE_LIMIT_WINDOW_SECONDS = 30
    general = {
        name: [(r.limit, r.window_seconds, r.burst) for r in scopes.find(name).rules]
        for name in ("catalog", "search", "anonymous", "signed_in")
    }
    assert general == {
        "catalog": [(30, 30, 6)],
        "search": [(6, 30, 2)],
        "anonymous": [(12, 30, 4)],
        "signed_in": [(60, 30, 10), (120, 30, 20)],
    }


def test_smallest_limit_lets_one_through(limits: Settings) -> None:
    limits.RATE_LIMIT_REQUESTS = 1
    assert scopes.find("search").rules[0].limit == 1
    assert scopes.find("search").rules[0].burst == 1


def test_special_limits_stay(limits: Settings) -> None:
    limits.RATE_LIMIT_REQUESTS = 1
    assert scopes.find("checkout") == scopes.SCOPES["checkout"]


def test_local_buckets_count_as_redis_does() -> None:
    client = redis.client()
    assert client is not None
    here = LocalBuckets()
    wide = Bucket(key=f"{callers.PREFIX}:a", interval=10**12, burst=7)
    narrow = Bucket(key=f"{callers.PREFIX}:b", interval=10**12, burst=3)
    for _ in range(5):
        there = buckets.take(client, [wide, narrow])
        own = here.take([wide, narrow])
        assert [r.remaining for r in own] == [r.remaining for r in there]
        assert [bool(r.wait) for r in own] == [bool(r.wait) for r in there]


def test_part_of_a_bucket_lets_at_least_one_through() -> None:
    whole = Bucket(key="k", interval=1000, burst=5)
    part = local.share(whole, 0.5 / 3)
    assert (part.interval, part.burst) == (6000, 1)


def test_local_buckets_do_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "MOST_BUCKETS", 10)
    here = LocalBuckets()
    busy = Bucket(key="busy", interval=10**12, burst=2)
    for _ in range(2):
        here.take([busy])
    for number in range(50):
        here.take([Bucket(key=str(number), interval=10**6, burst=1)])
    assert len(here) <= 10
    assert here.take([busy])[0].wait > 0


def test_scopes_are_not_changed_by_reading_them() -> None:
    for name, known in scopes.SCOPES.items():
        assert scopes.find(name) == dataclasses.replace(known)
