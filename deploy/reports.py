"""Leave a report that `manage.py preflight` reads (karima/preflight/records.py)."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


def write_report(name: str, *, is_good: bool | None, summary: str) -> Path:
    """Write NAME.json, whole or not at all. `is_good` None: it could not look."""
    folder = PROJECT / (os.environ.get("REPORTS_DIR") or ".data/reports")
    folder.mkdir(parents=True, exist_ok=True)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    document = {"at": at, "ok": is_good, "summary": summary}
    unfinished = folder / f".{name}.{os.getpid()}"
    unfinished.write_text(json.dumps(document) + "\n", encoding="utf-8")
    return unfinished.replace(folder / f"{name}.json")
