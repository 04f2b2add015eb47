"""A plain folder of class folders: their names as labels, and the pictures that can be placed.

Copies within a class stay in (taking them out is `pixset dedupe`'s work); a picture that lies under
two classes is right under neither and is left out. Whatever is left out has its reason.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...curation.duplicates.results import CONFIRMED
from ...curation.errors import Unreadable
from ...curation.folders.walk import EntryKind, absolute, is_class_name, walk, why_no_class
from ...curation.printable import printable
from .. import names as slugs
from ..errors import UsageError
from .prepare import misfit
from .report import reasons_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from ...curation.duplicates.memory import PairMemory
    from ...curation.duplicates.results import Families
    from ...curation.folders.scan import Scan
    from ...curation.images.facts import Facts
    from ...curation.progress import Progress
    from .target import Target


@dataclass(frozen=True, slots=True)
class FolderPicture:
    """A picture that can be placed: its facts, its path below the folder, its label."""

    facts: Facts
    path: Path
    label: str


@dataclass(frozen=True, slots=True)
class ClassFolders:
    """Class folder → slug, the pictures that can be placed by SHA-256, and the rest by path.

    `unsettled` are paths among the rest of which another look may find otherwise.
    """

    names: Mapping[str, str]
    pictures: dict[str, FolderPicture] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    unsettled: list[Path] = field(default_factory=list)

    def reasons(self) -> str:
        """What was left out, by the first words of why, the commonest first."""
        return ", ".join(f"{why} ({number})" for why, number in reasons_of(self.left_out))


def class_names(
    folder: Path, given: Mapping[str, str], earlier: Mapping[str, object]
) -> dict[str, str]:
    """Class folder → slug; raises UsageError where there is none, or one cannot be a class.

    `given` names the labels of some folders; `earlier` is the class_names.json of an earlier
    tree, whose labels those folders keep that are not given another.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: neither a dataset nor a folder of class folders")
    found = [
        entry.name
        for entry in walk(folder, lambda _: False)
        if entry.kind is EntryKind.FOLDER
        and not entry.byproduct
        and (is_class_name(entry.name) or entry.name in given)
    ]
    if not found:
        raise UsageError(
            f"{folder}: no class folders in it; expected {folder}/<class>/<pictures>, where a "
            "class's name does not begin with _"
        )
    splits = [name for name in found if name.lower() in slugs.RESERVED]
    if len(splits) > 1:
        raise UsageError(
            f"{folder}: already split ({', '.join(splits)}); `pixset verify {folder}` checks it"
        )
    try:
        return slugs.slugs_of(found, given, earlier, _as_before(found, earlier))
    except UsageError as error:
        why = str(error).removesuffix("; name it with --label")
        ways = "rename the folder, or name its label with --label FOLDER=LABEL"
        raise UsageError(f"{folder}: {why}; {ways}") from None


def _as_before(found: Iterable[str], earlier: Mapping[str, object]) -> dict[str, str]:
    """Class folder → the slug that an earlier tree gave it."""
    names = {
        str(one.get("name")): slug
        for slug, one in earlier.items()
        if isinstance(one, dict) and slugs.fault(slug) is None
    }
    return {name: names[printable(name)] for name in found if printable(name) in names}


def read_class_folders(
    folder: Path,
    names: Mapping[str, str],
    target: Target,
    memory: PairMemory,
    progress: Progress,
) -> tuple[ClassFolders, Families]:
    """Look at every picture below `folder`, each content once, and find the families among them.

    `memory` holds afterwards what they are to one another. Raises UsageError, with the
    reasons, where no picture is left.
    """
    found = ClassFolders(names)
    _look(folder, target, found, progress)
    families = _families(folder, found, memory) if found.pictures else None
    if not found.pictures or families is None:
        raise UsageError(
            f"{folder}: no picture is left to split: {found.reasons() or 'there is none'}"
        )
    return found, families


def _look(folder: Path, target: Target, found: ClassFolders, progress: Progress) -> None:
    from ...curation.folders.folder import look_at_folder

    listing, seen = look_at_folder(folder, progress=progress)
    left_out = found.left_out
    left_out |= _not_looked_at(folder, listing, found.names)
    clashes: defaultdict[str, set[str]] = defaultdict(set)
    for path, facts in sorted(seen.items()):
        below = _below(path, folder)
        label = found.names.get(below.parts[0]) if len(below.parts) > 1 else None
        if isinstance(facts, Unreadable):
            left_out[str(below)] = str(facts)
            if not facts.settled:
                found.unsettled.append(below)
        elif label is None:
            left_out[str(below)] = why_no_class(below.parts[:-1][:1])
        elif wrong := misfit((facts.width, facts.height), target):
            left_out[str(below)] = wrong
        elif facts.sha256 in found.pictures:
            twin = found.pictures[facts.sha256]
            left_out[str(below)] = f"the same bytes as {twin.path}"
            if twin.label != label:
                clashes[facts.sha256] |= {twin.label, label}
        else:
            found.pictures[facts.sha256] = FolderPicture(facts, below, label)
    for sha, labels in clashes.items():
        _leave_out(found, [sha], labels)


def _not_looked_at(folder: Path, listing: Scan, names: Iterable[str]) -> dict[str, str]:
    found = {str(_below(path, folder)): "no picture" for path in listing.junk}
    found |= {str(_below(path, folder)): f"not listed: {why}" for path, why in listing.unlisted}
    for name in names:
        if (folder / name).is_symlink():
            found[name] = "a link to a folder, which is not followed"
    return found


def _below(path: Path, folder: Path) -> Path:
    return path.relative_to(absolute(folder)) if path.is_absolute() else path


def _families(folder: Path, found: ClassFolders, memory: PairMemory) -> Families:
    """Families among the pictures; confirmed copies of two classes leave `found.pictures`."""
    from ...curation.duplicates.families import find_families
    from ...curation.images.reading import read_file

    pictures = found.pictures
    places = {sha: folder / picture.path for sha, picture in pictures.items()}
    families = find_families(
        [picture.facts for picture in pictures.values()],
        read=lambda sha: read_file(places[sha]),
        memory=memory,
    )
    for family in families.families:
        star = [family.keeper, *(m.sha256 for m in family.members if m.relation in CONFIRMED)]
        labels = {pictures[sha].label for sha in star if sha in pictures}
        if len(labels) > 1:
            _leave_out(found, star, labels)
    return families


def _leave_out(found: ClassFolders, shas: Sequence[str], labels: Iterable[str]) -> None:
    for sha in shas:
        picture = found.pictures.pop(sha, None)
        if picture is not None:
            found.left_out[str(picture.path)] = f"one picture under {' and '.join(sorted(labels))}"
