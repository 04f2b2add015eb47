"""What a picture's first bytes say it is; a URL's ending and a Content-Type may lie."""

from __future__ import annotations

import re

_PREFIXES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),  # BigTIFF
    (b"MM\x00+", "tiff"),
    (b"\xff\x0a", "jxl"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "jxl"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "jp2"),
    (b"\xff\x4f\xff\x51", "jp2"),
)
# What comes in a picture's place, by its first bytes in lower case.
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"%pdf", "a PDF document"),
    (b"%!ps", "a PostScript drawing"),
    (b"<?xml", "an XML document"),
    (b"{", "JSON"),
    (b"\x1aE\xdf\xa3".lower(), "a film (WebM or Matroska)"),
    (b"pk\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "gzip"),
)
_AVIF = frozenset({b"avif", b"avis"})
_HEIC = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"})
_BMP_HEADERS = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
# Possessive: what stands before the root is read once, however many comments it is.
_SVG = re.compile(
    rb"(?>\s|<\?xml[^>]*\?>|<!--.*?-->|<!DOCTYPE\s+svg[^>\[]*(?:\[.*?\]\s*)?>)*+<svg[\s>/:]",
    re.IGNORECASE | re.DOTALL,
)


def sniff(data: bytes) -> str | None:
    """The extension that the bytes deserve (`jpg`, `png`, …), or None if they are no picture.

    Known: jpg, png, gif, webp, avif, heic, bmp, tiff, ico, jxl, jp2, svg. An HTML page is no
    picture, whatever it is called and even when it holds an inline `<svg>`.
    """
    for prefix, extension in _PREFIXES:
        if data.startswith(prefix):
            return extension
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp":
        return _iso_brand(data)
    if data[:2] == b"BM" and int.from_bytes(data[14:18], "little") in _BMP_HEADERS:
        return "bmp"
    if _is_icon(data):
        return "ico"
    return "svg" if _is_svg(data) else None


def describe(data: bytes) -> str:
    """What bytes that are no picture are, in a few words for a person."""
    head = data[:1024].lstrip().removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for prefix, what in _OTHERS:
        if head.startswith(prefix):
            return what
    if data[4:8] == b"ftyp":
        return "a film (MP4 or its kin)"
    if sniff(data) is not None:
        return "a picture of a pixel"  # described only where it is refused
    return "a web page" if b"<html" in head else "no picture"


def _iso_brand(data: bytes) -> str | None:
    """AVIF before HEIC: both may name the generic brand `mif1` beside their own."""
    size = min(int.from_bytes(data[:4], "big"), 256)
    brands = {data[8:12], *(data[at : at + 4] for at in range(16, size, 4))}
    if brands & _AVIF:
        return "avif"
    return "heic" if brands & _HEIC else None


def _is_icon(data: bytes) -> bool:
    """An ICO directory: at least one entry, its reserved byte zero and its size not."""
    return (
        data[:4] == b"\x00\x00\x01\x00"
        and len(data) >= 22
        and data[4:6] != b"\x00\x00"
        and data[9] == 0
        and data[14:18] != b"\x00\x00\x00\x00"
    )


def _is_svg(data: bytes) -> bool:
    head = data[:4096]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "replace").encode()
    return _SVG.match(head.removeprefix(b"\xef\xbb\xbf")) is not None
