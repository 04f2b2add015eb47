"""One look at one picture: everything that later decisions need, measured in one decode.

Every measurement has a name and a version (`versions`). Facts that were measured before lack what
was added or changed since (`missing`); `look` measures that, and only that, where it is given them.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
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
    from collections.abc import Mapping, Sequence

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
    begun = begin(data, known)
    return begun if isinstance(begun, Facts) else finish([begun])[0]


@dataclass(frozen=True, slots=True)
class Begun:
    """A picture that is decoded, and what of it is `wanted`; `old` are facts that stay true."""

    sample: Sample
    wanted: frozenset[str]
    old: Facts | None

    @property
    def held(self) -> int:
        """About the bytes that it holds until it is finished: the file's and the pixels'."""
        width, height = self.sample.decoded.picture.size
        return len(self.sample.data) + 6 * width * height


def begin(data: bytes, known: Facts | None = None) -> Begun | Facts:
    """Decode a picture for `finish`; `known` where that lacks nothing. Raises as `look` does.

    Facts of other bytes count as none: a file may be replaced after its digest was asked for.
    """
    wanted = _missing(versions(), known.versions if known else {})
    if known is not None and not wanted:
        return known
    if known is not None and known.sha256 != hashlib.sha256(data).hexdigest():
        known, wanted = None, _missing(versions(), {})
    old = known if DECODER not in wanted else None
    return Begun(Sample(decode.decode(data), data), wanted, old)


def finish(several: Sequence[Begun]) -> list[Facts]:
    """The facts of pictures that were begun: one measurement of all, then the next one.

    So each measurement's code runs while the processor still has it at hand: of sixteen pictures
    each takes a seventh less than alone.
    """
    current = _shared(tuple(versions().items()))
    digests = [hashlib.sha256(one.sample.data).hexdigest() for one in several]
    trimmed = [_trimmed(one.sample) for one in several]
    grays = [one.old.gray if one.old else _is_gray(one.sample) for one in several]
    fingerprints = _fingerprints(several)
    scores = _scores(several)
    thumbs = [
        one.old.thumb if one.old and "thumb" not in one.wanted else _encoded(one.sample)
        for one in several
    ]
    found = []
    for place, one in enumerate(several):
        decoded, data = one.sample.decoded, one.sample.data
        found.append(
            Facts(
                sha256=digests[place],
                bytes=len(data),
                format=decoded.format,
                width=decoded.width,
                height=decoded.height,
                mode=decoded.mode,
                orientation=decoded.orientation,
                frames=decoded.frames,
                has_alpha=decoded.has_alpha,
                gray=grays[place],
                jpeg_quality=jpeg_quality(decoded.jpeg_tables),
                trimmed=trimmed[place],
                fingerprints=fingerprints[place],
                scores=scores[place],
                thumb=thumbs[place],
                versions=current,
                trainable=trainable(data, one.sample.markers, decoded.orientation),
            )
        )
    return found


def _trimmed(sample: Sample) -> tuple[int, int]:
    left, top, right, bottom = sample.content
    decoded = sample.decoded
    return (
        max(1, round((right - left) * decoded.width)),
        max(1, round((bottom - top) * decoded.height)),
    )


@lru_cache(maxsize=8)
def _shared(versions: tuple[tuple[str, int], ...]) -> Mapping[str, int]:
    """One mapping for all facts that were measured by the same versions."""
    return versions_of(versions_text(dict(versions)))


def _fingerprints(several: Sequence[Begun]) -> list[dict[str, int]]:
    made: list[dict[str, int]] = [{} for _ in several]
    for kind, fingerprint in FINGERPRINTS.items():
        name = f"fingerprint/{kind}"
        for one, found in zip(several, made, strict=True):
            if name in one.wanted:
                bits = fingerprint.bits(one.sample)
            else:
                bits = one.old.fingerprints.get(kind) if one.old else None
            if bits is not None:
                found[kind] = bits
    return made


def _scores(several: Sequence[Begun]) -> list[dict[str, float]]:
    made: list[dict[str, float]] = [{} for _ in several]
    for check in CHECKS.values():
        name = f"check/{check.name}"
        for one, found in zip(several, made, strict=True):
            if check.score is not None and name in one.wanted:
                found[check.name] = check.score(one.sample)
            elif one.old and check.name in one.old.scores:
                found[check.name] = one.old.scores[check.name]
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
    # Neighbours along the bytes: red and green, green and blue, and blue with the next red.
    apart = np.maximum(flat[1:], flat[:-1]) - np.minimum(flat[1:], flat[:-1]) > 5
    coloured = np.count_nonzero(apart[0::3] | apart[1::3])
    return bool(coloured * 200 <= flat.size // 3)


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
