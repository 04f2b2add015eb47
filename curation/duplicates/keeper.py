"""Which of several copies is the best: a total order, so that file order never matters."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..images.facts import Facts

# Copies of the same size: formats that keep every pixel, then the good lossy ones; a palette
# (GIF) has thrown colours away whatever its size.
FORMAT_RANK = (
    dict.fromkeys(("png", "tiff", "bmp", "ppm", "psd"), 0)
    | dict.fromkeys(("jpeg", "webp", "avif", "heif", "jpeg2000"), 1)
    | dict.fromkeys(("ico", "dds"), 2)
    | {"gif": 3}
)

# WebP, AVIF and HEIF do not say how much they threw away, and most of them on the web were made
# from a JPEG. So they count like a poor JPEG: behind any that could be their source, before one
# that is visibly spoilt.
UNKNOWN_QUALITY = 60


def rank(facts: Facts) -> tuple[int | str, ...]:
    """A key that sorts the best copy first.

    Palette pictures last; then pixels without borders (in steps of a tenth, so that a resave a
    pixel smaller is no loss), colour over gray, format, JPEG quality, bytes, and the digest.
    """
    width, height = facts.trimmed
    quality = facts.jpeg_quality if facts.jpeg_quality is not None else UNKNOWN_QUALITY
    return (
        1 if facts.format == "gif" or facts.mode in {"P", "1"} else 0,
        -_steps(width * height),
        1 if facts.gray else 0,
        FORMAT_RANK.get(facts.format, 2),
        -quality,
        -(width * height),
        -facts.bytes,
        facts.sha256,
    )


def _steps(area: int) -> int:
    """The number of times 1.1 goes into `area`: sizes within a tenth count as equal."""
    steps, size = 0, 1.0
    while size * 1.1 <= area:
        size *= 1.1
        steps += 1
    return steps
