"""Copies of customers' data in a bucket, where web and worker share no folder."""

from collections.abc import Iterator

import boto3
import pytest
import requests
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, storages
from moto.server import ThreadedMotoServer
from pytest_django import Settings

from karima.env import BadEnvironment, from_mapping
from karima.settings import engines
from tests.karima.environments import good_production

BUCKET = "karima-private"


@pytest.fixture
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", port=0)
    server.start()
    _, port = server.get_host_and_port()
    address = f"http://127.0.0.1:{port}"
    client = boto3.client(
        "s3", endpoint_url=address, region_name="us-east-1",
        aws_access_key_id="k", aws_secret_access_key="s",
    )  # fmt: skip
    client.create_bucket(Bucket=BUCKET)
    yield address
    server.stop()


def test_what_one_machine_writes_another_reads(
    endpoint: str, settings: Settings
) -> None:
    there = {"R2_PRIVATE_BUCKET_NAME": BUCKET, "R2_ENDPOINT": endpoint}
    env = from_mapping(good_production() | there | {"R2_REGION": "us-east-1"})
    settings.STORAGES = settings.STORAGES | {"private": engines.private_storage(env)}
    storage = storages["private"]
    assert not isinstance(storage, InMemoryStorage)
    for content in (b"first try", b"second try"):
        assert storage.save("exports/1.zip", ContentFile(content)) == "exports/1.zip"
    with storage.open("exports/1.zip") as file:
        assert file.read() == b"second try"
    assert "X-Amz-Signature" in storage.url("exports/1.zip")
    storage.delete("exports/1.zip")
    assert not storage.exists("exports/1.zip")
    requests.post(f"{endpoint}/moto-api/reset", timeout=5)


def test_without_a_key_the_bucket_is_refused() -> None:
    there = {"R2_PRIVATE_BUCKET_NAME": BUCKET, "R2_SECRET_ACCESS_KEY": ""}
    with pytest.raises(BadEnvironment, match="R2_PRIVATE_BUCKET_NAME"):
        from_mapping(good_production() | there)
