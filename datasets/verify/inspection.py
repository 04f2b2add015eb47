"""Every picture of a tree read and decoded, in processes that may be lost."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ...curation.errors import Unreadable
from ...curation.folders.walk import absolute
from ...curation.images.jpeg import markers
from ...curation.progress import Progress, silent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ...curation.folders.cache import Cache
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
    known: Cache | None = None,
    progress: Progress = silent,
    workers: int | None = None,
) -> dict[str, InspectedFile]:
    """Read and decode every file, some at a time, in processes that may be lost.

    With `known`, what comparing pictures needs is put there of each that it does not have whole,
    by content; that takes three times as long as the decoding.
    """
    work = partial(_inspect_some, root, progress=progress, workers=workers)
    if known is None:
        return work(paths, measure=False, name="verify")
    if not known:
        found = work(paths, measure=True, name="verify")
        new = found
    else:  # what each holds shows when it is read
        found = work(paths, measure=False, name="verify")
        unknown = [path for path, one in found.items() if one.sha256 and _lacks(known, one.sha256)]
        new = work(unknown, measure=True, name="look") if unknown else {}
        found |= new  # also where a file was written to in between
    here = absolute(root)
    for path, one in new.items():
        if one.facts is not None and _lacks(known, one.sha256):
            known.add(here / path, one.facts)
    return found


def _lacks(known: Cache, sha256: str) -> bool:
    from ...curation.images.measure import missing

    facts = known.get(sha256)
    return facts is None or bool(missing(facts.versions))


def _inspect_some(
    root: Path,
    paths: Sequence[str],
    *,
    measure: bool,
    name: str,
    progress: Progress,
    workers: int | None,
) -> dict[str, InspectedFile]:
    from ...curation.images.batch import isolated  # numpy and Pillow, loaded when they are needed

    parts = [paths[start : start + _TOGETHER] for start in range(0, len(paths), _TOGETHER)]
    found: dict[str, InspectedFile] = {}

    def inspect(part: Sequence[str], sandbox: DecodeSandbox) -> list[InspectedFile]:
        places = [str(root / path) for path in part]
        try:
            return sandbox.run(inspect_files, places, measure)
        except Unreadable:  # one of them took the others with it: now each alone
            return [_alone(place, sandbox, measure=measure) for place in places]

    with progress(name, len(paths)) as advance:
        for part, result in isolated(inspect, parts, name=name, workers=workers):
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
    return [_inspect(place, measure=measure) for place in places]


def _inspect(place: str, *, measure: bool) -> InspectedFile:
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
