"""The one listing of a folder: every entry below it, with its kind, in sorted order.

No recursion, so depth is no limit but the system's own; names may hold any bytes (they are Python's
surrogate-escaped text); nothing is opened, so a pipe or a device cannot stall it. Callers choose
which folders to enter (`ordinary`, `everything`) and what to make of each kind.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    _Identity = tuple[int, int]  # device and inode


class EntryKind(StrEnum):
    """What a name leads to, links resolved; the value is how it is named to a person."""

    FILE = "file"
    FOLDER = "folder"
    LOOP = "link to a folder above it"
    BROKEN = "link that leads nowhere"
    PIPE = "named pipe"
    SOCKET = "socket"
    DEVICE = "device"
    UNLISTED = "folder that cannot be listed"


@dataclass(frozen=True, slots=True)
class Entry:
    """One name below a folder.

    `path` is relative to the folder, with `/` between its parts. `link` says that the name itself
    is a symbolic link; `hidden` and `byproduct` hold for everything below a folder for which they
    hold. `detail` says why a folder cannot be listed.
    """

    path: str
    kind: EntryKind
    link: bool = False
    hidden: bool = False
    byproduct: bool = False
    detail: str = ""

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


# Folders that systems and programs make beside pictures: Synology and QNAP, Windows, macOS,
# desktops' thumbnails, notebooks, Python. (Most that begin with a dot are hidden besides.)
BYPRODUCTS: Final = frozenset(
    {
        *("@eadir", "#recycle", "#snapshot", "@recycle", "@recently-snapshot", "@sharebin"),
        *("@tmp", "@sharesnap", "@database", "@appstore", "@img_bkp_cache", "@qmap"),
        *("$recycle.bin", "recycler", "recycled", "system volume information", "found.000"),
        *("__macosx", "lost+found", "lost.dir", "network trash folder", "temporary items"),
        *("_vti_cnf", "_vti_pvt"),
        *(".thumbnails", ".thumbs", ".ipynb_checkpoints", "__pycache__", ".appledouble"),
        *(".trashes", ".fseventsd", ".spotlight-v100"),
    }
)
# Files of the same makers: naive loaders trip over them.
JUNK: Final = frozenset({".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini", ".directory"})


def absolute(path: Path) -> Path:
    """Return a path from the root on, without `..`; links keep their own names and places."""
    return Path(os.path.abspath(path))  # noqa: PTH100 (pathlib has no absolute() that drops "..")


def is_junk(name: str) -> bool:
    """Say whether a file of this name is a system's own (`.DS_Store`, `Thumbs.db`, `._cat.jpg`)."""
    return name.lower() in JUNK or name.startswith("._")


def is_class_name(name: str) -> bool:
    """Say whether a folder of this name may be a class: none that begins with `.` or `_` is."""
    return name[0] not in "._"


def why_no_class(folders: Sequence[str]) -> str:
    """Why what lies in these folders, the outermost first, is in no class."""
    if folders and folders[-1].startswith("_"):
        return f"in {'/'.join(folders)}, no class as its name begins with _"
    return "in no class folder"


def ordinary(entry: Entry) -> bool:
    """Enter folders that a person made: no links, no hidden ones, no by-products."""
    return not (entry.link or entry.hidden or entry.byproduct)


def everything(entry: Entry) -> bool:
    """Enter every folder, hidden ones, by-products and links too, as training loaders do."""
    del entry
    return True


def walk(root: Path, enter: Callable[[Entry], bool] = ordinary) -> Iterator[Entry]:
    """Yield every entry below `root`, a folder before what it holds, siblings sorted by name.

    The order is that of sorted paths. `enter` decides for each entry of kind FOLDER whether what it
    holds is yielded too. A link to a folder that holds it is a LOOP and never entered; other
    folders are entered through links at most once each. Raises UsageError when `root` is no folder
    or cannot be listed.
    """
    try:
        top = _listed(os.fspath(root))
        above = {_identity(one) for one in (root, *Path(os.path.realpath(root)).parents)}
    except NotADirectoryError:
        raise UsageError(f"{root}: is no folder") from None
    except FileNotFoundError:
        raise UsageError(f"{root}: no such folder") from None
    except OSError as error:
        raise UsageError(f"{root}: cannot be listed: {error.strerror}") from error
    yield from _Walk(enter, above).below(top)


class _Walk:
    """One walk under way: the folders it is in, and those it entered through a link."""

    def __init__(self, enter: Callable[[Entry], bool], above: set[_Identity]) -> None:
        self._enter = enter
        self._above = above
        self._followed: set[_Identity] = set()

    def below(self, top: list[os.DirEntry[str]]) -> Iterator[Entry]:
        root = Entry("", EntryKind.FOLDER)
        stack: list[tuple[Entry, Iterator[os.DirEntry[str]], _Identity | None]]
        stack = [(root, iter(top), None)]
        while stack:
            folder, rest, identity = stack[-1]
            found = next(rest, None)
            if found is None:
                stack.pop()
                if identity is not None:
                    self._above.discard(identity)
                continue
            entry, inside, identity = self._look(found, folder)
            yield entry
            if inside is not None and identity is not None:
                self._above.add(identity)
                stack.append((entry, iter(inside), identity))

    def _look(
        self, found: os.DirEntry[str], folder: Entry
    ) -> tuple[Entry, list[os.DirEntry[str]] | None, _Identity | None]:
        """The entry, and where it is a folder to be entered, what it holds and its identity."""
        entry = Entry(
            f"{folder.path}/{found.name}" if folder.path else found.name,
            _kind(found),
            link=found.is_symlink(),
            hidden=folder.hidden or found.name.startswith("."),
            byproduct=folder.byproduct or found.name.lower() in BYPRODUCTS,
        )
        if entry.kind is not EntryKind.FOLDER:
            return entry, None, None
        try:
            identity = _identity(found)
            if identity in self._above:
                return replace(entry, kind=EntryKind.LOOP), None, None
            if not self._enter(entry) or (entry.link and identity in self._followed):
                return entry, None, None
            inside = _listed(found.path)
        except OSError as error:
            why = error.strerror or str(error)
            return replace(entry, kind=EntryKind.UNLISTED, detail=why), None, None
        if entry.link:
            self._followed.add(identity)
        return entry, inside, identity


def _listed(folder: str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as found:
        return sorted(found, key=lambda one: one.name)


def _identity(of: Path | os.DirEntry[str]) -> _Identity:
    found = of.stat()
    return found.st_dev, found.st_ino


def _kind(found: os.DirEntry[str]) -> EntryKind:
    """What a name leads to; the folder's own listing tells it, except of links and odd things."""
    try:
        if found.is_dir():
            return EntryKind.FOLDER
        if found.is_file():
            return EntryKind.FILE
        mode = found.stat().st_mode
    except OSError:
        return EntryKind.BROKEN
    if stat.S_ISFIFO(mode):
        return EntryKind.PIPE
    return EntryKind.SOCKET if stat.S_ISSOCK(mode) else EntryKind.DEVICE
