"""Folders written whole or not at all, and what pixset did not write is never deleted.

A folder (a training tree, an export) is filled beside its place and swapped in; an operating
system's lock on the folder being filled tells a writer at work from one that was killed.
`SHA256SUMS` at a folder's root lists what pixset wrote there: anything else is somebody's own.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .errors import UsageError
from .files import SUMS, files_below, plain_error, read_checksums, read_record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# What desktops leave in every folder they show, by lower-case name.
_DESKTOP: Final = frozenset({".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini", ".directory"})
_CARD: Final = "README.md"  # asks its reader to write into it, so its text may be a person's


def foreign_files(folder: Path) -> tuple[list[str], list[str]]:
    """What pixset did not write into a folder of its own: (somebody's own, by-products), sorted.

    By-products are what training packages (`train.cache`, `.npy` beside a picture) and desktops
    (`.DS_Store`, `Thumbs.db`, `._*`) leave behind: they may go. A README.md that was edited is
    somebody's own.
    """
    sums = read_checksums(folder)
    others = files_below(folder) - sums.keys() - {SUMS}
    by_products = {name for name in others if _is_by_product(name, sums)}
    own = others - by_products
    card = folder / _CARD
    if card.is_file() and hashlib.sha256(card.read_bytes()).hexdigest() != sums.get(_CARD):
        own.add(_CARD)
    return sorted(own), sorted(by_products)


def _is_by_product(path: str, sums: Mapping[str, str]) -> bool:
    above, _, name = path.rpartition("/")
    if name.lower() in _DESKTOP or name.startswith("._"):
        return True
    if not above:
        return name.endswith(".cache")
    return name.endswith(".npy") and f"{path.removesuffix('.npy')}.jpg" in sums


class FolderSwap:
    """One replacement in progress: `new` is filled; `old` is pixset's own folder there till then.

    `by_products` are files of `old` that go with it; `aside` is where `replace` moved what was
    there. `keep_old` says that nothing changed: the old folder stays, the new one is thrown away.
    """

    def __init__(self, target: Path, record: str) -> None:
        self.target = target
        self.new = target.with_name(f".{target.name}.pixset-new")
        self.old = target if read_record(target, record).get("pixset") else None
        self.foreign, self.by_products = _strangers(target, owned=self.old is not None)
        self.aside: Path | None = None
        self.kept = False

    def keep_old(self) -> None:
        """Leave what is there in place, unless it holds what has to be moved aside."""
        self.kept = not self.foreign


@contextmanager
def swap_folder(target: Path, record: str, *, replace: bool = False) -> Iterator[FolderSwap]:
    """Yield a folder to fill, beside `target`, that takes its place when the block ends well.

    `record` names the JSON file that marks a folder as pixset's own. Killed anywhere, the old
    folder or the new one is at `target`, or (between two renames) beside it, and the next run
    brings it back and clears away what was half written. Raises UsageError where another process
    fills the same folder, and where `target` holds what pixset did not write; with `replace` that
    is moved aside whole instead.
    """
    target = Path(os.path.realpath(target))  # a link to a tree elsewhere stays a link
    new = target.with_name(f".{target.name}.pixset-new")
    old = target.with_name(f".{target.name}.pixset-old")
    with _claimed(new, target):
        try:
            _recover(target, old)
            if not replace:
                refuse_foreign(target, record)
            change = FolderSwap(target, record)
            yield change
            if not change.kept:
                if target.exists():
                    if not replace:
                        refuse_foreign(target, record)  # again: of what came meanwhile
                    change.aside = _free_name(target) if replace and _is_foreign(change) else None
                    target.rename(change.aside or old)
                new.rename(target)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT) and error.filename is None:
                raise plain_error(error, target) from error  # a write does not say where
            raise
        finally:
            for leftover in (new, old):
                if leftover.exists() and (leftover == new or target.exists()):
                    shutil.rmtree(leftover)


def _is_foreign(change: FolderSwap) -> bool:
    """Whether what is to be replaced is, or by now holds, somebody's own."""
    target, owned = change.target, change.old is not None
    return not target.is_dir() or bool(_strangers(target, owned=owned)[0])


def refuse_foreign(target: Path, record: str) -> None:
    """Raise UsageError where `target` is there and is not, from end to end, pixset's own."""
    if target.exists() and not target.is_dir():
        raise UsageError(f"{target}: is a file; expected a folder to make")
    if not target.is_dir():
        return
    owned = bool(read_record(target, record).get("pixset"))
    foreign, _ = _strangers(target, owned=owned)
    if not foreign:
        return
    first = foreign[0] + (f" and {len(foreign) - 1} more" if foreign[1:] else "")
    if not owned:
        raise UsageError(
            f"{target}: not empty and not written by pixset (it holds {first}): name another "
            "folder, or let --replace move it aside"
        )
    what = "which was edited since" if foreign[0] == _CARD else "which pixset did not write"
    raise UsageError(
        f"{target}: holds {first}, {what}: move it away, or let --replace move the whole folder "
        "aside"
    )


def _strangers(target: Path, *, owned: bool) -> tuple[list[str], list[str]]:
    if not target.is_dir():
        return [], []
    if owned:
        return foreign_files(target)
    names = sorted(files_below(target))
    return [n for n in names if not _is_by_product(n, {})], []


def _recover(target: Path, old: Path) -> None:
    """Undo a kill between the two renames: the older folder is whole, and goes back."""
    if old.exists() and not target.exists():
        old.rename(target)
    elif old.exists():
        shutil.rmtree(old)
    left = target.with_name(f".{target.name}.pixset-partial")  # as pixset 0.1 called it
    if left.is_dir():
        shutil.rmtree(left)


def _free_name(target: Path) -> Path:
    names = (f"{target.name}-before{f'-{n}' if n > 1 else ''}" for n in range(1, sys.maxsize))
    return next(path for path in map(target.with_name, names) if not path.exists())


@contextmanager
def _claimed(new: Path, target: Path) -> Iterator[None]:
    """Make the folder to fill and hold its lock, so that no other process clears it away."""
    try:
        new.parent.mkdir(parents=True, exist_ok=True)
        held = _claim(new)
        while held is None:
            held = _claim(new)
    except BlockingIOError:
        raise UsageError(f"{target}: another pixset is writing it: wait for it to end") from None
    except OSError as error:
        raise plain_error(error, target) from error
    try:
        for other in new.parent.glob(".*.pixset-new"):
            _clear_if_dead(other)
        yield
    finally:
        if held >= 0:
            os.close(held)


def _claim(new: Path) -> int | None:
    """An empty, locked folder's descriptor; None: another process came between, try again.

    Raises BlockingIOError where a process at work holds it.
    """
    with suppress(FileExistsError):
        new.mkdir()
    held = _locked(new)
    if held is None:
        return None
    if held >= 0 and os.fstat(held).st_ino != new.stat().st_ino:
        os.close(held)
        return None
    for entry in new.iterdir():  # a killed run's
        shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    return held


def _clear_if_dead(left: Path) -> None:
    """Remove what a killed run left of another folder; one that is being filled stays."""
    with suppress(OSError):
        held = _locked(left)
        if held is not None and held >= 0:
            shutil.rmtree(left)
            os.close(held)


if sys.platform == "win32":

    def _locked(folder: Path) -> int | None:
        del folder
        return -1  # Windows locks no folders: two runs into one folder are not noticed there

else:
    import fcntl

    def _locked(folder: Path) -> int | None:
        try:
            held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(held)
            raise
        return held
