"""One look at one picture: everything that later judgement needs, measured in one decode."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from .decode import Decoded, decode
from .hashes import WHOLE, crop_windows, phash_and_dhash, window_hashes
from .quality import measure

if TYPE_CHECKING:
    import builtins
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from .hashes import Window

THUMB_SIDE = 64
THUMB_QUALITY = 92


@dataclass(frozen=True, slots=True)
class Facts:
    """What the decoder measured of one picture; plain, picklable, comparable.

    Sizes are pixels after EXIF orientation. `fingerprints` maps a kind ("phash", "dhash",
    "phash_trim", "phash_crop05", "phash_square" …) to 64 bits; kinds that do not apply are left
    out. `scores` maps a check to its score. `thumb` is the whole picture squeezed to 64 x 64
    pixels, a JPEG of quality 92 without chroma subsampling; `pixels()` in verify.py opens it.
    """

    sha256: str
    bytes: int
    format: str
    width: int
    height: int
    mode: str
    orientation: int
    frames: int
    has_alpha: bool
    gray: bool
    jpeg_quality: int | None
    trimmed: tuple[int, int]
    fingerprints: Mapping[str, int]
    scores: Mapping[str, float]
    thumb: builtins.bytes


def look(data: bytes) -> Facts:
    """Measure one picture from its bytes, decoding it once and no larger than needed.

    Raises Unreadable(why, detail) when there is no whole picture in them.
    """
    return _measure(decode(data), data)


def _measure(decoded: Decoded, data: bytes) -> Facts:
    picture = decoded.picture
    gray = picture.convert("L")
    luma = np.asarray(gray)
    trim = content_window(luma)
    small = picture.resize((THUMB_SIDE, THUMB_SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
    whole, steps = phash_and_dhash(gray)
    windows = crop_windows(trim, *picture.size)
    if trim != WHOLE:
        windows["phash_trim"] = trim
    small_gray = np.asarray(small.convert("L"), dtype=np.float64)
    return Facts(
        sha256=hashlib.sha256(data).hexdigest(),
        bytes=len(data),
        format=decoded.format,
        width=decoded.width,
        height=decoded.height,
        mode=decoded.mode,
        orientation=decoded.orientation,
        frames=decoded.frames,
        has_alpha=decoded.has_alpha,
        gray=_is_gray(np.asarray(small)),
        jpeg_quality=jpeg_quality(decoded.jpeg_tables),
        trimmed=(
            max(1, round((trim[2] - trim[0]) * decoded.width)),
            max(1, round((trim[3] - trim[1]) * decoded.height)),
        ),
        fingerprints={"phash": whole, "dhash": steps, **window_hashes(small_gray, windows)},
        scores=measure(
            np.asarray(picture),
            width=decoded.width,
            height=decoded.height,
            frames=decoded.frames,
            luma=luma,
        ),
        thumb=_encoded(small),
    )


def _encoded(small: Image.Image) -> bytes:
    out = io.BytesIO()
    small.save(out, "JPEG", quality=THUMB_QUALITY, subsampling=0)
    return out.getvalue()


def _is_gray(small: NDArray[np.uint8]) -> bool:
    """Whether red, green and blue agree within what JPEG's rounding leaves."""
    red, green, blue = (small[..., band].astype(np.int16) for band in range(3))
    apart = np.maximum(np.abs(red - green), np.abs(green - blue))
    return bool(np.count_nonzero(apart > 5) * 200 <= apart.size)


FLAT = 14  # how far the luma of one border line may range (JPEG rings near the content)
SAME = 10  # how far a border line may be from the edge's own luma
LEAST = 0.3  # a window narrower than this is no border's content but an empty picture's speck


def content_window(luma: NDArray[np.uint8]) -> Window:
    """The window, in fractions, left when lines of one colour are cut off at the edges."""
    height, width = luma.shape
    top, bottom = _run(luma)
    left, right = _run(luma[top:bottom].T)
    if (left, right) != (0, width) and (top, bottom) == (0, height):
        # rows that run through a side border are not flat until it is gone
        top, bottom = _run(luma[:, left:right])
    if right - left < LEAST * width or bottom - top < LEAST * height:
        return WHOLE
    return left / width, top / height, right / width, bottom / height


def _run(lines: NDArray[np.uint8]) -> tuple[int, int]:
    """First and last + 1 line that belong to the content."""
    count = len(lines)
    if not (_flat(lines[0]) or _flat(lines[-1])):
        return 0, count
    low, high = lines.min(axis=1).astype(np.int16), lines.max(axis=1).astype(np.int16)
    start = _length(low, high)
    if start == count:
        return 0, count
    return start, count - _length(low[::-1], high[::-1])


def _flat(line: NDArray[np.uint8]) -> bool:
    return int(line.max()) - int(line.min()) <= FLAT


def _length(low: NDArray[np.int16], high: NDArray[np.int16]) -> int:
    """How many lines from the first on are flat and of the first one's colour."""
    first = (int(low[0]) + int(high[0])) / 2
    flat = (high - low <= FLAT) & (np.abs((low + high) / 2 - first) <= SAME)
    return len(flat) if flat.all() else int(np.argmin(flat))


# The luminance table of the JPEG standard (Annex K), as libjpeg scales it by quality.
_STANDARD = np.array(
    [
        *(16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55),
        *(14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62),
        *(18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92),
        *(49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99),
    ]
)


def jpeg_quality(tables: tuple[tuple[int, ...], ...]) -> int | None:
    """libjpeg's quality (1-100) nearest to the luminance table; None when there is no table.

    Only the table's sum is used: cameras have tables of their own, and the order of the entries
    (zigzag or rows) does not matter to a sum.
    """
    if not tables or len(tables[0]) != 64:
        return None
    total = sum(tables[0])
    return int(np.abs(_sums_by_quality() - total).argmin()) + 1


def _sums_by_quality() -> NDArray[np.int64]:
    global _SUMS  # noqa: PLW0603 - computed once, on the first JPEG
    if _SUMS is None:
        quality = np.arange(1, 101)
        scale = np.where(quality < 50, 5000 // quality, 200 - 2 * quality)
        steps = np.clip((_STANDARD[None, :] * scale[:, None] + 50) // 100, 1, 255)
        _SUMS = steps.sum(axis=1)
    return _SUMS


_SUMS: NDArray[np.int64] | None = None
