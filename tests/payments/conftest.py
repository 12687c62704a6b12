"""A customer who has left traces everywhere, and what the erasure of them needs."""

from pathlib import Path

import pytest
from pytest_django import Settings

from sandbox.kratos import Kratos
from tests.payments.person import Person, settle


@pytest.fixture
def private_files(settings: Settings, tmp_path: Path) -> Path:
    """Give the folder that holds the copies of customers' data."""
    settings.STORAGES = settings.STORAGES | {
        "private": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path, "allow_overwrite": True},
        }
    }
    return tmp_path


@pytest.fixture
def person(db: None, identity: Kratos, private_files: Path) -> Person:
    """Give Aisyah of Kratos, with every kind of trace and nothing under way."""
    return settle()
