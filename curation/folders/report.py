"""What was found in a plain folder, as values, as JSON, and as text for a person."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from ..duplicates.results import CONFIRMED, RELATIONS
from ..printable import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import Self

    from .move import Moved

SHOWN: Final = 30  # families or findings that the text lists; the JSON has all of them


@dataclass(frozen=True, slots=True)
class Copy:
    """One file that shows what its family's keeper shows.

    `relation` is "exact" (the same bytes), "copy" (confirmed against the keeper), "moment" (a
    frame of one scene and time), or "maybe" (for a person to review). Distances are to the keeper:
    `phash` and `dhash` in bits of 64, `difference` in levels (0 to 255) of the worst block.
    """

    path: Path
    relation: str
    phash: int = 0
    dhash: int = 0
    difference: float = 0.0

    def order(self) -> tuple[int, float, Path]:
        """Sort the surest first."""
        return RELATIONS.index(self.relation), self.difference, self.path


@dataclass(frozen=True, slots=True)
class PathFamily:
    """The file to keep, and the files that it makes superfluous (or may)."""

    keeper: Path
    members: tuple[Copy, ...]


@dataclass(frozen=True, slots=True)
class FolderFamilies:
    """What `dedupe_folder` found. Paths are absolute."""

    folder: Path
    images: int
    families: tuple[PathFamily, ...]
    low_information: tuple[Path, ...]
    unreadable: tuple[tuple[Path, str], ...]
    moved: Moved | None = None
    dropping: tuple[str, ...] = CONFIRMED

    def dropped(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        """Yield each file that would go, with the reason that goes into the undo file."""
        for family in self.families:
            for member in family.members:
                if member.relation in self.dropping:
                    yield (
                        member.path,
                        {
                            "reason": member.relation,
                            "keeper": str(family.keeper),
                            "phash": member.phash,
                            "dhash": member.dhash,
                            "difference": member.difference,
                        },
                    )

    def having_moved(self, moved: Moved) -> Self:
        """Return the same report, saying what was moved."""
        return replace(self, moved=moved)

    def to_json(self) -> dict[str, Any]:
        """Return the report as one JSON object; paths are absolute."""
        return {
            "images": self.images,
            "families": [
                {
                    "keeper": str(family.keeper),
                    "members": [
                        {
                            "path": str(member.path),
                            "relation": member.relation,
                            "phash": member.phash,
                            "dhash": member.dhash,
                            "difference": round(member.difference, 3),
                        }
                        for member in family.members
                    ],
                }
                for family in self.families
            ],
            "low_information": [str(path) for path in self.low_information],
            "unreadable": [{"path": str(path), "why": why} for path, why in self.unreadable],
            **_left_json(self.moved),
        }

    def to_text(self) -> str:
        """Return the report for a person; paths are relative to the folder."""
        relations = Counter(one.relation for family in self.families for one in family.members)
        pictures = counted(self.images, "picture")
        families = counted(len(self.families), "family", "families")
        kinds = ", ".join(
            f"{relations[kind]} {kind}" for kind in RELATIONS if kind != "moment" or relations[kind]
        )
        lines = [f"{printable(self.folder)}: {pictures}, {families}: {kinds}"]
        for family in self.families[:SHOWN]:
            lines.append(f"  keep   {self._name(family.keeper)}")
            lines.extend(f"  {self._line(member)}" for member in family.members)
        lines.extend(_more(len(self.families), "families"))
        lines.extend(self._listed("low information", ((one, "") for one in self.low_information)))
        lines.extend(self._listed("unreadable", self.unreadable))
        dropped = sum(relations[kind] for kind in self.dropping)
        lines.extend(_ending(self.moved, dropped))
        return "\n".join(lines)

    def _line(self, member: Copy) -> str:
        if member.relation == "exact":
            return f"  exact  {self._name(member.path)}"
        return (
            f"  {member.relation:<6} {self._name(member.path)}  (phash {member.phash}, "
            f"dhash {member.dhash}, difference {member.difference:.1f})"
        )

    def _listed(self, title: str, files: Iterable[tuple[Path, str]]) -> Iterator[str]:
        listed = list(files)
        if listed:
            yield f"{title}: {len(listed)}"
            for path, why in listed[:SHOWN]:
                yield f"  {self._name(path)}" + (f"  ({printable(why)})" if why else "")
            yield from _more(len(listed), title)

    def _name(self, path: Path) -> str:
        return _name(path, self.folder)


@dataclass(frozen=True, slots=True)
class FolderFinding:
    """One check's report on one file; `why` says more where there is more to say."""

    path: Path
    check: str
    score: float
    drop: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class FolderFindings:
    """What `check_folder` found. Paths are absolute."""

    folder: Path
    images: int
    findings: tuple[FolderFinding, ...]
    moved: Moved | None = None

    @property
    def ok(self) -> int:
        """How many pictures no check has anything to say about."""
        beside = {"not_picture", "unlisted"}  # what the listing says of files that are no pictures
        junk = {one.path for one in self.findings if one.check in beside}
        return self.images - len({one.path for one in self.findings} - junk)

    def dropped(self) -> list[tuple[Path, dict[str, Any]]]:
        """Return each file that would go, with the reason that goes into the undo file."""
        reasons: dict[Path, dict[str, Any]] = {}
        for one in self.findings:
            if one.drop:
                reasons.setdefault(one.path, {"reason": one.check, "score": one.score})
        return list(reasons.items())

    def having_moved(self, moved: Moved) -> Self:
        """Return the same report, saying what was moved."""
        return replace(self, moved=moved)

    def to_json(self) -> dict[str, Any]:
        """Return the report as one JSON object; paths are absolute."""
        return {
            "images": self.images,
            "findings": [
                {
                    "path": str(one.path),
                    "check": one.check,
                    "score": round(one.score, 4),
                    "drop": one.drop,
                    **({"why": one.why} if one.why else {}),
                }
                for one in self.findings
            ],
            "ok": self.ok,
            **_left_json(self.moved),
        }

    def to_text(self) -> str:
        """Return the report for a person: what would go first, then each check's findings."""
        pictures = counted(self.images, "picture")
        lines = [f"{printable(self.folder)}: {pictures}, {self.ok} without findings"]
        counts = Counter((one.check, one.drop) for one in self.findings)
        for (check, drop), count in sorted(counts.items(), key=lambda one: (not one[0][1], one[0])):
            lines.append(f"{check}: {count}" + (" (would be dropped)" if drop else ""))
            named = [one for one in self.findings if (one.check, one.drop) == (check, drop)]
            lines.extend(
                f"  {_name(one.path, self.folder)}  ({printable(one.why) or f'{one.score:.3g}'})"
                for one in named[:SHOWN]
            )
            lines.extend(_more(len(named), "findings"))
        lines.extend(_ending(self.moved, len(self.dropped())))
        return "\n".join(lines)


def _name(path: Path, folder: Path) -> str:
    return printable(path.relative_to(folder))


def _more(number: int, what: str) -> Iterator[str]:
    if number > SHOWN:
        yield f"  … and {number - SHOWN} more {what}: --json lists them all"


def _ending(moved: Moved | None, dropped: int) -> Iterator[str]:
    for path, why in moved.left if moved else ():
        yield f"not moved: {printable(path)}: {printable(why)}"
    if moved is not None and moved.undo_file is not None:
        yield f"{len(moved.moves)} moved. Take it back: pixset undo {printable(moved.undo_file)}"
    elif not dropped:
        yield "Nothing to drop."
    else:
        yield f"Nothing was changed. {dropped} would be dropped: --move-to DIR moves them aside."


def _left_json(moved: Moved | None) -> dict[str, Any]:
    """What could not be moved, where anything was to be."""
    if moved is None:
        return {}
    return {"not_moved": [{"path": str(path), "why": why} for path, why in moved.left]}
