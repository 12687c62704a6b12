"""The production stack of one test run: its secrets, certificates and images."""

import os
import secrets
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
PROJECT = "karima-container-test"
HTTP_PORT, HTTPS_PORT, MIDTRANS_PORT = 21080, 21443, 21480
API, AUTH, ADMIN, SHOP = (
    "https://api.karima.test",
    "https://auth.karima.test",
    "https://admin.karima.test",
    "https://karima.test",
)
FIRST, SECOND, BROKEN = "container-test-1", "container-test-2", "container-test-3"
IMAGE = "karima_store_backend"
SANDBOX_IMAGE = "karima_store_sandbox:container-test"
# Seconds for one command; the build of an image is the longest.
TIMEOUT = 600


class StackError(Exception):
    """Something of the stack is not as production needs it; the text says what."""


def run(*command: str, environment: Mapping[str, str] | None = None) -> str:
    """Run a command to its end and return what it said. Raises `StackError`."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | dict(environment or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    if done.returncode:
        said = "\n".join(done.stdout.splitlines()[-40:])
        raise StackError(f"`{' '.join(command)}` failed ({done.returncode}):\n{said}")
    return done.stdout


@dataclass(frozen=True)
class Stack:
    """A running stack. `environment` is what the compose files are filled in with."""

    folder: Path
    environment: dict[str, str]

    @property
    def ca(self) -> Path:
        """Return the certificate authority of the proxy, PostgreSQL and Redis."""
        return self.folder / "tls/ca.pem"

    def compose(self, *arguments: str, **changes: str) -> str:
        """Run `docker compose` with both files."""
        environment = self.environment | changes
        return run("docker", "compose", *arguments, environment=environment)

    def container(self, service: str) -> str:
        """Return the id of the service's container."""
        return self.compose("ps", "-q", service).strip()


def build_images() -> None:
    """Build the image under two versions, one that cannot serve, and the sandbox."""
    for version in (FIRST, SECOND):
        build = ("--build-arg", f"VERSION={version}", "-t", f"{IMAGE}:{version}")
        run("docker", "build", "--quiet", *build, ".")
    # Its jobs and migrations run, and it cannot serve.
    broken = f"FROM {IMAGE}:{SECOND}\nUSER 0\nRUN rm karima/wsgi.py\nUSER 10001:10001\n"
    subprocess.run(
        ("docker", "build", "--quiet", "-t", f"{IMAGE}:{BROKEN}", "-"),
        input=broken.encode(),
        stdout=subprocess.DEVNULL,
        timeout=TIMEOUT,
        check=True,
    )
    sandbox = ("--build-arg", f"APP_IMAGE={IMAGE}:{FIRST}", "-t", SANDBOX_IMAGE)
    run("docker", "build", "--quiet", *sandbox, "-f", str(HERE / "Dockerfile"), ".")


@contextmanager
def stack(folder: Path) -> Iterator[Stack]:
    """Bring the first version up, and take everything away at the end."""
    write_secrets(folder)
    make_certificates(folder)
    running = Stack(folder, environment_of(folder))
    try:
        running.compose("build", "db")
        running.compose("up", "-d", "--wait", "--wait-timeout", "180")
        yield running
    except BaseException:
        print(running.compose("ps", "--all"))
        print(running.compose("logs", "--no-color", "--tail", "25"))
        raise
    finally:
        running.compose("--profile", "*", "down", "-v", "--remove-orphans", "-t", "5")


def environment_of(folder: Path) -> dict[str, str]:
    """Return what the compose files are filled in with."""
    return {
        "COMPOSE_PROJECT_NAME": PROJECT,
        "COMPOSE_FILE": f"{ROOT}/docker-compose.prod.yml:{HERE}/compose.yml",
        "VERSION": FIRST,
        # Production's rules but for money: `production` refuses a stand-in of Midtrans.
        "APP_ENV": "staging",
        "SECRETS_DIR": str(folder),
        "TLS_FOLDER": str(folder / "tls"),
        "PROXY_HTTP_PORT": f"127.0.0.1:{HTTP_PORT}",
        "PROXY_HTTPS_PORT": f"127.0.0.1:{HTTPS_PORT}",
        "MIDTRANS_PORT": str(MIDTRANS_PORT),
        "KRATOS_PUBLIC_URL": AUTH,
        "DATA_PREFIX": "172.31.251",
        "DB_MEMORY": "1g",
    }


