"""Photos to upload: good ones, and those that somebody might try."""

import io
import struct
import zlib
from collections.abc import Callable
from typing import NamedTuple

from PIL import Image

SCRIPT = b"<script>alert(document.domain)</script>"
PHP = b"<?php system($_GET['c']); ?>"
GPS = {
    0: b"\x02\x03\x00\x00",
    1: "S",
    2: (6.0, 12.0, 30.0),
    3: "E",
    4: (106.0, 49.0, 0),
}
SIDEWAYS = 6


def photo(
    kind: str = "JPEG", size: tuple[int, int] = (120, 90), color: str = "#c08081"
) -> bytes:
    """Return a photo whose left half is white."""
    image = Image.new("RGB", size, color)
    image.paste("white", (0, 0, size[0] // 2, size[1]))
    return saved(image, kind)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)  # type: ignore[arg-type]
    return file.getvalue()


def from_a_phone(size: tuple[int, int] = (400, 300)) -> bytes:
    """Return a photo taken upright: stored sideways, with its place and its author."""
    image = Image.open(io.BytesIO(photo(size=size)))
    exif = image.getexif()
    exif[274] = SIDEWAYS
    exif[315] = "Aisyah Putri"
    exif.get_ifd(34853).update(GPS)
    return saved(image, "JPEG", exif=exif)


def moving(kind: str) -> bytes:
    frames = [Image.new("RGB", (40, 40), color) for color in ("red", "blue", "lime")]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=99)


def chunk(name: bytes, data: bytes) -> bytes:
    check = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)


