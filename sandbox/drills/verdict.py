"""What a drill found, line by line, and the verdict at its end."""

import time


class Verdict:
    """Prints each check as it comes; `end` prints the verdict and returns the code."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._failed = 0
        self._began = time.monotonic()
        print(f"{name}", flush=True)

    def step(self, text: str) -> None:
        print(f"  ...   {text}", flush=True)

    def check(self, good: bool, text: str) -> None:
        self._failed += not good
        print(f"  {'ok  ' if good else 'FAIL'}  {text}", flush=True)

    def end(self) -> int:
        seconds = round(time.monotonic() - self._began)
        word = "FAIL" if self._failed else "PASS"
        print(f"{self._name}: {word} ({seconds} s)", flush=True)
        return int(bool(self._failed))
