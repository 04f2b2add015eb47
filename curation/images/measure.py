"""One look at one picture: everything that later decisions need, measured in one decode.

Every measurement has a name and a version (`versions`). Facts that were measured before lack what
was added or changed since (`missing`); `look` measures that, and only that, where it is given them.
"""

from __future__ import annotations

import hashlib
import io
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from . import borders, decode
from .facts import Facts, versions_of, versions_text
from .hashes import FINGERPRINTS
from .quality import CHECKS
from .sample import Sample
from .trainable import trainable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

THUMB_QUALITY: Final = 92
# What is neither a fingerprint nor a score. A change of the decoder changes everything.
_PARTS: Final = {"decoder": decode.VERSION, "thumb": 1, "trimmed": borders.VERSION}
DECODER: Final = "decoder"


def versions() -> dict[str, int]:
    """Today's measurements and their versions: `decoder`, `fingerprint/phash`, `check/blank` …"""
    return {
        **_PARTS,
        **{f"fingerprint/{kind}": one.version for kind, one in FINGERPRINTS.items()},
        **{f"check/{one.name}": one.version for one in CHECKS.values() if one.score is not None},
    }


def missing(measured: Mapping[str, int]) -> frozenset[str]:
    """The measurements that `measured` (`Facts.versions`) lacks, or has by an older version."""
    return _missing(versions(), measured)


def _missing(current: Mapping[str, int], measured: Mapping[str, int]) -> frozenset[str]:
    older = {name for name, version in current.items() if measured.get(name, 0) < version}
    return frozenset(current) if DECODER in older else frozenset(older)


def look(data: bytes, known: Facts | None = None) -> Facts:
    """Measure one picture from its bytes, decoding it once and no larger than needed.

    With `known`, what was measured of the same bytes before, only what that lacks is measured.
    Raises Unreadable(why, detail) when there is no whole picture in them. What a hostile file may
    do to the process itself is contained by `look_all`, not here.
    """
    current = versions()
    wanted = _missing(current, known.versions if known else {})
    if known is not None and not wanted:
        return known
    decoded = decode.decode(data)
    sample = Sample(decoded, data)
    left, top, right, bottom = sample.content
    old = known if known is not None and DECODER not in wanted else None
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
        gray=old.gray if old else _is_gray(sample),
        jpeg_quality=jpeg_quality(decoded.jpeg_tables),
        trimmed=(
            max(1, round((right - left) * decoded.width)),
            max(1, round((bottom - top) * decoded.height)),
        ),
        fingerprints=_fingerprints(sample, wanted, old.fingerprints if old else {}),
        scores=_scores(sample, wanted, old.scores if old else {}),
        thumb=old.thumb if old and "thumb" not in wanted else _encoded(sample),
        versions=_shared(tuple(current.items())),
        trainable=trainable(data, sample.markers, decoded.orientation),
    )


@lru_cache(maxsize=8)
def _shared(versions: tuple[tuple[str, int], ...]) -> Mapping[str, int]:
    """One mapping for all facts that were measured by the same versions."""
    return versions_of(versions_text(dict(versions)))


def _fingerprints(
    sample: Sample, wanted: Collection[str], known: Mapping[str, int]
) -> dict[str, int]:
    made = {
        kind: one.bits(sample) if f"fingerprint/{kind}" in wanted else known.get(kind)
        for kind, one in FINGERPRINTS.items()
    }
    return {kind: bits for kind, bits in made.items() if bits is not None}


def _scores(
    sample: Sample, wanted: Collection[str], known: Mapping[str, float]
) -> dict[str, float]:
    made: dict[str, float] = {}
    for check in CHECKS.values():
        if check.score is not None and f"check/{check.name}" in wanted:
            made[check.name] = check.score(sample)
        elif check.name in known:
            made[check.name] = known[check.name]
    return made


def _encoded(sample: Sample) -> bytes:
    # Not simplejpeg's, which is quicker: its pixels differ by a level here and there from those
    # that pairs were judged by before.
    out = io.BytesIO()
    sample.thumb.save(out, "JPEG", quality=THUMB_QUALITY, subsampling=0)
    return out.getvalue()


def _is_gray(sample: Sample) -> bool:
    """Whether red, green and blue agree within what JPEG's rounding leaves."""
    flat = sample.thumb_pixels.reshape(-1)
    red, green, blue = (flat[band::3].astype(np.int16) for band in range(3))
    apart = np.maximum(np.abs(red - green), np.abs(green - blue))
    return bool(np.count_nonzero(apart > 5) * 200 <= apart.size)


# The luminance table of the JPEG standard (Annex K), as libjpeg scales it by quality.
_STANDARD: Final = (
    *(16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55),
    *(14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62),
    *(18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92),
    *(49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99),
)


def jpeg_quality(tables: tuple[tuple[int, ...], ...]) -> int | None:
    """libjpeg's quality (1-100) nearest to the luminance table; None when there is no table.

    Only the table's sum is used: cameras have tables of their own, and the order of the entries
    (zigzag or rows) does not matter to a sum.
    """
    if not tables or len(tables[0]) != 64:
        return None
    return int(np.abs(_sums_by_quality() - sum(tables[0])).argmin()) + 1


@cache
def _sums_by_quality() -> NDArray[np.int64]:
    quality = np.arange(1, 101)
    scale = np.where(quality < 50, 5000 // quality, 200 - 2 * quality)
    steps = np.clip((np.array(_STANDARD)[None, :] * scale[:, None] + 50) // 100, 1, 255)
    sums: NDArray[np.int64] = steps.sum(axis=1)
    return sums
