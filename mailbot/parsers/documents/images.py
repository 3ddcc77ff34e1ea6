"""Pictures -> grey pages that a text recogniser can read. The only module that knows Pillow. Pure.

Owns the bounds of a picture (pixels, frames) and its look: upright, grey, about 300 dots an inch of an A4 page. The
result is a PGM file (a head and plain grey bytes): the recogniser gets nothing that came from outside as it came.
Raises `Never` (French) for a picture that cannot be read. Known limits: HEIC is not read.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator

from PIL import Image, ImageFile, ImageOps

from mailbot.errors import Never

MAX_PIXELS = 64_000_000
MAX_PAGES = 5
_LONGEST = 3508  # the longer side of A4 at 300 dots an inch
_SHORT = 1600  # below this a page is enlarged: letters of less than 20 pixels are not recognised
_SMALL = 300  # a side below this is a logo or a signature, no document
_FORMATS = ("PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP")
_STARTS = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
)
#: What Pillow lets out for a broken picture.
BROKEN = (
    *(
        OSError,
        SyntaxError,
        ValueError,
        TypeError,
        LookupError,
        ArithmeticError,
        AttributeError,
        EOFError,
        RuntimeError,
    ),
    *(struct.error, zlib.error, Image.DecompressionBombError, Image.DecompressionBombWarning),
)

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
ImageFile.LOAD_TRUNCATED_IMAGES = False


def kind(raw: bytes) -> str:
    """The format of a picture by its content ("HEIC" is told, not read); "" for none."""
    if raw[:4] == b"RIFF" and raw[8:12] == b"WEBP":
        return "WEBP"
    if raw[4:8] == b"ftyp" and raw[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"hevc"):
        return "HEIC"
    if raw.startswith(b"BM") and raw[6:10] != b"\0\0\0\0":
        return ""  # a text may begin with these two letters; a bitmap has four zeros here
    return next((name for start, name in _STARTS if raw.startswith(start)), "")


def pages(raw: bytes) -> tuple[bytes, ...]:
    """The pages of a picture file; none for a picture too small to be a document."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        warnings.filterwarnings("ignore", category=UserWarning, module="PIL")
        try:
            with Image.open(io.BytesIO(raw), formats=_FORMATS) as image:
                return tuple(page(frame) for frame in _frames(image))
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise Never(_too_large()) from None
        except BROKEN:
            raise Never("image illisible") from None


def page(image: Image.Image, turned: int = 0) -> bytes:
    """One page as PGM. `turned` are degrees clockwise. Raises what Pillow raises (`BROKEN`)."""
    if image.width * image.height > MAX_PIXELS:
        raise Image.DecompressionBombError
    image = image.convert("RGBA") if "transparency" in image.info else image
    if image.mode in ("RGBA", "LA", "PA"):
        ground = Image.new("RGBA", image.size, "white")
        ground.alpha_composite(image.convert("RGBA"))
        image = ground
    image = image.convert("L")
    longest = max(image.size)
    if longest > _LONGEST:
        image.thumbnail((_LONGEST, _LONGEST))
    elif longest < _SHORT:
        image = image.resize((2 * image.width, 2 * image.height), Image.Resampling.LANCZOS)
    if turned % 360:
        image = image.rotate(-turned, expand=True)
    return b"P5 %d %d 255\n" % image.size + image.tobytes()


def large_enough(width: int, height: int) -> bool:
    """May a picture of this size be a document, not a logo?"""
    return min(width, height) >= _SMALL


def _frames(image: Image.Image) -> Iterator[Image.Image]:
    for number in range(min(getattr(image, "n_frames", 1), MAX_PAGES)):
        if number:
            image.seek(number)
        if image.width * image.height > MAX_PIXELS:
            raise Image.DecompressionBombError
        if not large_enough(image.width, image.height):
            return
        if image.format == "GIF" and number:
            return  # a GIF that moves is no document of several pages
        image.draft("L", (_LONGEST, _LONGEST))
        yield ImageOps.exif_transpose(image)


def _too_large() -> str:
    return f"image de plus de {MAX_PIXELS // 1_000_000} millions de points"