def make_certificates(folder: Path) -> None:
    """Make a CA, and by it the certificates of PostgreSQL, Redis and the proxy."""
    hosts = {
        f"{name.upper()}_HOSTS": f"{name}.karima.test"
        for name in ("api", "auth", "admin")
    }
    folders = {
        "TLS_FOLDER": str(folder / "tls"),
        "TLS_CA_FOLDER": str(folder / "authority"),
    }
    run(str(ROOT / "deploy/tls/make-ca.sh"), "proxy", environment=folders | hosts)


def write_secrets(folder: Path) -> None:
    """Write the files that an operator fills in, with secrets of this run."""
    shop, migrate, redis = (secrets.token_hex(24) for _ in range(3))
    webhook = secrets.token_urlsafe(48)
    midtrans = {
        "MIDTRANS_SERVER_KEY": "SB-Mid-server-container-test",
        "MIDTRANS_MERCHANT_ID": "G123456789",
    }
    files = {
        ".env.staging": {
            "DB_USER": "karima_prod",
            "DB_NAME": "karima_prod",
            "DB_PASSWORD": shop,
            "DB_SSL_MODE": "verify-full",
            "DB_SSL_ROOT_CERT": "/run/secrets/postgres-ca.pem",
            "REDIS_USER": "karima",
            "REDIS_PASSWORD": redis,
            "REDIS_TLS": "true",
            "REDIS_CA_CERT": "/run/secrets/redis-ca.pem",
            "API_HOSTS": "api.karima.test",
            "AUTH_HOSTS": "auth.karima.test",
            "ADMIN_HOSTS": "admin.karima.test",
            "STOREFRONT_URL": SHOP,
            "CORS_ORIGIN": SHOP,
            "KRATOS_UI_URL": AUTH,
            "KRATOS_WEBHOOK_KEY": webhook,
            "CF_ACCESS_TEAM_DOMAIN": "karima.cloudflareaccess.com",
            "CF_ACCESS_AUD": secrets.token_hex(32),
            "MIDTRANS_API_BASE_URL": "http://midtrans:4480/snap/v1",
            "MIDTRANS_CORE_API_URL": "http://midtrans:4480",
            "MIDTRANS_CLIENT_KEY": "SB-Mid-client-container-test",
            "JWT_SECRET": secrets.token_urlsafe(60),
            "WEB_CONCURRENCY": "2",
            **midtrans,
        },
        ".env.migrate": {"DB_USER": "karima_migrate", "DB_PASSWORD": migrate},
        ".env.postgres": {
            "POSTGRES_PASSWORD": secrets.token_hex(24),
            "DB_NAME": "karima_prod",
            "DB_USER": "karima_prod",
            "DB_PASSWORD": shop,
            "DB_MIGRATE_PASSWORD": migrate,
            "KRATOS_DB_PASSWORD": secrets.token_hex(24),
        },
        ".env.redis": {"REDIS_USER": "karima", "REDIS_PASSWORD": redis},
        ".env.kratos": {"DSN": "memory"},
        ".env.proxy": {
            "API_HOSTS": "api.karima.test",
            "AUTH_HOSTS": "auth.karima.test",
            "ADMIN_HOSTS": "admin.karima.test",
            "CORS_ORIGIN": SHOP,
            # The load comes from one machine and stands for many customers.
            "PROXY_TRUSTED_PEERS": "172.16.0.0/12,192.168.0.0/16",
        },
        ".env.sandbox": {
            "API_URL": API,
            "AUTH_URL": AUTH,
            "KRATOS_WEBHOOK_KEY": webhook,
            **midtrans,
        },
    }
    for name, values in files.items():
        path = folder / name
        lines = [f"{key}={value}" for key, value in values.items()]
        path.write_text("\n".join(lines) + "\n", "utf-8")
        path.chmod(0o600)
