"""What was measured of one picture, as a value, and as one JSON object in a cache file.

Every measurement has a version, and facts say by which versions they were measured, so that what is
new or changed can be measured on pictures that were looked at before, and only that (`measure.py`).
"""

from __future__ import annotations

import base64
import binascii
import builtins  # noqa: TC003 (msgspec reads annotations as it runs)
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ..errors import CurationError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Facts:
    """What the decoder measured of one picture; plain, picklable, comparable.

    Sizes are pixels after EXIF orientation. `fingerprints` maps a kind ("phash", "dhash",
    "phash_trim", "phash_crop05", "phash_square" …) to 64 bits; kinds that do not apply are left
    out. `scores` maps a check to its score. `thumb` is the whole picture squeezed to 64 x 64
    pixels, a JPEG of quality 92 without chroma subsampling. `versions` maps each measurement to the
    version it was made by (empty: by 0.1.0, which kept none); `trainable` tells what the file needs
    before training (`trainable.py`; None also where that was not asked yet). Facts that differ only
    in these two are equal.
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
    versions: Mapping[str, int] = field(default_factory=dict, compare=False)
    trainable: str | None = field(default=None, compare=False)


_PLAIN: Final = (
    *("sha256", "bytes", "format", "width", "height", "mode", "orientation", "frames"),
    *("has_alpha", "gray", "jpeg_quality"),
)


def to_record(facts: Facts) -> dict[str, Any]:
    """`facts` as JSON values: hashes as 16 hex digits (JSON numbers stop at 2^53), thumb base64."""
    record: dict[str, Any] = {name: getattr(facts, name) for name in _PLAIN}
    record["trimmed"] = list(facts.trimmed)
    record["fingerprints"] = {kind: f"{bits:016x}" for kind, bits in facts.fingerprints.items()}
    record["scores"] = dict(facts.scores)
    record["thumb"] = base64.b64encode(facts.thumb).decode("ascii")
    record["versions"] = versions_text(facts.versions)
    record["trainable"] = facts.trainable
    return record


def from_record(record: Mapping[str, Any]) -> Facts:
    """The Facts that `to_record` wrote; raises CurationError when a field is missing or odd.

    A record of 0.1.0 has no `versions`: all of it counts as measured by an older version.
    """
    try:
        width, height = record["trimmed"]
        return Facts(
            **{name: record[name] for name in _PLAIN},
            trimmed=(int(width), int(height)),
            fingerprints={kind: int(bits, 16) for kind, bits in record["fingerprints"].items()},
            scores={check: float(score) for check, score in record["scores"].items()},
            thumb=base64.b64decode(record["thumb"], validate=True),
            versions=versions_of(str(record.get("versions", ""))),
            trainable=record.get("trainable"),
        )
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise CurationError(f"this record holds no facts of a picture: {error!r}") from error


class FactsRecord(msgspec.Struct, gc=False):
    """A record as `to_record` writes it, for msgspec to read: a third of `from_record`'s time.

    Names and types are the record's own; what has others (an older version's, one that was edited)
    is `from_record`'s to read.
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
    fingerprints: dict[str, str]
    scores: dict[str, float]
    thumb: builtins.bytes
    versions: str = ""
    trainable: str | None = None

    def facts(self) -> Facts:
        """The Facts that this is the record of; raises ValueError for odd text in it."""
        return Facts(
            *(self.sha256, self.bytes, self.format, self.width, self.height, self.mode),
            *(self.orientation, self.frames, self.has_alpha, self.gray, self.jpeg_quality),
            trimmed=self.trimmed,
            fingerprints={kind: int(bits, 16) for kind, bits in self.fingerprints.items()},
            scores=self.scores,
            thumb=self.thumb,
            versions=versions_of(self.versions),
            trainable=self.trainable,
        )


def versions_text(versions: Mapping[str, int]) -> str:
    """Versions as one line of text, equal for equal versions: `check/blank=1 decoder=2 …`."""
    return " ".join(f"{name}={versions[name]}" for name in sorted(versions))


def versions_of(text: str) -> Mapping[str, int]:
    """The versions that `versions_text` wrote; raises ValueError for other text.

    Equal texts give one and the same mapping: hundreds of thousands of facts share a few.
    """
    if text not in _VERSIONS:
        pairs = (word.rpartition("=") for word in text.split())
        _VERSIONS[text] = {name: int(version) for name, _, version in pairs}
    return _VERSIONS[text]


_VERSIONS: dict[str, Mapping[str, int]] = {}
