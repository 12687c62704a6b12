"""Prove the production stack in containers: `make container-test`.

Builds the image, brings the stack up behind its proxy with TLS, walks from sign-in to a
paid order, looks at what production relies on, and exchanges the version under load.
Needs Docker with compose v2, and the ports 8090, 21080, 21443 and 21480 of 127.0.0.1.
"""

import json
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.containers.load import load
from tests.containers.stack import (
    ADMIN,
    API,
    AUTH,
    BROKEN,
    FIRST,
    HTTP_PORT,
    HTTPS_PORT,
    IMAGE,
    MIDTRANS_PORT,
    ROOT,
    SECOND,
    Stack,
    StackError,
    build_images,
    run,
    stack,
)

STARTED = time.monotonic()


def main() -> int:
    """Run every step; return the exit code."""
    # CI and people end it from outside: the stack is taken away all the same.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
    if shutil.which("docker") is None:
        print("No `docker` here: install Docker Engine with its compose plugin.")
        return 1
    try:
        run("docker", "compose", "version")
        run("docker", "info")
        say("images")
        build_images()
        with tempfile.TemporaryDirectory(prefix="karima-containers-") as folder:
            say("stack")
            with stack(Path(folder)) as running:
                prove(running)
                say("down")
    except StackError as problem:
        print(f"FAILED after {elapsed()} s: {problem}", file=sys.stderr)
        return 1
    print(f"OK: the stack was proven in {elapsed()} s, with {base_images()}.")
    return 0


def prove(running: Stack) -> None:
    """Take every step on the running stack."""
    say("demo data")
    # No environment but development may make it, so that one run says it is.
    seed = ("python", "manage.py", "seed_demo", "--products", "12")
    one_off = ("run", "--rm", "--no-deps", "-T", "-e", "APP_ENV=development")
    running.compose(*one_off, "migrate", *seed)
    say("walk from sign-in to a paid order")
    walk(running)
    say("what only the inside may see")
    faces(running)
    say("confinement")
    confinement(running)
    say("emergency door")
    emergency_door(running)
    say("a release under load")
    release(running)


def say(step: str) -> None:
    print(f"{elapsed():>4} s  {step}", flush=True)


def elapsed() -> int:
    return round(time.monotonic() - STARTED)


def base_images() -> str:
    """Say whether the images were upstream's or stand-ins."""
    label = '{{index .Config.Labels "stand-in.key"}}'
    key = run("docker", "image", "inspect", "--format", label, f"{IMAGE}:{FIRST}")
    return "STAND-INS for the upstream images" if key.strip() else "the upstream images"


def must(is_so: bool, problem: str) -> None:
    if not is_so:
        raise StackError(problem)


# ---- the walk ------------------------------------------------------------------------


def walk(running: Stack) -> None:
    """Run the walk of the README through the proxy, as a customer's machine would."""
    hosts = [
        *(f"{name}.karima.test:443:127.0.0.1:{HTTPS_PORT}" for name in ("api", "auth")),
        f"midtrans:4480:127.0.0.1:{MIDTRANS_PORT}",
    ]
    lines = [f'cacert = "{running.ca}"', *(f'connect-to = "{one}"' for one in hosts)]
    (running.folder / ".curlrc").write_text("\n".join(lines) + "\n", "utf-8")
    said = run(
        "bash",
        "sandbox/walk.sh",
        environment={"CURL_HOME": str(running.folder), "SHOP": API, "KRATOS": AUTH},
    )
    must(
        '"status": "confirmed"' in said and '"payment_status": "paid"' in said,
        f"the order was not paid:\n{said[-3000:]}",
    )


# ---- what is seen from outside -------------------------------------------------------


def trust(running: Stack) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(running.ca))


def status(running: Stack, url: str, port: int = HTTPS_PORT) -> tuple[int, str]:
    """Return status and body of a page, asked for at the proxy's port."""
    options = ("--silent", "--cacert", str(running.ca), "--max-time", "20")
    to = ("--connect-to", f"::127.0.0.1:{port}", "--write-out", "\n%{http_code}")
    body, _, code = run("curl", *options, *to, url).rpartition("\n")
    return int(code), body


def faces(running: Stack) -> None:
    """Ask each host for what it must and must not show."""
    code, body = status(running, f"{API}/health")
    health = json.loads(body)
    must(code == 200 and health["version"] == FIRST, f"/health says {body}")
    must(health["redis"] == "ok", f"Redis is not behind the cache: {body}")
    expected = {
        f"{API}/internal/metrics": 404,
        f"{API}/metrics": 404,
        f"{API}/admin/": 404,
        # No token of Cloudflare Access.
        f"{ADMIN}/admin/": 403,
        f"{AUTH}/login": 303,
    }
    for url, wanted in expected.items():
        code, _ = status(running, url)
        must(code == wanted, f"{url} answers {code}, not {wanted}")
    code, _ = status(running, API.replace("https", "http"), port=HTTP_PORT)
    must(code == 403, f"the API answers {code} to plain http, not 403")


