"""Put pictures into the store: this machine's folder or the bucket in R2."""

import hashlib
import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from uuid import UUID, uuid4

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from catalog.services.media.encoding import Encoded, encode, encode_own
from karima.errors import Unavailable

logger = logging.getLogger(__name__)

Save = Callable[[str, bytes], str]


class MediaUnavailable(Unavailable):
    """The store of the photos does not answer, or refuses the shop."""

    code = "media_unavailable"
    title = "Photos cannot be stored"
    detail = "Foto belum dapat disimpan. Silakan coba beberapa saat lagi."


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture in the store: its widest file, and smaller copies, narrowest first.

    `renditions` is as the column of that name keeps it, `placeholder` is `#rrggbb`.
    """

    name: str
    width: int
    height: int
    size_bytes: int
    sha256: str
    placeholder: str
    renditions: list[dict[str, Any]] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """All its files."""
        return [self.name, *(copy["file"] for copy in self.renditions)]


class WebP(ContentFile):
    """Bytes that say what they are: not every Python knows the extension."""

    content_type = "image/webp"


def store(upload: IO[bytes], *, folder: str) -> Picture:
    """Check an upload, make clean files of it, put them into the store.

    They are in a new folder of their own under `folder`. Must not run in a transaction:
    it takes seconds. What is stored and then not used is removed by the collector.
    Raises PictureRefused, PicturesBusy and MediaUnavailable.
    """
    with tempfile.TemporaryDirectory(prefix="karima-") as place:
        encoded = encode(upload, Path(place))
        return _put(encoded, place=f"{folder}/{uuid4()}", save=_save)


def store_own(content: bytes, *, folder: str, group: UUID) -> Picture:
    """Put a picture that the shop drew itself into the store, quickly.

    The same picture and `group` give the same names; what is there stays.
    """
    with tempfile.TemporaryDirectory(prefix="karima-") as place:
        source = Path(place, "upload")
        source.write_bytes(content)
        encoded = encode_own(source, Path(place), effort=0)
        return _put(encoded, place=f"{folder}/{group}", save=_save_once)


def remove(name: str) -> None:
    """Remove a file from the store; one that is gone is as good.

    Raises MediaUnavailable.
    """
    with answering():
        default_storage.delete(name)


@contextmanager
def answering() -> Iterator[None]:
    """Turn what the store raises into MediaUnavailable, and log its kind only.

    Its own words may name the key and the bucket.
    """
    try:
        yield
    except (BotoCoreError, ClientError, OSError) as error:
        reason = type(error).__name__
        if isinstance(error, ClientError):
            reason = str(error.response.get("Error", {}).get("Code", reason))
        logger.error("media_unavailable", extra={"reason": reason})
        raise MediaUnavailable(retry_after_seconds=5) from None


def _put(encoded: Encoded, *, place: str, save: Save) -> Picture:
    """Store the copies, the widest last, named by what is in them.

    The name says the content, so that whoever has it may keep it for ever.
    """
    widest = encoded.copies[-1]
    content = widest.path.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    stem = f"{place}/{sha256[:16]}"
    renditions = [
        {
            "file": save(f"{stem}-{copy.width}.webp", copy.path.read_bytes()),
            "width": copy.width,
            "height": copy.height,
        }
        for copy in encoded.copies[:-1]
    ]
    return Picture(
        name=save(f"{stem}-{widest.width}.webp", content),
        width=widest.width,
        height=widest.height,
        size_bytes=len(content),
        sha256=sha256,
        placeholder=encoded.placeholder,
        renditions=renditions,
    )


def _save(name: str, content: bytes) -> str:
    with answering():
        return default_storage.save(name, WebP(content))


def _save_once(name: str, content: bytes) -> str:
    with answering():
        if default_storage.exists(name):
            return name
    return _save(name, content)
