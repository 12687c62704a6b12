"""Two hundred requests of fifty people at once: everybody gets their own answer.

The twin puts a client with a cookie jar in the place of the pool and sees people taken
for one another, so the test above it would notice.
"""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier
from typing import Any

import pytest
import requests
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts.clients import kratos_http
from sandbox.kratos import Kratos

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE, THREADS = 50, 10


@dataclass(frozen=True, slots=True)
class Question:
    """One request: the headers it carries, and whose they are."""

    email: str
    headers: dict[str, str]


@pytest.fixture
def questions(identity: Kratos) -> list[Question]:
    """Give four requests of each person in random order, by cookie and by token.

    The sessions were prolonged, so Kratos sends a new cookie with every answer to an
    old one.
    """
    asked = []
    for number in range(PEOPLE):
        email = f"pembeli{number}@karima.example"
        identity.add_identity(email, first=f"Pembeli{number}")
        login = identity.login(email)
        identity.extend(login)
        by_cookie = {"Cookie": f"ory_kratos_session={login.cookie}"}
        by_token = {"Authorization": f"Bearer {login.token}"}
        asked += [Question(email, headers) for headers in 2 * (by_cookie, by_token)]
    random.shuffle(asked)
    return asked


def ask_all(questions: list[Question]) -> list[tuple[str, str]]:
    """Return, for each request, who asked and who the shop took them for."""
    barrier = Barrier(THREADS)

    def ask(share: list[Question]) -> list[tuple[str, str]]:
        barrier.wait()
        try:
            return [(question.email, taken_for(question)) for question in share]
        finally:
            connection.close()

    shares = [questions[start::THREADS] for start in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        return [pair for pairs in pool.map(ask, shares) for pair in pairs]


def taken_for(question: Question) -> str:
    answer = Client().get("/api/v1/auth/me", headers=question.headers)
    return str(answer.json().get("email", answer.status_code))


def mixed_up(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(asked, answered) for asked, answered in pairs if asked != answered]


@pytest.mark.parametrize("seconds", [0, 30], ids=["asking", "remembering"])
def test_nobody_is_taken_for_another(
    questions: list[Question], settings: Settings, seconds: int
) -> None:
    settings.KRATOS_SESSION_CACHE_SECONDS = seconds
    pairs = ask_all(questions)
    assert len(pairs) == 4 * PEOPLE
    assert mixed_up(pairs) == []


class CookieKeepingPool:
    """What not to use: a session that keeps the cookies of its answers."""

    def __init__(self) -> None:
        self._session = requests.Session()

    def request(
        self, method: str, url: str, *, headers: dict[str, str], **options: Any
    ) -> Any:
        answer = self._session.request(
            method, url, headers=headers, stream=True, timeout=5, allow_redirects=False
        )
        return answer.raw


def test_client_with_a_cookie_jar_mixes_people_up(
    questions: list[Question], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.KRATOS_SESSION_CACHE_SECONDS = 0
    jar = CookieKeepingPool()
    monkeypatch.setattr(kratos_http, "_pool", lambda: jar)
    taken = mixed_up(ask_all(questions))
    assert taken
    assert all(answered.endswith("@karima.example") for _, answered in taken)
