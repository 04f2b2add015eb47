"""A tree's files and folders as values, with what the pictures turned out to be."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from ..names import RESERVED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: its posix path below the root, and whether it is a link or leads nowhere.

    `format` is the picture's type by content (jpeg, png, webp …), None where it was not looked
    at; `fault` says why it cannot be decoded.
    """

    path: str
    link: bool = False
    broken: bool = False
    format: str | None = None
    fault: str | None = None

    @property
    def parts(self) -> tuple[str, ...]:
        """The folders and the name."""
        return PurePosixPath(self.path).parts

    @property
    def name(self) -> str:
        """The file's name."""
        return self.parts[-1]


@dataclass(frozen=True)
class Listing:
    """Everything below a root.

    `folders` are posix paths, `linked` those that are links to folders; `card` is the text of
    README.md at the root, which Hugging Face reads.
    """

    files: tuple[Entry, ...]
    folders: frozenset[str] = frozenset()
    linked: frozenset[str] = frozenset()
    card: str = ""
    name: str = field(default="", compare=False)

    def below(self, folder: str) -> tuple[Entry, ...]:
        """The files below a folder ("" is the root), at any depth."""
        return self._by_folder.get(folder, ()) if folder else self.files

    @cached_property
    def _by_folder(self) -> dict[str, tuple[Entry, ...]]:
        found: dict[str, list[Entry]] = {}
        for entry in self.files:
            for parent in PurePosixPath(entry.path).parents:
                found.setdefault(str(parent), []).append(entry)
        return {folder: tuple(entries) for folder, entries in found.items()}

    def children(self, folder: str) -> list[str]:
        """The names of the folders right in a folder, sorted as Python sorts."""
        depth = len(PurePosixPath(folder).parts) if folder else 0
        start = f"{folder}/" if folder else ""
        parts = (PurePosixPath(path).parts for path in self.folders if path.startswith(start))
        return sorted({part[depth] for part in parts if len(part) == depth + 1})

    def splits(self) -> list[str]:
        """The root's folders that are named as a split and hold classes; train and val first."""
        found = [one for one in self.children("") if one in RESERVED and self.children(one)]
        return sorted(found, key=lambda one: (not one.startswith("tr"), one.startswith("te")))


def listing_of(paths: Iterable[str], *, empty: Iterable[str] = (), card: str = "") -> Listing:
    """A listing from posix paths of files, and of folders that hold none."""
    files = tuple(Entry(path) for path in sorted(paths))
    folders = {
        str(parent)
        for path in (*(entry.path for entry in files), *(f"{one}/x" for one in empty))
        for parent in PurePosixPath(path).parents
        if str(parent) != "."
    }
    return Listing(files, frozenset(folders), card=card)


def read_listing(root: Path, looked: Mapping[str, tuple[str | None, str | None]]) -> Listing:
    """List what lies below `root`, following links; `looked` is path → (format, fault)."""
    files: list[Entry] = []
    folders: set[str] = set()
    linked: set[str] = set()
    seen: set[str] = set()
    for here, below, names in os.walk(root, followlinks=True):
        real = os.path.realpath(here)
        if real in seen:  # a link that leads up again
            below.clear()
            continue
        seen.add(real)
        home = Path(here)
        for name in below:
            path = (home / name).relative_to(root).as_posix()
            folders.add(path)
            if (home / name).is_symlink():
                linked.add(path)
        for name in names:
            path = (home / name).relative_to(root).as_posix()
            link = (home / name).is_symlink()
            broken = link and not (home / name).exists()
            files.append(Entry(path, link, broken, *looked.get(path, (None, None))))
    card = root / "README.md"
    text = card.read_text(encoding="utf-8", errors="replace") if card.is_file() else ""
    files.sort(key=lambda entry: entry.path)
    return Listing(tuple(files), frozenset(folders), frozenset(linked), text, root.name)
