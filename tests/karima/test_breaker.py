"""The breaker: customers do not wait for a Kratos that does not answer."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import time_machine
from pytest_django import Settings

from accounts.clients import kratos, kratos_admin, kratos_http
from accounts.clients.kratos import KratosUnavailable
from karima import breaker as module
from karima.breaker import Breaker
from sandbox.faults import Fault
from sandbox.kratos import Kratos, Login


class Clock:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module.time, "monotonic", clock.monotonic)
    return clock


def new_breaker() -> Breaker:
    return Breaker(dependency="kratos", failures=5, within_seconds=10, open_seconds=5)


def test_five_failures_open_it_for_five_seconds(clock: Clock) -> None:
    breaker = new_breaker()
    for _ in range(4):
        breaker.failed()
    assert breaker.wait_seconds() == 0
    breaker.failed()
    assert breaker.wait_seconds() == 5
    clock.now += 4.5
    assert breaker.wait_seconds() == 1


def test_failures_far_apart_do_not_open_it(clock: Clock) -> None:
    breaker = new_breaker()
    for _ in range(20):
        breaker.failed()
        clock.now += 3
    assert breaker.wait_seconds() == 0


def test_an_answer_forgets_the_failures(clock: Clock) -> None:
    breaker = new_breaker()
    for _ in range(4):
        breaker.failed()
    breaker.answered()
    breaker.failed()
    assert breaker.wait_seconds() == 0


def test_one_caller_tries_when_the_time_is_over(clock: Clock) -> None:
    breaker = new_breaker()
    for _ in range(5):
        breaker.failed()
    clock.now += 5
    assert [breaker.wait_seconds() for _ in range(3)] == [0, 5, 5]
    breaker.answered()
    assert [breaker.wait_seconds() for _ in range(3)] == [0, 0, 0]


def test_failed_try_keeps_it_open(clock: Clock) -> None:
    breaker = new_breaker()
    for _ in range(5):
        breaker.failed()
    clock.now += 5
    assert breaker.wait_seconds() == 0
    breaker.failed()
    assert breaker.wait_seconds() == 5


def test_one_of_many_threads_tries(clock: Clock) -> None:
    breaker = new_breaker()
    for _ in range(5):
        breaker.failed()
    clock.now += 5
    barrier = Barrier(8)

    def enter() -> int:
        barrier.wait()
        return breaker.wait_seconds()

    with ThreadPoolExecutor(8) as pool:
        waits = [f.result() for f in [pool.submit(enter) for _ in range(8)]]
    assert sorted(waits) == [0] + [5] * 7


def test_kratos_is_not_asked_while_it_is_open(
    identity: Kratos, aisyah_login: Login
) -> None:
    identity.faults.set(Fault.SERVER_ERROR)
    for _ in range(8):
        with pytest.raises(KratosUnavailable) as raised:
            kratos.whoami(token=aisyah_login.token)
    assert identity.whoami_count == 5
    assert 1 <= (raised.value.retry_after_seconds or 0) <= 5


def test_kratos_is_asked_again_after_a_while(
    identity: Kratos, aisyah_login: Login, clock: Clock
) -> None:
    identity.faults.set(Fault.SERVER_ERROR)
    for _ in range(6):
        with pytest.raises(KratosUnavailable):
            kratos.whoami(token=aisyah_login.token)
    identity.faults.clear()
    with pytest.raises(KratosUnavailable):
        kratos.whoami(token=aisyah_login.token)
    clock.now += 5
    assert kratos.whoami(token=aisyah_login.token) is not None
    assert kratos.whoami(token=aisyah_login.token) is not None


def test_refusals_are_answers(identity: Kratos) -> None:
    for _ in range(8):
        assert kratos.whoami(token="ory_st_wrong") is None
    assert identity.whoami_count == 8


def test_admin_api_out_of_reach_shuts_out_nobody(
    identity: Kratos, aisyah_login: Login, settings: Settings
) -> None:
    settings.KRATOS_ADMIN_URL = "http://127.0.0.1:9"
    session = kratos.whoami(token=aisyah_login.token)
    assert session is not None
    for _ in range(6):
        with pytest.raises(KratosUnavailable):
            kratos_admin.get_identity(session.identity.id)
    assert kratos_http.admin_breaker.wait_seconds() > 0
    assert kratos.whoami(token=aisyah_login.token) is not None


def test_wall_clock_does_not_matter() -> None:
    breaker = new_breaker()
    with time_machine.travel("2000-01-01", tick=False):
        for _ in range(5):
            breaker.failed()
    assert breaker.wait_seconds() > 0
