"""Every picture of a tree read and decoded, in processes that may be lost."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...curation.errors import Unreadable
from ...curation.images.jpeg import markers
from ...curation.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...curation.images.decode import Decoded
    from ...curation.images.facts import Facts
    from ...curation.images.sandbox import DecodeSandbox

_TOGETHER = 16  # pictures a child is given at a time: handing one over costs half its decoding


@dataclass(frozen=True, slots=True)
class InspectedFile:
    """One file as it was found: what its pixels and its markers are, or why it has none.

    `format` is the type by content, None where there is no picture; `clean_end` is False for a
    JPEG with bytes behind its end. `facts` are there where copies are looked for.
    """

    fault: str | None = None
    sha256: str = ""
    format: str | None = None
    mode: str = ""
    width: int = 0
    height: int = 0
    orientation: int = 1
    frames: int = 1
    clean_end: bool = True
    facts: Facts | None = None


def inspect_all(
    root: Path,
    paths: Sequence[str],
    *,
    measure: bool,
    progress: Progress = silent,
    workers: int | None = None,
) -> dict[str, InspectedFile]:
    """Read and decode every file, some at a time, in processes that may be lost.

    `measure` finds what comparing pictures needs too, which takes three times as long.
    """
    from ...curation.images.batch import isolated  # numpy and Pillow, loaded when they are needed

    parts = [paths[start : start + _TOGETHER] for start in range(0, len(paths), _TOGETHER)]
    found: dict[str, InspectedFile] = {}

    def inspect(part: Sequence[str], sandbox: DecodeSandbox) -> list[InspectedFile]:
        places = [str(root / path) for path in part]
        try:
            return sandbox.run(inspect_files, places, measure)
        except Unreadable:  # one of them took the others with it: now each alone
            return [_alone(place, sandbox, measure=measure) for place in places]

    with progress("verify", len(paths)) as advance:
        for part, result in isolated(inspect, parts, name="verify", workers=workers):
            assert not isinstance(result, Unreadable)  # noqa: S101 - `inspect` raises none
            found.update(zip(part, result, strict=True))
            advance(len(part))
    return found


def _alone(place: str, sandbox: DecodeSandbox, *, measure: bool) -> InspectedFile:
    try:
        return sandbox.run(inspect_files, [place], measure)[0]
    except Unreadable as error:
        return InspectedFile(fault=str(error))


def inspect_files(places: Sequence[str], measure: bool) -> list[InspectedFile]:
    """What each file holds; runs in a child, since a picture may be the end of it."""
    return [_inspect(Path(place), measure=measure) for place in places]


def _inspect(place: Path, *, measure: bool) -> InspectedFile:
    from ...curation.images.decode import decode
    from ...curation.images.measure import look
    from ...curation.images.reading import read_file

    try:
        data = read_file(place)
        read = markers(data)
        clean_end = read is None or read.clean_end
        if measure:
            facts = look(data)
            return _inspected(facts, facts.sha256, clean_end=clean_end, facts=facts)
        digest = hashlib.sha256(data).hexdigest()
        return _inspected(decode(data), digest, clean_end=clean_end)
    except Unreadable as error:
        return InspectedFile(fault=str(error))


def _inspected(
    found: Decoded | Facts, sha256: str, *, clean_end: bool, facts: Facts | None = None
) -> InspectedFile:
    return InspectedFile(
        sha256=sha256,
        format=found.format,
        mode=found.mode,
        width=found.width,
        height=found.height,
        orientation=found.orientation,
        frames=found.frames,
        clean_end=clean_end,
        facts=facts,
    )
