"""Keep a stand-in's memory in one JSON file, so that it survives a restart."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any


class StateFile:
    """One JSON file, or nothing at all when no folder was chosen."""

    def __init__(self, folder: Path | None, name: str) -> None:
        self._path = folder / name if folder else None
        if folder:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def load(self) -> dict[str, Any]:
        """Return what was saved last, or an empty dictionary."""
        if self._path is None or not self._path.exists():
            return {}
        return dict(json.loads(self._path.read_text(encoding="utf-8")))

    def save(self, data: dict[str, Any]) -> None:
        """Replace the file as a whole, so that a crash leaves the old or the new."""
        if self._path is None:
            return
        handle, draft = tempfile.mkstemp(dir=self._path.parent, suffix=".tmp")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(data, file)
        Path(draft).replace(self._path)
