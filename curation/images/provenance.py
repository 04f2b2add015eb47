"""What a file says of its own making: pictures that a model has made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .png import SIGNATURE, without_pixels

if TYPE_CHECKING:
    from .sample import Sample

# IPTC's digital source types, in XMP as in the claims of a C2PA manifest (plain text in both);
# https://cv.iptc.org/newscodes/digitalsourcetype/. The longer word holds the shorter one's end.
_MADE: Final = b"digitalsourcetype/trainedAlgorithmicMedia"
_PARTLY: Final = b"digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
# A C2PA manifest's box (JUMBF) names itself; by itself it says who signed, not that a model drew.
_JUMBF, _C2PA = b"jumb", b"c2pa"


def ai_made(sample: Sample) -> float:
    """1 where the file's metadata say that a model made it, 0.75 a part of it, 0.25 only signed.

    Nothing is guessed from pixels: a file whose metadata were removed scores 0.
    """
    data = _beside_pixels(sample)
    if _MADE in data or _settings(data):
        return 1.0
    if _PARTLY in data:
        return 0.75
    return 0.25 if _C2PA in data and _JUMBF in data else 0.0


def _beside_pixels(sample: Sample) -> bytes:
    """The file without the pixels of a JPEG or PNG: what says nothing need not be searched."""
    data, read = sample.data, sample.markers
    if read is not None and all(start < read.scan for start, _ in read.foreign):
        return data[: read.scan] + data[read.end :]
    return without_pixels(data) if data.startswith(SIGNATURE) else data


def _settings(data: bytes) -> bool:
    """Whether a PNG carries the settings that a diffusion program drew it by."""
    if not data.startswith(SIGNATURE):
        return False
    at = data.find(b"tEXtparameters\x00")
    return (
        at > 0 and b"Steps: " in data[at : at + 20_000] and b"Sampler: " in data[at : at + 20_000]
    )