# ---- how the containers are kept -----------------------------------------------------


def inspect(running: Stack, service: str) -> Any:
    return json.loads(run("docker", "inspect", running.container(service)))[0]


def confinement(running: Stack) -> None:
    """Look at the running containers: users, file systems, networks, ports."""
    for service in ("proxy", "backend", "worker", "kratos", "db", "redis"):
        found = inspect(running, service)
        host = found["HostConfig"]
        must(host["ReadonlyRootfs"], f"{service} can write to its root file system")
        must(host["CapDrop"] == ["ALL"], f"{service} keeps capabilities")
        must(host["Memory"] > 0 and host["PidsLimit"] > 0, f"{service} has no limits")
        ports = {port for port, at in found["NetworkSettings"]["Ports"].items() if at}
        may = {"proxy": {"80/tcp", "443/tcp"}, "kratos": {"4480/tcp"}}.get(
            service, set()
        )
        must(ports == may, f"{service} publishes {ports}")
    for service in ("backend", "worker"):
        uid = running.compose("exec", "-T", service, "id", "-u").strip()
        must(uid == "10001", f"{service} runs as {uid}")
    plain = "PGSSLMODE=disable PGCONNECT_TIMEOUT=3 PGPASSWORD=x"
    ask = f"{plain} psql -h postgres.ks-backend.cloud -U karima_prod -c 'SELECT 1'"
    refused = subprocess.run(
        ("docker", "exec", running.container("db"), "sh", "-c", ask),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    must(
        refused.returncode != 0 and "no encryption" in refused.stderr,
        f"PostgreSQL does not refuse a connection without TLS: {refused.stderr}",
    )


def emergency_door(running: Stack) -> None:
    """Open the door of the hour without Access, ask it from this machine, shut it."""
    until = datetime.now(UTC) + timedelta(minutes=10)
    window = {"ACCESS_BREAKGLASS_UNTIL": f"{until:%Y-%m-%dT%H:%M:%SZ}"}
    running.compose("up", "-d", "--no-deps", "admin-local", **window)
    try:
        code = 0
        for _ in range(60):
            try:
                with urllib.request.urlopen("http://127.0.0.1:8090/admin/", timeout=5):
                    code = 200
            except urllib.error.HTTPError as error:
                code = error.code
            except OSError:
                time.sleep(1)
            if code:
                break
        must(code == 403, f"the emergency door answers {code} without a link, not 403")
        reason = ("--reason", "container test")
        break_glass = ("python", "manage.py", "break_glass", "citra@karima.example")
        said = running.compose("exec", "-T", "admin-local", *break_glass, *reason)
        must("http://127.0.0.1:8090/" in said, f"no link was made: {said}")
    finally:
        running.compose("rm", "-sf", "admin-local")


# ---- the release ---------------------------------------------------------------------


def release(running: Stack) -> None:
    """Go to the second version, not to a broken one, and back, under load."""
    with load(HTTPS_PORT, trust(running)) as seen:
        deploy(running, "deploy", SECOND)
        must(version(running) == SECOND, "the new version does not serve")
        say("a broken release under load")
        refuse_broken(running)
        say("a rollback under load")
        deploy(running, "rollback")
        must(version(running) == FIRST, "the former version does not serve")
    must(seen.answers > 100, f"only {seen.answers} requests were made")
    failed = f"{len(seen.failures)} of {seen.answers} requests failed"
    must(not seen.failures, f"{failed}: {seen.failures[:5]}")
    kept = running.compose(
        *("exec", "-T", "-u", "postgres", "db", "psql", "-U", "postgres", "-At"),
        *("-d", "karima_prod", "-c", "SELECT count(*) FROM orders_cart"),
    )
    must(int(kept) >= len(seen.carts), f"{kept} carts are kept of {len(seen.carts)}")
    print(f"        {failed}; {len(seen.carts)} carts promised, all kept")


def refuse_broken(running: Stack) -> None:
    """Try a version that cannot serve; the one that does must go on."""
    try:
        # It never becomes ready: waiting longer proves no more.
        deploy(running, "deploy", BROKEN, READY_SECONDS="15")
    except StackError as refusal:
        must("ABORTED" in str(refusal), f"it was refused for another reason: {refusal}")
    else:
        raise StackError("a broken release was not refused")
    must(version(running) == SECOND, "a broken release took over")


def deploy(running: Stack, *arguments: str, **changes: str) -> None:
    """Run deploy.sh as `make deploy` does, with less patience."""
    environment = running.environment | {
        "RUNTIME": "compose",
        "DEPLOY_STATE": str(running.folder / "deploy"),
        "READY_SECONDS": "60",
        "WATCH_SECONDS": "5",
        # It asks the world for names and certificates, which nobody has here.
        "PREFLIGHT": "skip",
        **changes,
    }
    run(str(ROOT / "deploy/deploy.sh"), *arguments, environment=environment)


def version(running: Stack) -> str:
    return str(json.loads(status(running, f"{API}/health")[1])["version"])


if __name__ == "__main__":
    sys.exit(main())
