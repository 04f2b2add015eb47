"""Facts as plain JSON values and back: the shape of one line in a cache file."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from ..errors import CurationError
from .facts import Facts

if TYPE_CHECKING:
    from collections.abc import Mapping

PLAIN = (
    *("sha256", "bytes", "format", "width", "height", "mode", "orientation", "frames"),
    *("has_alpha", "gray", "jpeg_quality"),
)


def to_record(facts: Facts) -> dict[str, Any]:
    """`facts` as JSON values: hashes as 16 hex digits (JSON numbers stop at 2^53), thumb base64."""
    record: dict[str, Any] = {name: getattr(facts, name) for name in PLAIN}
    record["trimmed"] = list(facts.trimmed)
    record["fingerprints"] = {kind: f"{bits:016x}" for kind, bits in facts.fingerprints.items()}
    record["scores"] = dict(facts.scores)
    record["thumb"] = base64.b64encode(facts.thumb).decode("ascii")
    return record


def from_record(record: Mapping[str, Any]) -> Facts:
    """The Facts that `to_record` wrote; raises CurationError when a field is missing or odd."""
    try:
        width, height = record["trimmed"]
        return Facts(
            **{name: record[name] for name in PLAIN},
            trimmed=(int(width), int(height)),
            fingerprints={kind: int(bits, 16) for kind, bits in record["fingerprints"].items()},
            scores={check: float(score) for check, score in record["scores"].items()},
            thumb=base64.b64decode(record["thumb"], validate=True),
        )
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise CurationError(f"this record holds no facts of a picture: {error!r}") from error
