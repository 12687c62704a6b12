"""R2 as moto's S3 on this machine, and what arrives there on the wire."""

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from django.core.files.storage import storages
from moto.server import DomainDispatcherApplication, create_backend_app
from pytest_django import Settings
from werkzeug.serving import WSGIRequestHandler, make_server

from karima.env import from_mapping
from karima.settings import engines
from tests.karima.environments import good_production

BUCKET = "karima-production"


class QuietHandler(WSGIRequestHandler):
    def log(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing."""


@dataclass
class Bucket:
    """The stand-in: where it is, and the requests that it got, headers in small."""

    url: str = ""
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        headers = {
            name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
            for name, value in environ.items()
            if name.startswith("HTTP_") or name in ("CONTENT_TYPE", "CONTENT_LENGTH")
        }
        asked = (environ["REQUEST_METHOD"], environ["PATH_INFO"], headers)
        self.requests.append(asked)
        answer: Iterable[bytes] = self.app(environ, start_response)
        return answer

    app = staticmethod(DomainDispatcherApplication(create_backend_app))

    def client(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="a",
            aws_secret_access_key="b",
        )

    def names(self) -> list[str]:
        found = self.client().list_objects_v2(Bucket=BUCKET)
        return [row["Key"] for row in found.get("Contents", [])]


@pytest.fixture
def use_r2(settings: Settings) -> Callable[..., None]:
    """Return a function that has the shop keep its photos at an address."""

    def use(url: str, **changes: Any) -> None:
        env = from_mapping(good_production() | {"R2_ENDPOINT": url} | changes)
        kept = engines.media_storage(env)
        settings.STORAGES = settings.STORAGES | {"default": kept}
        assert storages["default"]

    return use


@pytest.fixture
def r2(use_r2: Callable[..., None]) -> Iterator[Bucket]:
    """Give an empty bucket that the shop keeps its photos in."""
    bucket = Bucket()
    server = make_server(
        "127.0.0.1", 0, bucket, threaded=True, request_handler=QuietHandler
    )
    bucket.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    bucket.client().create_bucket(Bucket=BUCKET)
    bucket.requests.clear()
    use_r2(bucket.url)
    yield bucket
    for name in bucket.names():
        bucket.client().delete_object(Bucket=BUCKET, Key=name)
    bucket.client().delete_bucket(Bucket=BUCKET)
    server.shutdown()
    thread.join()
    server.server_close()
