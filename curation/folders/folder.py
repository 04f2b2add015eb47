"""Duplicates and findings of any plain folder of pictures; nothing in it is changed.

`dedupe_folder` and `check_folder` look at every picture below a folder, remember what they saw in a
file beside it, and return a report (`to_json`, `to_text`). Only with `move_to` are the pictures
that the report would drop moved, and `undo` takes that back.
"""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..duplicates.thresholds import PLACEHOLDERS
from ..images import quality as checks
from ..images.batch import look_all
from ..images.facts import Facts
from ..images.reading import read_file
from ..progress import silent
from .cache import Cache, cache_path
from .move import go_on, move_aside, refuse_inside, still_holds, undo
from .pair_cache import PairCache, pair_cache_path
from .report import Copy, FolderFamilies, FolderFinding, FolderFindings, PathFamily
from .scan import Scan, scan
from .walk import absolute

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from ..duplicates.explain import Explanation
    from ..duplicates.memory import PairMemory
    from ..duplicates.results import Families
    from ..errors import Unreadable
    from ..progress import Progress
    from .move import Moved

__all__ = ["check_folder", "dedupe_folder", "explain_folder", "look_at_folder", "undo"]

LOG = logging.getLogger(__name__)


def dedupe_folder(
    folder: Path,
    *,
    same: Collection[frozenset[str]] = (),
    different: Collection[frozenset[str]] = (),
    move_to: Path | None = None,
    drop_moments: bool = False,
    cache: bool = True,
    workers: int | None = None,
    progress: Progress = silent,
) -> FolderFamilies:
    """Find the families of copies in a folder, recursively.

    `same` and `different` are pairs of SHA-256 that a person has judged. With `move_to`, the
    `exact` and `copy` members (with `drop_moments` the frames of one moment too) are moved there,
    each with its reason in the undo file. Raises UsageError where the folder is none or cannot
    be moved to.
    """
    from ..duplicates.families import find_families

    asked = {
        "dedupe": {
            "drop_moments": drop_moments,
            "same": _as_lists(same),
            "different": _as_lists(different),
        }
    }
    begun = _gone_on(folder, move_to, asked, progress)  # before the long work
    listing, seen = look_at_folder(folder, cache=cache, workers=workers, progress=progress)
    places = _places(seen)
    found = find_families(
        _facts(seen),
        read=_reading(places),
        same=same,
        different=different,
        drop_moments=drop_moments,
        memory=pair_memory(folder) if cache else None,
    )
    report = FolderFamilies(
        folder=absolute(folder),
        images=len(listing.pictures),
        families=_by_path(found, places),
        low_information=_paths(found.low_information, places),
        unreadable=(*_unreadable(seen), *_unlisted(listing)),
        dropping=found.dropping(),
    )
    if move_to is None:
        return report
    holds = still_holds(seen)
    moves = [
        (path, reason)
        for path, reason in report.dropped()
        if holds(path) and holds(Path(reason["keeper"]))
    ]
    return report.having_moved(
        move_aside(
            moves, root=report.folder, to=move_to, asked=asked, onto=begun, progress=progress
        )
    )


def explain_folder(
    folder: Path,
    *,
    same: Collection[frozenset[str]] = (),
    different: Collection[frozenset[str]] = (),
    cache: bool = True,
    workers: int | None = None,
    progress: Progress = silent,
) -> Explanation:
    """Explain what `dedupe_folder` finds: distances, expected false pairs, pairs at the border."""
    from ..duplicates.explain import explain
    from ..duplicates.families import find_families

    _, seen = look_at_folder(folder, cache=cache, workers=workers, progress=progress)
    places = _places(seen)
    facts = _facts(seen)

    read = _reading(places)
    here = absolute(folder)
    names = {sha256: str(paths[0].relative_to(here)) for sha256, paths in places.items()}
    memory = pair_memory(folder) if cache else None
    found = find_families(facts, read=read, same=same, different=different, memory=memory)
    return explain(facts, found, names=names, read=read)


def check_folder(
    folder: Path,
    *,
    thresholds: Mapping[str, float] | None = None,
    drop: Collection[str] | None = None,
    move_to: Path | None = None,
    cache: bool = True,
    workers: int | None = None,
    progress: Progress = silent,
) -> FolderFindings:
    """Check every picture of a folder, recursively.

    `thresholds` replaces single thresholds of `checks.CHECKS`; `drop` names the checks whose
    findings ask for a picture to go, instead of those that do so by default (what cannot be
    decoded always does). With `move_to`, those pictures are moved there. Raises UsageError where
    the folder is none, cannot be moved to, or a check does not exist.
    """
    checks.known(thresholds or {}, drop or ())
    asked = {
        "check": {
            "thresholds": dict(thresholds or {}),
            "drop": None if drop is None else sorted(drop),
        }
    }
    begun = _gone_on(folder, move_to, asked, progress)  # before the long work
    listing, seen = look_at_folder(folder, cache=cache, workers=workers, progress=progress)
    found = [FolderFinding(path, "not_picture", 1.0, drop=True) for path in listing.junk]
    found += [
        FolderFinding(path, "unlisted", 1.0, drop=False, why=why)
        for path, why in _unlisted(listing)
    ]
    placeholders = _placeholders(seen)
    for path, what in seen.items():
        found += _findings(path, what, placeholders, thresholds, drop)
    report = FolderFindings(absolute(folder), len(listing.pictures), tuple(found))
    if move_to is None:
        return report
    holds = still_holds(seen)
    return report.having_moved(
        move_aside(
            [(path, reason) for path, reason in report.dropped() if holds(path)],
            root=report.folder,
            to=move_to,
            asked=asked,
            onto=begun,
            progress=progress,
        )
    )