def png(width: int, height: int, *chunks: bytes) -> bytes:
    """Return a PNG that claims a size, black, packed to almost nothing."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    packed = [packer.compress(row) for _ in range(min(height, 7000))]
    data = b"".join(packed) + packer.flush()
    signature = b"\x89PNG\r\n\x1a\n"
    return b"".join(
        [signature, chunk(b"IHDR", header), *chunks, chunk(b"IDAT", data),
         chunk(b"IEND", b"")]
    )  # fmt: skip


def text_bomb() -> bytes:
    """Return a PNG whose comment unpacks to hundreds of megabytes."""
    packer = zlib.compressobj(9)
    million = bytes(1024**2)
    packed = b"".join(packer.compress(million) for _ in range(200)) + packer.flush()
    return png(8, 8, chunk(b"zTXt", b"Comment\x00\x00" + packed))


def claiming(width: int, height: int) -> bytes:
    """Return a JPEG whose header claims another size than its data has."""
    good = bytearray(photo())
    place = good.index(b"\xff\xc0") + 5
    good[place : place + 4] = struct.pack(">HH", height, width)
    return bytes(good)


def flipped() -> bytes:
    """Return a PNG with one bit changed inside its data."""
    good = bytearray(photo("PNG"))
    good[good.index(b"IDAT") + 12] ^= 0x40
    return bytes(good)


def commented(text: bytes) -> bytes:
    """Return a JPEG with a comment."""
    good = photo()
    return good[:2] + b"\xff\xfe" + struct.pack(">H", len(text) + 2) + text + good[2:]


def riff(kind: bytes, data: bytes = b"") -> bytes:
    return b"RIFF" + struct.pack("<I", 4 + len(data)) + kind + data


class Try(NamedTuple):
    """An upload, and the code of the refusal; without one it must come out clean."""

    says: str
    content: Callable[[], bytes]
    code: str = ""
    name: str = "foto.jpg"
    type: str = "image/jpeg"


TYPE, BROKEN = "picture_type_unknown", "picture_unreadable"
PIXELS = "picture_too_many_pixels"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
HOSTILE = [
    Try("nothing at all", lambda: b"", BROKEN),
    Try("one byte", lambda: b"\xff", TYPE),
    Try("a text", lambda: b"foto", TYPE),
    Try("zeros", lambda: bytes(5000), TYPE),
    Try("a page", lambda: b"<!doctype html>" + SCRIPT, TYPE),
    Try("a page named like a photo", lambda: SCRIPT, TYPE, "a.png", "image/png"),
    Try("SVG", lambda: SVG, TYPE, "foto.svg", "image/svg+xml"),
    Try("SVG as JPEG", lambda: b'<?xml version="1.0"?>' + SVG, TYPE),
    Try("SVG behind a byte order mark", lambda: b"\xef\xbb\xbf" + SVG, TYPE),
    Try("SVG in gzip", lambda: zlib.compress(SVG, wbits=31), TYPE, "foto.svgz"),
    Try("PHP", lambda: PHP, TYPE, "foto.php.jpg"),
    Try("a shell script", lambda: b"#!/bin/sh\nid\n", TYPE),
    Try("a program for Linux", lambda: b"\x7fELF\x02\x01\x01" + bytes(64), TYPE),
    Try("a program for Windows", lambda: b"MZ\x90\x00" + bytes(64), TYPE),
    Try("PDF", lambda: b"%PDF-1.7\n1 0 obj\n", TYPE),
    Try("ZIP", lambda: b"PK\x03\x04" + bytes(64), TYPE),
    Try("GIF", lambda: photo("GIF"), TYPE),
    Try("GIF that moves", lambda: moving("GIF"), TYPE),
    Try("BMP", lambda: photo("BMP"), TYPE),
    Try("TIFF", lambda: photo("TIFF"), TYPE),
    Try("ICO", lambda: photo("ICO"), TYPE),
    Try("JPEG 2000", lambda: b"\x00\x00\x00\x0cjP  \r\n\x87\n" + bytes(64), TYPE),
    Try("HEIC", lambda: b"\x00\x00\x00\x18ftypheic" + bytes(64), TYPE, "IMG_1.HEIC"),
    Try("AVIF", lambda: b"\x00\x00\x00\x18ftypavif" + bytes(64), TYPE),
    Try("a video", lambda: b"\x00\x00\x00\x18ftypmp42" + bytes(64), TYPE),
    Try("a sound", lambda: riff(b"WAVE"), TYPE),
    Try("Photoshop", lambda: b"8BPS\x00\x01" + bytes(64), TYPE),
    Try("PostScript", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n", TYPE),
    Try("a JPEG's first bytes", lambda: b"\xff\xd8\xff\xe0", BROKEN),
    Try("a page behind a JPEG's start", lambda: b"\xff\xd8\xff\xe0" + SCRIPT, BROKEN),
    Try("SVG behind a PNG's first bytes", lambda: b"\x89PNG\r\n\x1a\n" + SVG, BROKEN),
    Try("a WebP's first bytes", lambda: riff(b"WEBP", b"VP8 " + bytes(20)), BROKEN),
    Try("half a JPEG", lambda: photo(size=(900, 900))[:2000], BROKEN),
    Try("half a PNG", lambda: photo("PNG", (900, 900))[:200], BROKEN),
    Try("half a WebP", lambda: photo("WEBP", (900, 900))[:120], BROKEN),
    Try("a PNG with a bit flipped", flipped, BROKEN),
    Try("30,000 by 30,000 pixels", lambda: png(30_000, 30_000), PIXELS),
    Try("7,000 by 7,000 pixels", lambda: png(7000, 7000), PIXELS),
    Try("8,001 pixels wide", lambda: png(8001, 4), PIXELS),
    Try("8,001 pixels high", lambda: png(4, 8001), PIXELS),
    Try("65,535 by 65,535 claimed", lambda: claiming(65_535, 65_535), PIXELS),
    Try("a comment that unpacks to 200 MB", text_bomb, BROKEN),
    Try("WebP that moves", lambda: moving("WEBP"), "picture_animated"),
    Try("PNG that moves", lambda: moving("PNG"), "picture_animated"),
    Try("JPEG and page in one", lambda: photo() + SCRIPT),
    Try("JPEG and ZIP in one", lambda: photo() + b"PK\x03\x04" + SCRIPT),
    Try("JPEG with PHP in a comment", lambda: commented(PHP)),
    Try("PNG with a script", lambda: png(9, 9, chunk(b"tEXt", b"a\0" + SCRIPT))),
    Try("a photo that says where it was taken", from_a_phone),
    Try("a name with a path", photo, name="../../../../etc/cron.d/x.html"),
    Try("a name with a line's end", photo, name="a\r\nSet-Cookie: x=1.jpg"),
    Try("a photo that says it is a page", photo, name="x.html", type="text/html"),
    Try("a name of a thousand letters", photo, name="x" * 1000 + ".jpg"),
]  # fmt: skip
