"""How gunicorn serves the shop. A refused environment ends it here, with status 78.

Read here and not only in the workers: gunicorn would start a worker that ends with a
status of its own again and again.
"""

from pathlib import Path
from typing import Any

from karima import metrics_folder
from karima.env import env

wsgi_app = "karima.wsgi:application"
bind = f"0.0.0.0:{env.app_port}"

worker_class = "gthread"
workers = env.web_concurrency
threads = env.web_threads
preload_app = False

timeout = 30
# Below the container's stop_grace_period, so that requests in flight are answered.
graceful_timeout = 30
# Longer than the proxy keeps an idle connection, so that the proxy never uses one that
# is being closed.
keepalive = 5

# A bound to what leaks slowly. A process serves hundreds of requests a second and needs
# seconds to start: with a low number they would start all the time, and together.
max_requests = 20_000
max_requests_jitter = 5000

# The heartbeat file must not wait for a disk; the root file system is read-only.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 no name is guessed
control_socket_disable = True

limit_request_line = 4094
limit_request_fields = 100
header_map = "drop"

# The shop writes one structured line for each request itself.
accesslog = None


def on_starting(server: Any) -> None:
    metrics_folder.begin()


def pre_fork(server: Any, worker: Any) -> None:
    running = [process.metrics_slot for process in server.WORKERS.values()]
    worker.metrics_slot = metrics_folder.free_slot(running)


def post_fork(server: Any, worker: Any) -> None:
    metrics_folder.take(worker.metrics_slot)


def child_exit(server: Any, worker: Any) -> None:
    metrics_folder.leave(worker.metrics_slot)
