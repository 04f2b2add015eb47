"""What is wrong inside the files of a tree: bytes, pixels, copies across splits, the manifest."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...curation.errors import Unreadable
from ...curation.images.jpeg import Markers, markers
from ..errors import UsageError
from ..tree.manifest import JSONL
from ..tree.prepare import LEAST_SIDE
from ..tree.tables import read_jsonl
from .places import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ...curation.images.facts import Facts
    from ...curation.images.sandbox import DecodeSandbox
    from .listing import Listing

_SAME_EVERYWHERE = frozenset({"RGB"})


@dataclass(frozen=True, slots=True)
class InspectedFile:
    """One file as it was found: facts or why not, and a JPEG's markers."""

    facts: Facts | None
    fault: str | None
    markers: Markers | None

    @property
    def format(self) -> str | None:
        """The type by content, None where it could not be told."""
        return self.facts.format if self.facts else None


def inspect_file(path: Path, sandbox: DecodeSandbox) -> InspectedFile:
    """Read one file and decode it in a child of `sandbox`."""
    from ...curation.images.batch import look_at  # numpy and Pillow, loaded when they are needed
    from ...curation.images.reading import read_file

    try:
        facts = sandbox.run(look_at, path)
        return InspectedFile(facts, None, markers(read_file(path)))
    except Unreadable as error:
        return InspectedFile(None, str(error), None)


def bytes_and_pixels(inspected: Mapping[str, InspectedFile]) -> Iterator[Problem]:
    """Each picture on its own: decodes, RGB, upright, large enough, ends where it ends."""
    for path, one in inspected.items():
        facts = one.facts
        if facts is None:
            yield Problem("undecodable", path, one.fault or "cannot be decoded")
            continue
        named_jpeg = path.lower().endswith((".jpg", ".jpeg"))
        if named_jpeg and facts.format != "jpeg":
            yield Problem("wrong-type", path, f"{facts.format} named .jpg: TensorFlow may fail")
        if facts.orientation != 1:
            yield Problem("orientation", path, "Hugging Face turns it, other loaders do not")
        if min(facts.width, facts.height) < LEAST_SIDE:
            yield Problem(
                "too-small", path, f"{facts.width}x{facts.height}: ultralytics rejects it"
            )
        if facts.mode not in _SAME_EVERYWHERE:
            yield Problem("not-rgb", path, f"{facts.mode}: Hugging Face hands it out as it is")
        if facts.frames > 1:
            yield Problem("animated", path, f"{facts.frames} frames: TensorFlow decodes them all")
        if one.markers is not None:
            yield from _jpeg(path, one.markers)


def _jpeg(path: str, read: Markers) -> Iterator[Problem]:
    if not read.clean_end:
        yield Problem("trailing-bytes", path, "ultralytics rewrites what does not end in FFD9")


def same_bytes(inspected: Mapping[str, InspectedFile], depth: int) -> Iterator[Problem]:
    """Equal files in two splits or in two classes; `depth` 1: the first folder is the split."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path, one in inspected.items():
        if one.facts is not None:
            places[one.facts.sha256].append(path)
    for paths in places.values():
        first, *others = sorted(paths)
        for other in others:
            if depth and _split(first) != _split(other):
                yield Problem("same-bytes-two-sides", other, f"also {first}")
            if _class(first, depth) != _class(other, depth):
                yield Problem("same-bytes-two-classes", other, f"also {first}")


def copies(
    root: Path, inspected: Mapping[str, InspectedFile], depth: int
) -> tuple[list[Problem], list[str]]:
    """Near-duplicates in two splits or in two classes: confirmed copies are problems.

    Pictures that only may be copies are counted in the notes.
    """
    from ...curation.duplicates.families import find_families

    place: dict[str, str] = {}
    facts: dict[str, Facts] = {}
    for path, one in sorted(inspected.items()):
        if one.facts is not None:
            place.setdefault(one.facts.sha256, path)
            facts.setdefault(one.facts.sha256, one.facts)
    found = find_families(list(facts.values()), read=lambda sha: (root / place[sha]).read_bytes())
    problems = []
    for sha, keeper in found.dropped().items():
        best, other = place[keeper], place[sha]
        if depth and _split(best) != _split(other):
            problems.append(Problem("copy-two-sides", other, f"a copy of {best}"))
        if _class(best, depth) != _class(other, depth):
            problems.append(Problem("copy-two-classes", other, f"a copy of {best}"))
    notes = []
    crossing = _crossing(found.split_group, place) if depth else 0
    if crossing:
        notes.append(f"{crossing} groups of pictures that may be copies lie in two splits")
    return problems, notes


def _crossing(component: Mapping[str, str], place: Mapping[str, str]) -> int:
    splits: defaultdict[str, set[str]] = defaultdict(set)
    for sha, group in component.items():
        splits[group].add(_split(place[sha]))
    return sum(len(held) > 1 for held in splits.values())


def manifest(
    root: Path, tree: Listing, inspected: Mapping[str, InspectedFile]
) -> Iterator[Problem]:
    """Rows of manifest.jsonl against files and digests, where there is one."""
    if not any(file.path == JSONL for file in tree.files):
        return
    try:
        rows = list(read_jsonl(root / JSONL))
    except UsageError as error:
        yield Problem("manifest", JSONL, str(error).removeprefix(f"{root / JSONL}:").strip())
        return
    if not rows:
        yield Problem("manifest", JSONL, "holds no row")
        return
    listed = set()
    for row in rows:
        path = str(row.get("file_name"))
        one = inspected.get(path)
        if path in listed:
            yield Problem("manifest", path, "listed twice")
        listed.add(path)
        if one is None:
            yield Problem("manifest", path, "listed, but there is no such picture")
        elif one.facts is not None and row.get("sha256") not in (None, one.facts.sha256):
            yield Problem("manifest", path, "has other bytes than its sha256 says")
    for path in sorted(inspected.keys() - listed):
        yield Problem("manifest", path, "not listed in manifest.jsonl")


def _split(path: str) -> str:
    return path.split("/", 1)[0]


def _class(path: str, depth: int) -> str:
    parts = path.split("/")
    return parts[depth] if len(parts) > depth + 1 else ""
