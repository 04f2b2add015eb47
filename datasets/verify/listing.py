"""A tree's files and folders as values, with what the pictures turned out to be."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from ...curation.folders.walk import EntryKind, absolute, everything, walk
from ..names import RESERVED

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_CARD_BYTES = 1_000_000  # of a README.md, which Hugging Face reads; what is longer is no card


@dataclass(frozen=True)
class TreeFile:
    """One name that is no folder: its posix path below the root, and what it leads to.

    `kind` is FILE, or what a loader trips over (BROKEN, PIPE, SOCKET, DEVICE). `format` is the
    picture's type by content (jpeg, png, webp …), None where it was not looked at; `fault` says
    why it cannot be decoded.
    """

    path: str
    kind: EntryKind = EntryKind.FILE
    format: str | None = None
    fault: str | None = None

    @property
    def broken(self) -> bool:
        """Whether there is nothing to read behind the name."""
        return self.kind is not EntryKind.FILE

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The folders and the name."""
        return tuple(self.path.split("/"))

    @property
    def name(self) -> str:
        """The file's name."""
        return self.parts[-1]


@dataclass(frozen=True)
class Listing:
    """Everything below a root.

    `folders` are posix paths, `linked` those that are links to folders (also to one above);
    `unlisted` maps a folder that cannot be read to why. `card` is the text of README.md at the
    root, which Hugging Face reads; `name` is the root's own, and `place` where it lies.
    """

    files: tuple[TreeFile, ...]
    folders: frozenset[str] = frozenset()
    linked: frozenset[str] = frozenset()
    unlisted: Mapping[str, str] = field(default_factory=dict)
    card: str = ""
    name: str = field(default="", compare=False)
    place: str = field(default="", compare=False)

    def below(self, folder: str) -> tuple[TreeFile, ...]:
        """The files below a folder (of one or two parts; "" is the root), at any depth."""
        return self._by_folder.get(folder, ()) if folder else self.files

    @cached_property
    def _by_folder(self) -> dict[str, tuple[TreeFile, ...]]:
        # Split and class folders only: every folder above every file would be quadratic in depth.
        found: dict[str, list[TreeFile]] = {}
        for file in self.files:
            for depth in range(1, min(len(file.parts), 3)):
                found.setdefault("/".join(file.parts[:depth]), []).append(file)
        return {folder: tuple(files) for folder, files in found.items()}

    def children(self, folder: str) -> list[str]:
        """The names of the folders right in a folder, sorted as Python sorts."""
        return self._children.get(folder, [])

    @cached_property
    def _children(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in sorted(self.folders):
            above, _, name = path.rpartition("/")
            found.setdefault(above, []).append(name)
        return {above: sorted(names) for above, names in found.items()}

    def splits(self) -> list[str]:
        """The root's folders that are named as a split and hold classes; train and val first.

        `Train` counts: who made it meant a split, whatever loaders make of the capital.
        """
        found = [one for one in self.children("") if one.lower() in RESERVED and self.children(one)]
        return sorted(found, key=lambda one: (one[:2].lower() != "tr", one[:2].lower() == "te"))


def read_listing(root: Path) -> Listing:
    """List what lies below `root` as loaders do: hidden folders and links to folders too.

    Raises UsageError where `root` is no folder.
    """
    files: list[TreeFile] = []
    folders: set[str] = set()
    linked: set[str] = set()
    unlisted: dict[str, str] = {}
    for entry in walk(root, everything):
        if entry.kind in (EntryKind.FOLDER, EntryKind.LOOP, EntryKind.UNLISTED):
            folders.add(entry.path)
            if entry.link:
                linked.add(entry.path)
            if entry.kind is EntryKind.UNLISTED:
                unlisted[entry.path] = entry.detail
        else:
            files.append(TreeFile(entry.path, entry.kind))
    card = root / "README.md"
    text = ""
    if card.is_file():
        with card.open(encoding="utf-8", errors="replace") as file:
            text = file.read(_CARD_BYTES)
    files.sort(key=lambda file: file.path)
    here = absolute(root)
    return Listing(
        files=tuple(files),
        folders=frozenset(folders),
        linked=frozenset(linked),
        unlisted=unlisted,
        card=text,
        name=here.name,
        place=str(here),
    )


def with_pictures(tree: Listing, found: Mapping[str, tuple[str | None, str | None]]) -> Listing:
    """The same listing with what was found in its pictures: path → (format, fault)."""
    files = tuple(
        TreeFile(file.path, file.kind, *found[file.path]) if file.path in found else file
        for file in tree.files
    )
    return replace(tree, files=files)
