"""Buyers who check out again and again, and repeat a request until it is answered."""

import contextlib
import json
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

TIMEOUT_SECONDS = 40
PAUSE_SECONDS = 0.2
ADDRESS = {
    "receiver_name": "Pembeli Latihan",
    "phone": "+6281234567801",
    "province": "DKI Jakarta",
    "city": "Jakarta Selatan",
    "district": "Tebet",
    "subdistrict": "Tebet Timur",
    "postal_code": "12820",
    "detail": "Jl. Tebet Timur Dalam II No. 7",
}
CONTACT = {
    "name": "Pembeli Latihan",
    "email": "pembeli@karima.example",
    "phone": "+6281234567801",
}


@dataclass
class Answer:
    """One request: when it began (wall clock), how long it took, what came of it."""

    at: float
    seconds: float
    status: int  # 0: the connection was refused or cut
    body: Any


@dataclass
class Buyers:
    """Threads that buy; `orders` are the numbers that the shop acknowledged."""

    url: str
    tokens: Sequence[str]
    skus: Sequence[str]
    answers: list[Answer] = field(default_factory=list)
    orders: dict[str, float] = field(default_factory=dict)
    is_lost: bool = False
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def buying(self) -> Iterator["Buyers"]:
        """Buy for as long as the block runs; each buyer finishes what he began."""
        threads = [
            threading.Thread(target=self._buy, args=(number, token))
            for number, token in enumerate(self.tokens)
        ]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self.stop()
            for thread in threads:
                thread.join()

    def stop(self) -> None:
        self._stop.set()

    def _buy(self, number: int, token: str) -> None:
        sku = self.skus[number % len(self.skus)]
        while not self._stop.is_set():
            item = {"sku": sku, "quantity": 1}
            if self.ask("/api/v1/cart/items", item, token).status not in (200, 201):
                time.sleep(PAUSE_SECONDS)
                continue
            key = str(uuid.uuid4())
            while not self._check_out(key, token) and not self._gives_up():
                time.sleep(PAUSE_SECONDS)

    def _gives_up(self) -> bool:
        """Say whether the shop is gone for good, so that nobody waits for it."""
        return self.is_lost and self._stop.is_set()

    def _check_out(self, key: str, token: str) -> bool:
        """Say whether the shop has decided; the same key goes again until it has."""
        body = {"contact": CONTACT, "shipping_address": ADDRESS, "accept_terms": True}
        answer = self.ask("/api/v1/checkout", body, token, key=key)
        if answer.status == 201:
            self.orders[answer.body["order"]["number"]] = time.time()
        if answer.status == 409:
            return answer.body["code"] != "idempotency_in_progress"
        return answer.status not in (0, 429) and answer.status < 500

    def ask(self, path: str, body: Any, token: str, key: str = "") -> Answer:
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {token}",
        }
        if key:
            headers["Idempotency-Key"] = key
        request = urllib.request.Request(
            self.url + path, data=json.dumps(body).encode(), headers=headers
        )
        at, began = time.time(), time.monotonic()
        status, text = _answer(request)
        answer = Answer(at, time.monotonic() - began, status, text)
        self.answers.append(answer)
        return answer

    def since(self, moment: float) -> list[Answer]:
        return [answer for answer in self.all() if answer.at >= moment]

    def all(self) -> list[Answer]:
        return list(self.answers)


def _answer(request: urllib.request.Request) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with contextlib.suppress(ValueError, OSError):
            return error.code, json.load(error)
        return error.code, None
    except OSError:
        return 0, None
    except ValueError:
        return 0, None


def tally(answers: Sequence[Answer]) -> str:
    """Return `201: 50, 503 database_unavailable: 3` for these answers."""
    counts: Counter[str] = Counter()
    for answer in answers:
        code = answer.body.get("code", "") if isinstance(answer.body, dict) else ""
        counts[f"{answer.status or 'cut off'} {code}".strip()] += 1
    return ", ".join(f"{name}: {count}" for name, count in sorted(counts.items()))
