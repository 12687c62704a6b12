"""Development settings made quick.

`sandbox.engines.pytest_plugin` has put the environment of the tests in place by the
time this is read; no env file of a developer takes part.
"""

import os

from karima.settings.dev import *  # noqa: F403  settings are a flat list of names
from karima.settings.dev import CACHES

# Argon2 is slow on purpose; no test guards anything with a password.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Each of xdist's workers clears its own Redis database, not its neighbour's.
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
CACHES["default"]["LOCATION"] += f"?db={WORKER % 16}"
