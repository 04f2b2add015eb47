"""Taking pictures out for good: found by id, file, address or host, with their copies.

A tombstone is written first, so that a run that is killed is simply run again; then the files
go, then the rows, which are written over; at last the catalogue is written anew without their room.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...curation.duplicates.results import CONFIRMED
from ...curation.folders.cache import cache_path
from ...curation.folders.pair_cache import pair_cache_path
from ...curation.printable import counted
from ..catalogue import decisions, families, forgetting, images, measurements, placements
from ..errors import DatasetError, UsageError
from ..pool_files import missing_pictures
from . import image_store as pool
from .laid_aside import LaidAside

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from ..catalogue import Catalogue
    from ..catalogue.forgetting import Provenance
    from ..project import Project

_log = logging.getLogger(__name__)
_ID = re.compile(r"[0-9a-f]{8,64}")
_HOST = re.compile(r"[^\s/]+\.[^\s/.]+")
COPY = "a copy of one of these"


@dataclass(frozen=True, slots=True)
class Going:
    """What would go: SHA-256 → why; `paths` relative to the dataset, `bytes` together, and
    `addresses` that are never to be asked again though no picture came from them."""

    why: Mapping[str, str]
    paths: Mapping[str, str]
    bytes: int
    addresses: tuple[str, ...] = ()


def going(project: Project, cat: Catalogue, names: Iterable[str]) -> Going:
    """The pictures that `names` mean, and their copies.

    A name is an address, a host (its subdomains too), an id or its start, or a file. Raises
    UsageError for a name that means nothing here.
    """
    known = list(forgetting.provenances(cat))
    why: dict[str, str] = {}
    addresses = []
    for name in names:
        found = _meant(project, cat, name, known)
        if name.lower().startswith(("http://", "https://")):
            addresses.append(name)
        elif not found:
            raise UsageError(
                f"{name}: no picture of this dataset by that id, file, address or host"
            )
        why |= {sha: name for sha in found if sha not in why}
    why |= {sha: COPY for sha in _copies(cat, why) if sha not in why}
    return _going(cat, why, tuple(addresses))


def unused(project: Project, cat: Catalogue) -> Going:
    """The pictures that are out of the set, and in no tree: their bytes are of no use.

    Those that were freed are among them where a killed run left their file. A copy whose keeper's
    file is not there is not: its bytes may be all that is left.
    """
    standings, placed = decisions.standings(cat), placements.placements(cat)
    freed, unreadable = forgetting.freed(cat), measurements.unreadable(cat)
    if freed:
        pool = images.images(cat)
        freed -= {one.sha256 for one in pool if project.image(one.path).is_file()}
    why = {sha: f"unreadable: {reason}" for sha, reason in unreadable.items()}
    missing = missing_pictures(project, cat)
    for sha, one in standings.items():
        if one.dropped and one.verdict and one.verdict.detail.get("keeper") not in missing:
            why[sha] = one.verdict.reason
    return _going(cat, {s: w for s, w in why.items() if s not in placed and s not in freed})


def forget(project: Project, cat: Catalogue, chosen: Going) -> None:
    """Take the pictures out of the pool, the tree and the catalogue, for good."""
    with cat.transaction():
        forgetting.put_tombstones(cat, chosen.why)
    placed = placements.placements(cat)
    files = [project.image(path) for path in chosen.paths.values()]
    files += [project.ready.joinpath(*placed[s].path.split("/")) for s in chosen.why if s in placed]
    files += filter(None, map(LaidAside(project).find, chosen.why))
    files += [project.curated, *_looks_at(project.ready)]
    if any(sha in placed for sha in chosen.why):
        files.append(project.root / "contact-sheet.jpg")  # it may show them
    _unlink(files)
    with cat.transaction():
        forgetting.delete(cat, chosen.why)
        for address in chosen.addresses:
            forgetting.forget_address(cat, address)
    try:
        cat.shrink()
    except DatasetError as error:  # a full disk: larger than need be is as good
        _log.warning("the catalogue keeps its size: %s", error)


def free(project: Project, cat: Catalogue, chosen: Going) -> None:
    """Give the bytes of pictures up; their records, hashes and fates stay."""
    with cat.transaction():
        forgetting.mark_freed(cat, chosen.why)
    _unlink(project.image(path) for path in chosen.paths.values())


def _looks_at(tree: Path) -> Iterator[Path]:
    """What `verify` and `dedupe` remember of a tree, beside it: it may hold a thumb of them."""
    for place in (tree.absolute(), tree.resolve()):
        yield cache_path(place)
        yield pair_cache_path(place)


def _meant(project: Project, cat: Catalogue, name: str, known: Sequence[Provenance]) -> set[str]:
    by_address = {one.sha256 for one in known if one.url == name}
    if by_address or "://" in name:
        return by_address
    if _ID.fullmatch(name.lower()):
        return {one.sha256 for one in images.images(cat) if one.sha256.startswith(name.lower())}
    try:
        return {pool.find(project, cat, _path(name))}
    except UsageError:
        if not _HOST.fullmatch(name):
            return set()
    host = name.lower().rstrip(".")
    return {one.sha256 for one in known if one.host == host or one.host.endswith(f".{host}")}


def _path(name: str) -> Path:
    from pathlib import Path as File

    return File(name)


def _copies(cat: Catalogue, chosen: Collection[str]) -> set[str]:
    """Confirmed copies in the same families, and what both hashes cannot tell from one."""
    rows = families.members(cat)
    keepers = {
        row.keeper if row.relation in CONFIRMED and row.keeper else sha
        for sha, row in rows.items()
        if sha in chosen
    }
    found = {
        sha
        for sha, row in rows.items()
        if sha in keepers or (row.keeper in keepers and row.relation in CONFIRMED)
    }
    hashes = forgetting.hashes(cat)
    gone = [hashes[sha] for sha in chosen if sha in hashes]
    return found | {sha for sha, one in hashes.items() if forgetting.is_same(one, gone)}


def _going(cat: Catalogue, why: Mapping[str, str], addresses: tuple[str, ...] = ()) -> Going:
    known = {one.sha256: one for one in images.images(cat) if one.sha256 in why}
    return Going(
        why={sha: why[sha] for sha in known},
        paths={sha: one.path for sha, one in known.items()},
        bytes=sum(one.bytes for one in known.values()),
        addresses=addresses,
    )


def _unlink(files: Iterable[Path]) -> None:
    """Delete files; DatasetError, once the others are gone, for what cannot be deleted."""
    left = []
    for file in files:
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            left.append((file, error.strerror or str(error)))
    if left:
        number = counted(len(left), "file")
        raise DatasetError(
            f"{number} could not be deleted (the first: {left[0][0]}: {left[0][1]}); the others "
            "are: see to it and run the same command again"
        )
