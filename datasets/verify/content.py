"""What is wrong inside the files of a tree: bytes, pixels, copies across splits, the manifest."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ...curation.printable import counted
from ..errors import UsageError
from ..tree.json_rows import read_jsonl
from ..tree.manifest_row import JSONL
from ..tree.target import LEAST_SIDE
from .places import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ...curation.duplicates.memory import PairMemory
    from ...curation.images.facts import Facts
    from .inspection import InspectedFile
    from .listing import Listing

_SAME_EVERYWHERE = frozenset({"RGB"})


def bytes_and_pixels(inspected: Mapping[str, InspectedFile]) -> Iterator[Problem]:
    """Each picture on its own: decodes, RGB, upright, large enough, ends where it ends."""
    for path, one in inspected.items():
        if one.fault is not None:
            yield Problem("undecodable", path, one.fault)
            continue
        named_jpeg = path.lower().endswith((".jpg", ".jpeg"))
        if named_jpeg and one.format != "jpeg":
            yield Problem("wrong-type", path, f"{one.format} named .jpg: TensorFlow may fail")
        if one.orientation != 1:
            yield Problem("orientation", path, "Hugging Face turns it, other loaders do not")
        if min(one.width, one.height) < LEAST_SIDE:
            yield Problem("too-small", path, f"{one.width}x{one.height}: ultralytics rejects it")
        if one.mode not in _SAME_EVERYWHERE:
            yield Problem("not-rgb", path, f"{one.mode}: Hugging Face hands it out as it is")
        if one.frames > 1:
            yield Problem("animated", path, f"{one.frames} frames: TensorFlow decodes them all")
        if not one.clean_end:
            yield Problem("trailing-bytes", path, "ultralytics rewrites what does not end in FFD9")


def same_bytes(inspected: Mapping[str, InspectedFile], depth: int) -> Iterator[Problem]:
    """Equal files in two splits or in two classes; `depth` 1: the first folder is the split."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path, one in inspected.items():
        if one.sha256:
            places[one.sha256].append(path)
    for paths in places.values():
        first, *others = sorted(paths)
        for other in others:
            if depth and _split(first) != _split(other):
                yield Problem("same-bytes-two-sides", other, f"also {first}")
            if _class(first, depth) != _class(other, depth):
                yield Problem("same-bytes-two-classes", other, f"also {first}")


def copies(
    root: Path,
    inspected: Mapping[str, InspectedFile],
    facts: Mapping[str, Facts],
    memory: PairMemory | None,
    depth: int,
) -> tuple[list[Problem], list[str]]:
    """Near-duplicates in two splits or in two classes: confirmed copies are problems.

    `facts` are those of every picture, by SHA-256; `memory` spares comparing a pair again. Pictures
    that only may be copies are counted in the notes.
    """
    from ...curation.duplicates.families import find_families
    from ...curation.images.reading import read_file

    place: dict[str, str] = {}
    for path, one in sorted(inspected.items()):
        if one.sha256:
            place.setdefault(one.sha256, path)
    found = find_families(
        [facts[sha] for sha in place],
        read=lambda sha: read_file(root / place[sha]),
        memory=memory,
    )
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
        lies = "group of pictures that may be copies lies in two splits"
        lie = "groups of pictures that may be copies lie in two splits"
        notes.append(counted(crossing, lies, lie))
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
        rows = [(str(row.get("file_name")), row.get("sha256")) for row in read_jsonl(root / JSONL)]
    except UsageError as error:
        yield Problem("manifest", JSONL, str(error).removeprefix(f"{root / JSONL}:").strip())
        return
    if not rows:
        yield Problem("manifest", JSONL, "holds no row")
        return
    listed = set()
    for path, digest in rows:
        one = inspected.get(path)
        if path in listed:
            yield Problem("manifest", path, "listed twice")
        listed.add(path)
        if one is None:
            yield Problem("manifest", path, "listed, but there is no such picture")
        elif one.sha256 and digest not in (None, one.sha256):
            yield Problem("manifest", path, "has other bytes than its sha256 says")
    for path in sorted(inspected.keys() - listed):
        yield Problem("manifest", path, "not listed in manifest.jsonl")


def _split(path: str) -> str:
    return path.split("/", 1)[0]


def _class(path: str, depth: int) -> str:
    parts = path.split("/")
    return parts[depth] if len(parts) > depth + 1 else ""
