"""Ask pip-audit whether a locked library has a known weakness, and tell the truth.

pip-audit ends well when the advisory service does not know a single library, which is
what a mirror without advisories answers. That is no audit: it reads "skipped" here.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from deploy.reports import write_report

# Longer than the service takes for a hundred libraries by far.
TIMEOUT_SECONDS = 240
SKIPPED = "skipped: could not look"


def pip_audit(lock: Path) -> dict[str, Any] | None:
    """Return what pip-audit says of a lock file, or None when it says nothing."""
    program = Path(sys.executable).with_name("pip-audit")
    options = ["--require-hashes", "--disable-pip", "--progress-spinner=off"]
    try:
        done = subprocess.run(
            [program, "--requirement", lock, *options, "--format=json"],
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_SECONDS,
        )
        document = json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return None
    return document if isinstance(document, dict) else None


def verdict(document: dict[str, Any] | None) -> tuple[bool | None, str, list[str]]:
    """Return if all is well (None: could not look), a summary, and each weakness."""
    libraries = document.get("dependencies", []) if document else []
    unseen = [library for library in libraries if "skip_reason" in library]
    weak = [
        f"{library['name']} {library.get('version', '')}: {found['id']}, "
        f"fixed in {', '.join(found.get('fix_versions') or ['no version yet'])}"
        for library in libraries
        for found in library.get("vulns", [])
    ]
    if weak:
        return False, f"{len(weak)} known weaknesses", weak
    if not libraries or len(unseen) == len(libraries):
        return None, SKIPPED, []
    if unseen:
        names = ", ".join(library["name"] for library in unseen)
        return None, f"{SKIPPED} at {len(unseen)} of {len(libraries)}: {names}", []
    return True, f"no known weakness in {len(libraries)} libraries", []


def main() -> int:
    """Print the verdict and keep it. Exit status 1 for a weakness only."""
    is_good, summary, weak = verdict(pip_audit(Path(sys.argv[1])))
    for line in [*weak, f"audit: {summary}"]:
        print(line)
    write_report("audit", is_good=is_good, summary=summary)
    return int(is_good is False)


if __name__ == "__main__":
    sys.exit(main())
