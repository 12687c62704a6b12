"""Turn an uploaded photo into clean WebP files; a program of its own.

`encoding.encode` runs this file with limits to its memory and time, so that a photo
made to exhaust them ends this process and no other. Only Pillow is imported. What is
written holds pixels and nothing else: no EXIF, no place, nothing behind the picture.

Called with the photo's path and a folder for the files; prints one line of JSON.
"""

import contextlib
import io
import json
import resource
import sys
import warnings
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_PIXELS = 24_000_000
MAX_SIDE_PIXELS = 8000
# The widest copy is for zooming; a phone's photo has twice as many pixels a side.
LONGEST_SIDE_PIXELS = 2560
WIDTHS = (320, 640, 1280)
QUALITY = 82

# The largest allowed photo with transparency some times over, and the interpreter.
MEMORY_BYTES = 1024**3
CPU_SECONDS = 20
FILE_BYTES = 32 * 1024**2


class Refused(Exception):
    """The photo breaks a rule; the message is the rule's word in `encoding`."""


def main() -> None:
    """Encode as the command line says; a refusal is an answer too."""
    _limit()
    try:
        answer = encode(Path(sys.argv[1]), Path(sys.argv[2]))
    except Refused as refusal:
        answer = {"refused": str(refusal)}
    except MemoryError:
        answer = {"refused": "too_heavy"}
    except Exception:
        # Pillow's readers raise whatever a broken file makes them stumble over.
        answer = {"refused": "unreadable"}
    sys.stdout.write(json.dumps(answer))


def encode(source: Path, folder: Path, *, effort: int = 4) -> dict[str, Any]:
    """Write the photo in all widths; return what was written, widest last.

    `effort` is libwebp's, 0 (quick) to 6 (small). The same photo gives the same files.
    Raises Refused, and whatever a broken file makes Pillow raise.
    """
    photo = _shrunk(_flat(_shrunk(_read(source))))
    widths = [width for width in WIDTHS if width < photo.width]
    copies = [_write(_narrowed(photo, width), folder, effort) for width in widths]
    return {
        "placeholder": _average(photo),
        "copies": [*copies, _write(photo, folder, effort)],
    }


def _read(source: Path) -> Image.Image:
    """Return a photo that keeps the rules, not yet decoded."""
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            photo = Image.open(source, formats=FORMATS)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError):
            raise Refused("too_many_pixels") from None
    if max(photo.size) > MAX_SIDE_PIXELS or photo.width * photo.height > MAX_PIXELS:
        raise Refused("too_many_pixels")
    # A phone's JPEG may carry a second picture; its first is the photo.
    if photo.format in ("PNG", "WEBP") and getattr(photo, "is_animated", False):
        raise Refused("animated")
    return photo


def _shrunk(photo: Image.Image) -> Image.Image:
    """Return the photo decoded, and no larger than the widest copy, if it can be now.

    As early as possible, since what follows takes memory by the pixel; libjpeg reads a
    large one smaller at once. All of the file is read in any case.
    """
    if photo.mode in ("L", "RGB", "RGBA", "CMYK"):
        photo.thumbnail((LONGEST_SIDE_PIXELS,) * 2, Image.Resampling.LANCZOS)
    photo.load()
    return photo


def _flat(photo: Image.Image) -> Image.Image:
    """Return the photo upright, in sRGB, on white, without anything but its pixels."""
    upright = ImageOps.exif_transpose(photo)
    if upright.mode.startswith(("I", "F")):
        upright = _eight_bits(upright)
    is_transparent = upright.has_transparency_data
    standard = _standard_colors(upright, "RGBA" if is_transparent else "RGB")
    flat = Image.new("RGB", standard.size, "white")
    flat.paste(standard, mask=standard.getchannel("A") if is_transparent else None)
    return flat


def _eight_bits(photo: Image.Image) -> Image.Image:
    """Return a photo of 16 bits for each pixel with 8; Pillow's convert cuts off."""
    return photo.convert("F").point(lambda value: value * (1 / 257) + 0).convert("L")


def _standard_colors(photo: Image.Image, mode: str) -> Image.Image:
    """Return the photo in sRGB, from the color space that it names, if any.

    A profile that cannot be read is ignored, as browsers do.
    """
    profile = photo.info.get("icc_profile")
    if profile and photo.mode in ("RGB", "CMYK"):
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError):
            named = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            standard = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(
                photo, named, standard, outputMode="RGB"
            )
            if converted is not None:
                return converted.convert(mode)
    return photo.convert(mode)


def _narrowed(photo: Image.Image, width: int) -> Image.Image:
    height = max(1, round(photo.height * width / photo.width))
    return photo.resize((width, height), Image.Resampling.LANCZOS)


def _write(photo: Image.Image, folder: Path, effort: int) -> dict[str, Any]:
    path = folder / f"{photo.width}.webp"
    photo.save(path, "WEBP", quality=QUALITY, method=effort)
    return {"path": path.name, "width": photo.width, "height": photo.height}


def _average(photo: Image.Image) -> str:
    """Return the photo's average color, to be shown until it is there."""
    pixel = photo.resize((1, 1), Image.Resampling.BOX).tobytes()
    return f"#{pixel.hex()}"


def _limit() -> None:
    """Bound what this process takes, and be the first to go where memory is short."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    limits = {
        resource.RLIMIT_AS: MEMORY_BYTES,
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_FSIZE: FILE_BYTES,
        resource.RLIMIT_CORE: 0,
    }
    for limit, value in limits.items():
        # macOS does not know every one.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, (value, value))


if __name__ == "__main__":
    main()
