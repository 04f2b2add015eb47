"""What a file's first bytes say it is, and why no decoder takes it.

The wings never import each other, so this table stands beside `scraper.fetch.formats`, which
names what came from the web; a test holds the two together. Here are, besides, the formats
that only files on a disk have, and what tells a file cut short from one that is broken.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Container

HEAD: Final = 1024  # bytes that are enough to know a format
CAMERA_RAW: Final = "a camera's raw picture"

_PREFIXES: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0", "tiff"),  # BigTIFF
    (b"MM\0+", "tiff"),
    (b"\xff\x0a", "jxl"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "jxl"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "jp2"),
    (b"\xff\x4f\xff\x51", "jp2"),
    (b"8BPS", "psd"),
    (b"DDS ", "dds"),
)
_AVIF: Final = frozenset({b"avif", b"avis"})
_HEIC: Final = frozenset(
    [*(b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis"), *(b"mif1", b"msf1")]
)
_BMP_HEADERS: Final = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
_SVG: Final = re.compile(
    rb"(?:\s|<\?xml[^>]*\?>|<!--.*?-->|<!DOCTYPE\s+svg[^>\[]*(?:\[.*?\]\s*)?>)*<svg[\s>/:]",
    re.IGNORECASE | re.DOTALL,
)
# What they are called by Pillow, and by people.
_PILLOW: Final = {"jp2": "JPEG2000", "heic": "HEIF"}
_CONVERTED: Final = frozenset({"heic", "jxl"})  # photographs, of phones above all
_CALLED: Final = {"jxl": "JPEG XL", "jp2": "JPEG 2000", "svg": "a vector drawing (SVG)"}
_OTHERS: Final[tuple[tuple[bytes | tuple[bytes, ...], str, str], ...]] = (
    (b"%!ps", "unsupported", "a PostScript drawing"),
    (b"%pdf", "unsupported", "a PDF document"),
    (b"qoif", "unsupported", "a QOI picture"),
    (b"icns", "unsupported", "an icon of macOS (ICNS)"),
    (b"v/1\x01", "unsupported", "an OpenEXR picture"),
    (b"#?radiance", "unsupported", "a Radiance picture (HDR)"),
    (b"fujifilmccd-raw", "unsupported", CAMERA_RAW),
    ((b"iiu\0", b"iiro", b"iirs", b"mmor"), "unsupported", CAMERA_RAW),
    ((b"\x8bjng", b"\x8amng"), "unsupported", "a picture of PNG's kin (JNG, MNG)"),
    (b"at&tform", "unsupported", "a DjVu document"),
    (b"/* xpm */", "unsupported", "an XPM picture"),
    (b"<?xml", "unsupported", "an XML document, perhaps a vector drawing"),
    (b"<!doctype html", "not-an-image", "a web page"),
    (b"<html", "not-an-image", "a web page"),
    (b"\x1ae\xdf\xa3", "not-an-image", "a film (WebM or Matroska)"),
)


def format_of(data: bytes) -> str | None:
    """The format that bytes begin as, or None; the first `HEAD` bytes are enough.

    Known: jpeg, png, gif, webp, avif, heic, bmp, tiff, ico, jxl, jp2, psd, dds, svg.
    """
    for prefix, name in _PREFIXES:
        if data.startswith(prefix):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp":
        size = min(int.from_bytes(data[:4], "big"), 256)
        brands = {data[8:12], *(data[at : at + 4] for at in range(16, size, 4))}
        # AVIF before HEIC: both may name the generic brand `mif1` beside their own.
        return "avif" if brands & _AVIF else "heic" if brands & _HEIC else None
    # "BM" alone begins many a text.
    if data[:2] == b"BM" and int.from_bytes(data[14:18], "little") in _BMP_HEADERS:
        return "bmp"
    if data[:4] == b"\0\0\1\0" and data[4:6] != b"\0\0" and len(data) >= 22 and data[9] == 0:
        return "ico"
    return "svg" if _SVG.match(data[:HEAD].removeprefix(b"\xef\xbb\xbf")) else None


def ends_early(data: bytes) -> bool:
    """Whether a WebP, AVIF or HEIC has fewer bytes than its own header announces."""
    if data[:4] == b"RIFF":
        return len(data) < int.from_bytes(data[4:8], "little") + 8
    if data[4:8] != b"ftyp":
        return False
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        if size < 8:  # 0: to the end of the file
            return False
        at += size
    return at != len(data)


def refusal(data: bytes, decoders: Container[str]) -> tuple[str, str]:
    """Why none of the `decoders` (Pillow's names) takes bytes, and a sentence's end on it."""
    name = format_of(data)
    if name is None:
        return _no_format(data)
    called = _CALLED.get(name, name.upper())
    if _PILLOW.get(name, name.upper()) not in decoders:
        way = ": convert it to JPEG first" if name in _CONVERTED else ""
        return "unsupported", f"{called}, for which there is no decoder here{way}"
    if ends_early(data):
        return "truncated", f"{called} that ends before its header says"
    return "corrupt", f"it begins as {called} and goes on as nothing that can be read"


def _no_format(data: bytes) -> tuple[str, str]:
    if data[4:12] == b"ftypcrx ":
        return "unsupported", CAMERA_RAW
    if data[4:8] == b"ftyp":
        return "not-an-image", "a film (MP4 or its kin)"
    head = data[:HEAD].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for prefix, why, what in _OTHERS:
        if head.startswith(prefix):
            return why, what
    if data.startswith((b"GIF8", b"BM")):
        return "corrupt", "it begins as a picture and goes on as nothing that can be read"
    return "not-an-image", "the bytes begin as no picture format"
