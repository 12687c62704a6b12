"""What an uploaded photo must be, and its conversion within limits."""

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore
from typing import IO, Any

from django.conf import settings

from catalog.services.media import encoder
from karima.errors import Unavailable, Unprocessable

CHUNK_BYTES = 64 * 1024
# Below the 35 seconds that the proxy waits for an answer.
TIMEOUT_SECONDS = 25
# It takes a processor, and for the largest photos 400 MB; the others wait, not long.
MAX_AT_ONCE = 1
WAIT_SECONDS = 8

SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
# What people send by mistake, with the word that they know it by.
OTHERS = (
    (0, b"GIF8", "GIF"),
    (0, b"%PDF", "PDF"),
    (0, b"BM", "BMP"),
    (0, b"II*\x00", "TIFF"),
    (0, b"MM\x00*", "TIFF"),
    (0, b"PK\x03\x04", "ZIP"),
    (4, b"ftypheic", "HEIC"),
    (4, b"ftypheix", "HEIC"),
    (4, b"ftypmif1", "HEIC"),
    (4, b"ftypavif", "AVIF"),
    (4, b"ftyp", "video"),
)


class PictureRefused(Unprocessable):
    """The upload is no photo that the shop takes; nothing of it is kept."""

    code = "picture_refused"
    title = "Picture refused"
    detail = "Foto ini tidak dapat diterima."


class PictureTypeUnknown(PictureRefused):
    code = "picture_type_unknown"
    title = "Not a JPEG, PNG or WebP"
    detail = "Berkas ini bukan foto JPEG, PNG, atau WebP. Silakan pilih foto lain."


class PictureTooLarge(PictureRefused):
    code = "picture_too_large"
    title = "Picture too large"
    detail = "Berkas foto terlalu besar. Silakan perkecil dahulu."


class PictureTooManyPixels(PictureRefused):
    code = "picture_too_many_pixels"
    title = "Picture has too many pixels"
    detail = (
        "Ukuran foto paling besar 24 megapiksel dan 8000 piksel di tiap sisinya. "
        "Silakan perkecil dahulu."
    )


class PictureAnimated(PictureRefused):
    code = "picture_animated"
    title = "Picture is animated"
    detail = "Gambar bergerak tidak dapat dipakai. Silakan pilih foto biasa."


class PictureUnreadable(PictureRefused):
    code = "picture_unreadable"
    title = "Picture cannot be read"
    detail = (
        "Foto ini rusak atau tidak lengkap. Silakan simpan ulang, lalu coba kembali."
    )


class PicturesBusy(Unavailable):
    code = "pictures_busy"
    title = "Too many pictures at once"
    detail = "Foto lain sedang diproses. Silakan coba beberapa saat lagi."


REFUSALS: dict[str, type[PictureRefused]] = {
    "too_many_pixels": PictureTooManyPixels,
    "animated": PictureAnimated,
    "unreadable": PictureUnreadable,
    "too_heavy": PictureUnreadable,
}

_at_once = BoundedSemaphore(MAX_AT_ONCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A WebP file in a temporary folder; measures in pixels."""

    path: Path
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A photo as clean files, the widest last; `placeholder` is `#rrggbb`."""

    copies: Sequence[Copy]
    placeholder: str


def encode(upload: IO[bytes], folder: Path) -> Encoded:
    """Write clean files of an upload into the folder, whatever it claims to be.

    Its name, extension and Content-Type mean nothing. Raises a PictureRefused that says
    why, and PicturesBusy when others are being converted.
    """
    source = folder / "upload"
    _receive(upload, source)
    with _turn():
        return _encoded(_run(source, folder), folder)


def encode_own(source: Path, folder: Path, *, effort: int) -> Encoded:
    """Write the files of a picture that the shop drew itself: here, without limits."""
    return _encoded(encoder.encode(source, folder, effort=effort), folder)


def _receive(upload: IO[bytes], path: Path) -> None:
    """Copy the upload in pieces, as far as the shop takes one."""
    left = settings.FILE_UPLOAD_MAX_SIZE_BYTES
    upload.seek(0)
    with path.open("wb") as file:
        chunk = upload.read(CHUNK_BYTES)
        _check_type(chunk)
        while chunk:
            left -= len(chunk)
            if left < 0:
                raise PictureTooLarge
            file.write(chunk)
            chunk = upload.read(CHUNK_BYTES)


def _check_type(head: bytes) -> None:
    if head.startswith(SIGNATURES) or (head[:4], head[8:12]) == (b"RIFF", b"WEBP"):
        return
    if not head:
        raise PictureUnreadable("Berkas ini kosong.")
    for offset, signature, name in OTHERS:
        if head[offset:].startswith(signature):
            raise PictureTypeUnknown(
                f"Berkas {name} tidak dapat dipakai. "
                "Silakan simpan sebagai foto JPEG, PNG, atau WebP."
            )
    raise PictureTypeUnknown


@contextmanager
def _turn() -> Any:
    if not _at_once.acquire(timeout=WAIT_SECONDS):
        raise PicturesBusy(retry_after_seconds=WAIT_SECONDS)
    try:
        yield
    finally:
        _at_once.release()


def _run(source: Path, folder: Path) -> dict[str, Any]:
    """Return what the program says. It sees no variable of the shop's environment."""
    command = [sys.executable, "-I", encoder.__file__, str(source), str(folder)]
    try:
        finished = subprocess.run(  # noqa: S603 paths of our own
            command, capture_output=True, env={}, timeout=TIMEOUT_SECONDS, check=False
        )
        answer: dict[str, Any] = json.loads(finished.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        # It ran into a limit.
        raise PictureUnreadable from None
    return answer


def _encoded(answer: dict[str, Any], folder: Path) -> Encoded:
    if "refused" in answer:
        raise REFUSALS[answer["refused"]]
    copies = [
        Copy(path=folder / row["path"], width=row["width"], height=row["height"])
        for row in answer["copies"]
    ]
    return Encoded(copies=copies, placeholder=answer["placeholder"])
