"""Deliver notifications in the background, with Midtrans's rules for retries."""

import heapq
import itertools
import json
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urljoin

import urllib3

from sandbox.midtrans.methods import Json

# 2, 10, 30, 90 and 210 minutes; each is shortened at random, the first to 33 s or more.
RETRY_SECONDS = (120.0, 600.0, 1800.0, 5400.0, 12600.0)
SHORTEST_PART = 33 / 120
TIMEOUT_SECONDS = 15.0
REDIRECT_HOPS = 5
BAD_SIGNATURE = "0" * 128


@dataclass(slots=True)
class Notification:
    """One notification and what became of it.

    `state`: recorded (no URL is set), held, dropped, queued, delivered, lost (the
    answer was a redirect that Midtrans does not follow) or given_up. `answers` has
    the HTTP code of every delivery, None for no answer.
    """

    number: int
    order_id: str
    body: Json
    state: str = "queued"
    answers: list[int | None] = field(default_factory=list)


@dataclass(slots=True)
class Disturbances:
    """What happens to the next notifications; the counts run down to zero."""

    drop: int = 0
    duplicate: int = 0
    bad_signature: int = 0
    delay_seconds: float = 0.0
    hold: bool = False


def retries_after(answer: int | None) -> int:
    """Return how many retries Midtrans allows after this answer (None: none came)."""
    if answer is None:
        return 5
    if 200 <= answer < 300 or answer in {301, 302, 303}:
        return 0
    return {500: 1, 503: 4, 400: 2, 404: 2}.get(answer, 5)


class Sender:
    """A background thread that posts notifications in order of their due times."""

    def __init__(
        self,
        *,
        url: str,
        retry_seconds: Sequence[float],
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self.url = url
        self.next = Disturbances()
        self.timeout_seconds = timeout_seconds
        self._retry_seconds = tuple(retry_seconds)
        self._numbers = itertools.count(1)
        self._all: list[Notification] = []
        self._queue: list[tuple[float, int, Notification]] = []
        self._ticket = itertools.count()
        self._wake = threading.Condition()
        self._busy = False
        self._stopped = False
        self._http = urllib3.PoolManager(maxsize=1)
        self._thread = threading.Thread(
            target=self._run, name="sandbox Midtrans sender", daemon=True
        )
        self._thread.start()

    def send(self, body: Json) -> Notification:
        """Queue a notification, disturbed as `next` says."""
        with self._wake:
            body = self._spoilt(body)
            notification = self._keep(body)
            if self.next.duplicate:
                self.next.duplicate -= 1
                self._keep(dict(body))
            self._wake.notify_all()
            return notification

    def resend(self, notification: Notification) -> Notification:
        """Queue the same body once more, undisturbed."""
        with self._wake:
            again = self._record(dict(notification.body))
            self._schedule(again, 0)
            return again

    def release(self, *, reverse: bool = False) -> None:
        """Send what was held, in the order of events or the other way round."""
        with self._wake:
            self.next.hold = False
            held = [item for item in self._all if item.state == "held"]
            for item in reversed(held) if reverse else held:
                self._schedule(item, 0)

    def reset(self, *, url: str) -> None:
        """Forget everything that was sent or waits."""
        with self._wake:
            self.url = url
            self.next = Disturbances()
            self._all.clear()
            self._queue.clear()

    @property
    def notifications(self) -> list[Notification]:
        """Return all notifications in the order of their events."""
        with self._wake:
            return list(self._all)

    def wait_idle(self, seconds: float = 10) -> None:
        """Wait until nothing is queued or on its way. Raises TimeoutError."""
        with self._wake:
            idle = self._wake.wait_for(
                lambda: not self._queue and not self._busy, seconds
            )
        if not idle:
            raise TimeoutError("notifications are still on their way")

    def stop(self) -> None:
        """Stop the thread; what was not sent stays unsent."""
        with self._wake:
            self._stopped = True
            self._wake.notify_all()
        self._thread.join(self.timeout_seconds + 1)
        self._http.clear()

    def _spoilt(self, body: Json) -> Json:
        if not self.next.bad_signature:
            return body
        self.next.bad_signature -= 1
        return body | {"signature_key": BAD_SIGNATURE}

    def _keep(self, body: Json) -> Notification:
        notification = self._record(body)
        if self.next.drop:
            self.next.drop -= 1
            notification.state = "dropped"
        elif self.next.hold:
            notification.state = "held"
        else:
            self._schedule(notification, self.next.delay_seconds)
        return notification

    def _record(self, body: Json) -> Notification:
        number = next(self._numbers)
        notification = Notification(number, str(body["order_id"]), body)
        self._all.append(notification)
        return notification

    def _schedule(self, notification: Notification, seconds: float) -> None:
        if not self.url:
            notification.state = "recorded"
            return
        notification.state = "queued"
        due = time.perf_counter() + seconds
        heapq.heappush(self._queue, (due, next(self._ticket), notification))
        self._wake.notify_all()

    def _run(self) -> None:
        while True:
            with self._wake:
                self._busy = False
                self._wake.notify_all()
                notification = self._next_due()
                if notification is None:
                    return
                self._busy = True
                url = self.url
            answer = self._post(url, notification.body, REDIRECT_HOPS)
            with self._wake:
                self._settle(notification, answer)

    def _next_due(self) -> Notification | None:
        """Return the next one when its time has come; None means stop."""
        while not self._stopped:
            wait = self._queue[0][0] - time.perf_counter() if self._queue else None
            if wait is not None and wait <= 0:
                return heapq.heappop(self._queue)[2]
            self._wake.wait(wait)
        return None

    def _settle(self, notification: Notification, answer: int | None) -> None:
        tried = len(notification.answers)
        notification.answers.append(answer)
        if answer is not None and 200 <= answer < 300:
            notification.state = "delivered"
        elif answer in {301, 302, 303}:
            notification.state = "lost"
        elif tried < min(retries_after(answer), len(self._retry_seconds)):
            # Midtrans's spread of its retries; nothing secret depends on it.
            part = random.uniform(SHORTEST_PART, 1)  # noqa: S311  (not a secret)
            if notification in self._all:
                self._schedule(notification, self._retry_seconds[tried] * part)
        else:
            notification.state = "given_up"

    def _post(self, url: str, body: Json, hops: int) -> int | None:
        try:
            response = self._http.request(
                "POST",
                url,
                body=json.dumps(body).encode(),
                headers={
                    "User-Agent": "Veritrans",
                    "Content-Type": "application/json",
                    "Accept": "application/json",
                    "Connection": "close",
                },
                timeout=self.timeout_seconds,
                retries=False,
                redirect=False,
            )
        except urllib3.exceptions.HTTPError:
            return None
        target = response.headers.get("Location")
        if response.status in {307, 308} and target and hops:
            return self._post(urljoin(url, target), body, hops - 1)
        return response.status