def _findings(
    path: Path,
    what: Facts | Unreadable,
    placeholders: Collection[int],
    thresholds: Mapping[str, float] | None,
    drop: Collection[str] | None,
) -> Iterator[FolderFinding]:
    if not isinstance(what, Facts):
        check = "truncated" if what.why == "truncated" else "undecodable"
        yield FolderFinding(path, check, 1.0, drop=True, why=str(what))
        return
    named = False
    for finding in checks.findings(what, thresholds, name=path.name, drop=drop):
        named = named or finding.check == "placeholder"
        yield FolderFinding(path, finding.check, finding.score, drop=finding.drop)
    if not named and what.fingerprints.get("phash") in placeholders:
        drops = drop is not None and "placeholder" in drop
        share = what.scores.get("placeholder", 0.0)
        yield FolderFinding(path, "placeholder", share, drop=drops)


def look_at_folder(
    folder: Path, *, cache: bool = True, workers: int | None = None, progress: Progress = silent
) -> tuple[Scan, dict[Path, Facts | Unreadable]]:
    """Look at every picture of a folder that has changed since it was looked at last.

    Returns the listing, and what each picture was found to be, in the order of the listing.
    """
    listing = scan(folder)
    here = absolute(folder)
    with Cache(cache_path(here) if cache else None, here) as memory:
        seen = {path: memory.seen(path) for path in listing.pictures}
        news = [path for path, what in seen.items() if what is None]
        for path, what in look_all(news, known=memory or None, workers=workers, progress=progress):
            memory.add(path, what)
            seen[path] = what
    return listing, {path: what for path, what in seen.items() if what is not None}


def pair_memory(folder: Path) -> PairMemory:
    """Where `find_families` remembers what the pictures of a folder are to one another."""
    return PairCache(pair_cache_path(folder))


def _gone_on(
    folder: Path, move_to: Path | None, asked: Mapping[str, Any], progress: Progress
) -> Moved | None:
    """What was left of a stopped run's moves; refuses a folder that cannot be moved to."""
    if move_to is None:
        return None
    refuse_inside(folder, move_to)
    return go_on(root=folder, to=move_to, asked=asked, progress=progress)


def _as_lists(pairs: Iterable[frozenset[str]]) -> list[list[str]]:
    return sorted(sorted(pair) for pair in pairs)


def _facts(seen: Mapping[Path, Facts | Unreadable]) -> list[Facts]:
    """Return one Facts per content, sorted by content: file names and their order tell nothing."""
    by_content = {what.sha256: what for what in seen.values() if isinstance(what, Facts)}
    return [by_content[sha256] for sha256 in sorted(by_content)]


def _places(seen: Mapping[Path, Facts | Unreadable]) -> dict[str, tuple[Path, ...]]:
    """Return where each content lies, the place to keep first.

    A link is never kept before what it may lead to; then the shallower and shorter name stays:
    `cat.jpg` before `cat (1).jpg` and `copies/cat.jpg`.
    """
    places = defaultdict(list)
    for path, what in seen.items():
        if isinstance(what, Facts):
            places[what.sha256].append(path)
    for paths in places.values():
        if len(paths) > 1:  # a key asks the disk whether it is a link
            paths.sort(key=lambda one: (one.is_symlink(), len(one.parts), len(str(one)), one))
    return {sha256: tuple(paths) for sha256, paths in places.items()}


def _reading(places: Mapping[str, tuple[Path, ...]]) -> Callable[[str], bytes]:
    """How the bytes of a digest are read; raises Unreadable where its file is none any more."""
    return lambda sha256: read_file(places[sha256][0])


def _paths(contents: Iterable[str], places: Mapping[str, tuple[Path, ...]]) -> tuple[Path, ...]:
    return tuple(sorted(path for sha256 in contents for path in places[sha256]))


def _unreadable(seen: Mapping[Path, Facts | Unreadable]) -> tuple[tuple[Path, str], ...]:
    return tuple((path, str(what)) for path, what in seen.items() if not isinstance(what, Facts))


def _unlisted(listing: Scan) -> Iterator[tuple[Path, str]]:
    for path, why in listing.unlisted:
        yield path, f"this folder cannot be listed: {why}"


def _by_path(found: Families, places: Mapping[str, tuple[Path, ...]]) -> tuple[PathFamily, ...]:
    """Turn families of contents into families of files: a content may lie in several places."""
    families = []
    grouped = set()
    for family in found.families:
        keeper, *again = places[family.keeper]
        members = [Copy(path, "exact") for path in again]
        grouped.add(family.keeper)
        for member in family.members:
            first, *others = places[member.sha256]
            distances = member.phash, member.dhash, member.difference
            members.append(Copy(first, member.relation, *distances))
            if member.relation in found.dropping():
                # Further files with a dropped copy's bytes go with it, for the same reason.
                members.extend(Copy(path, member.relation, *distances) for path in others)
                grouped.add(member.sha256)
        if members:
            families.append(PathFamily(keeper, tuple(sorted(members, key=Copy.order))))
    for sha256, (keeper, *again) in places.items():
        if again and sha256 not in grouped:
            families.append(PathFamily(keeper, tuple(Copy(path, "exact") for path in again)))
    return tuple(sorted(families, key=lambda family: family.keeper))


def _placeholders(seen: Mapping[Path, Facts | Unreadable]) -> set[int]:
    """Return the hashes that many files share whose picture is mostly one tone."""
    counts = Counter(
        what.fingerprints["phash"]
        for what in seen.values()
        if isinstance(what, Facts)
        and "phash" in what.fingerprints
        and what.scores.get("placeholder", 0.0) > 0.5
    )
    return {bits for bits, count in counts.items() if count >= PLACEHOLDERS}
