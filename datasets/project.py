"""Where things lie in a dataset folder."""

from __future__ import annotations

import os
import shlex
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..curation.printable import counted
from .catalogue.border import way_out
from .catalogue.images import is_empty
from .catalogue.store import Catalogue
from .errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Project:
    """A dataset folder; every path of it is asked of this value."""

    root: Path

    @property
    def recipe(self) -> Path:
        """What was asked for (TOML)."""
        return self.root / "recipe.toml"

    @property
    def catalogue(self) -> Path:
        """The SQLite file."""
        return self.root / "pixset.sqlite"

    @property
    def images(self) -> Path:
        """The pool: images/<label>/<sha256[:16]>.<ext>, original bytes, never altered."""
        return self.root / "images"

    @property
    def ready(self) -> Path:
        """The disposable view that training packages are pointed at."""
        return self.root / "ready"

    @property
    def pages(self) -> Path:
        """Pages that an engine's parser could not read, scrubbed, for `pixset inspect`."""
        return self.root / "pages"

    @property
    def curated(self) -> Path:
        """What the last curation found, as noted; losing it costs one curation the whole way."""
        return self.root / ".curated.json"

    @classmethod
    def open(cls, root: Path) -> Project:
        """The dataset at `root`; raises UsageError where there is none."""
        if root.is_file():
            raise UsageError(f"{root}: is a file; expected a dataset's folder")
        if not is_dataset(root):
            raise UsageError(
                f"{root}: no dataset here (no pixset.sqlite in it); {_way_to_one(root)}"
            )
        return cls(root)

    def open_catalogue(self, *, create: bool = False, write: bool = True) -> Catalogue:
        """The dataset's catalogue; raises what `Catalogue.open` raises.

        Unless it may be made (`create`), one that is empty beside pictures is refused, too: it is
        not the one that these pictures came with.
        """
        catalogue = Catalogue.open(self.catalogue, create=create, write=write)
        if not create and is_empty(catalogue):
            number = sum(1 for path in self.images.glob("*/*") if path.is_file())
            if number:
                catalogue.close()
                raise UsageError(
                    f"{self.catalogue}: is empty, but images/ holds {counted(number, 'file')}: "
                    f"{way_out(self.catalogue)}"
                )
        return catalogue

    def refuse_obstacles(self) -> None:
        """Raise UsageError for what stands where a dataset's own files go; writes nothing.

        A file in place of a folder, a catalogue that cannot be read, one that another process
        writes: what would end a run, found before its first line is written.
        """
        self.refuse_files()
        if self.catalogue.exists() and not self.catalogue.is_file():
            raise UsageError(f"{self.catalogue}: is a folder; expected a catalogue or nothing")
        if is_dataset(self.root):
            self.open_catalogue(create=True).close()

    def refuse_files(self) -> None:
        """Raise UsageError for a file where the dataset's folder, or one in it, is to be."""
        for folder in (self.root, self.images, self.pages, self.root / "previews"):
            if folder.exists() and not folder.is_dir():
                raise UsageError(f"{folder}: is a file; expected a folder to make")

    def written(self) -> list[tuple[int, int]]:
        """What changes whenever the catalogue does: its files' times and sizes.

        A write-ahead log that holds nothing, as each opening makes one, is left out.
        """
        files = (self.catalogue, self.catalogue.with_name(f"{self.catalogue.name}-wal"))
        found = [file.stat() for file in files if file.is_file()]
        return [(status.st_mtime_ns, status.st_size) for status in found if status.st_size]

    def image(self, relative: str) -> Path:
        """The file of a picture whose catalogue path is `relative` (posix)."""
        return self.root.joinpath(*relative.split("/"))


def is_dataset(root: Path) -> bool:
    """Whether `root` holds a catalogue, good or not: a damaged dataset is no folder of pictures."""
    return os.path.lexists(root / "pixset.sqlite")


def _way_to_one(root: Path) -> str:
    """How a dataset comes about: beside somebody's pictures, not among them."""
    with suppress(OSError):
        if any(path.is_dir() and path.name[0] != "." for path in root.iterdir()):
            folder = shlex.quote(str(root))
            return f"`pixset import {folder} --into DATASET` makes one of the class folders in it"
    return (
        f"make one with `pixset scrape --term pizza --into {root}` "
        f"or `pixset import DIR --into {root}`"
    )
