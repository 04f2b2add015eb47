"""Pixels: from files to facts, hashes, families and findings.

    from pathlib import Path
    from pixset.curation import Facts, find_families, look_all

    seen = {path: facts for path, facts in look_all(paths) if isinstance(facts, Facts)}
    places = {facts.sha256: path for path, facts in seen.items()}
    found = find_families(list(seen.values()), read=lambda sha: places[sha].read_bytes())
    for dropped, keeper in found.dropped().items():
        print(places[dropped], "is a copy of", places[keeper])

Names are loaded when they are first used: importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .duplicates.families import find_families
    from .duplicates.hamming import join, self_join
    from .duplicates.placeholders import PlaceholderGroup
    from .duplicates.results import Doubt, Families, Family, Member, returned
    from .errors import CurationError, Unreadable, UsageError
    from .folders.folder import check_folder, dedupe_folder, undo
    from .images.batch import look_all
    from .images.facts import Facts, from_record, to_record
    from .images.hashes import FINGERPRINTS, dhash, phash
    from .images.measure import look
    from .images.quality import CHECKS, Finding, findings

# Public name → the module that holds it.
_HOMES = {
    **dict.fromkeys(("CHECKS", "Finding", "findings"), "images.quality"),
    **dict.fromkeys(("CurationError", "Unreadable", "UsageError"), "errors"),
    **dict.fromkeys(("Facts", "from_record", "to_record"), "images.facts"),
    "look": "images.measure",
    **dict.fromkeys(("Doubt", "Families", "Family", "Member", "returned"), "duplicates.results"),
    "PlaceholderGroup": "duplicates.placeholders",
    "find_families": "duplicates.families",
    **dict.fromkeys(("check_folder", "dedupe_folder", "undo"), "folders.folder"),
    **dict.fromkeys(("FINGERPRINTS", "dhash", "phash"), "images.hashes"),
    "look_all": "images.batch",
    **dict.fromkeys(("join", "self_join"), "duplicates.hamming"),
}

__all__ = [
    "CHECKS",
    "FINGERPRINTS",
    "CurationError",
    "Doubt",
    "Facts",
    "Families",
    "Family",
    "Finding",
    "Member",
    "PlaceholderGroup",
    "Unreadable",
    "UsageError",
    "check_folder",
    "dedupe_folder",
    "dhash",
    "find_families",
    "findings",
    "from_record",
    "join",
    "look",
    "look_all",
    "phash",
    "returned",
    "self_join",
    "to_record",
    "undo",
]


# Names of 0.1 that still resolve → the names of today.
_EARLIER = {"Flood": "PlaceholderGroup"}


def __getattr__(name: str) -> object:
    name = _EARLIER.get(name, name)
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(_HOMES)
