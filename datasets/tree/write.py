"""Writing a tree's pictures: threads prepare and write, what is there already is used again."""

from __future__ import annotations

import hashlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ...curation.errors import Unreadable
from ...curation.images.reading import read_file
from ...curation.images.sandbox import DecodeSandbox
from ...curation.progress import Progress, silent
from ..errors import UsageError
from .prepare import Target, prepare
from .settings import check_link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_FICLONE: Final = 0x40049409  # Linux: share the blocks of one file with another


@dataclass(frozen=True, slots=True)
class PictureToWrite:
    """A picture the tree shall hold: its source, and where it goes (posix, relative)."""

    id: str
    sha256: str
    source: Path
    file_name: str


@dataclass(frozen=True, slots=True)
class WrittenPicture:
    """A picture the tree holds: its own digest, size in bytes and pixels, and what was done.

    `how` is `same`, `stripped` or the steps of a re-encoding (Prepared.how).
    """

    id: str
    file_name: str
    sha256: str
    bytes: int
    width: int
    height: int
    how: str


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What `write_pictures` did: `failed` maps an id to why it is not in the tree."""

    written: tuple[WrittenPicture, ...]
    failed: Mapping[str, Unreadable]
    reused: int


@dataclass(frozen=True, slots=True)
class WritePlan:
    """How pictures are written.

    `new` is the folder being filled and `final` the one it will be renamed to. `earlier` (by id)
    are pictures of the tree at `old` that were made from the same bytes for the same target.
    """

    new: Path
    final: Path
    target: Target = field(default_factory=Target)
    link: str = "copy"
    old: Path | None = None
    earlier: Mapping[str, WrittenPicture] = field(default_factory=dict)


def write_pictures(
    pictures: Sequence[PictureToWrite],
    plan: WritePlan,
    *,
    progress: Progress = silent,
    workers: int | None = None,
) -> WriteResult:
    """Write every picture below `plan.new`.

    With link `hard` or `sym`, pictures that need no change are links to their sources; the others
    are files of their own. Raises UsageError where the file system refuses a link.
    """
    check_link(plan.link)
    for folder in sorted({Path(picture.file_name).parent for picture in pictures}):
        (plan.new / folder).mkdir(parents=True, exist_ok=True)
    written: list[WrittenPicture] = []
    failed: dict[str, Unreadable] = {}
    with (
        progress("write pictures", len(pictures)) as advance,
        _pool(workers) as pool,
        DecodeSandbox() as sandbox,  # the first to end: the threads wait for it
    ):
        writer = _PictureWriter(plan, sandbox)
        # In slices, so that Ctrl-C is not waited for by ten thousand queued pictures.
        for part in _slices(pictures, 256):
            for picture, outcome in zip(part, pool.map(writer.write, part), strict=True):
                if isinstance(outcome, WrittenPicture):
                    written.append(outcome)
                else:
                    failed[picture.id] = outcome
            advance(len(part))
    return WriteResult(tuple(written), failed, writer.reused)


def _pool(workers: int | None) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(workers or min(8, os.cpu_count() or 1), thread_name_prefix="write")


def _slices(pictures: Sequence[PictureToWrite], size: int) -> Iterable[Sequence[PictureToWrite]]:
    return (pictures[at : at + size] for at in range(0, len(pictures), size))


class _PictureWriter:
    """Writes one picture; shared by the threads."""

    def __init__(self, plan: WritePlan, sandbox: DecodeSandbox) -> None:
        self._plan = plan
        self._sandbox = sandbox
        self._lock = threading.Lock()
        self._clones = True  # until the file system refuses the first
        self.reused = 0

    def write(self, picture: PictureToWrite) -> WrittenPicture | Unreadable:
        """Write one picture, or say why it cannot be."""
        again = self._reuse(picture)
        if again is not None:
            return again
        try:
            data = read_file(picture.source)
            if hashlib.sha256(data).hexdigest() != picture.sha256:
                return Unreadable("altered", "the file no longer has the bytes that were judged")
            prepared = prepare(data, self._plan.target, self._sandbox)
        except Unreadable as error:
            if error.why == "not-a-file":
                return Unreadable("missing", f"the file is gone: {error.detail}")
            return error
        path = self._plan.new / picture.file_name
        same = prepared.how == "same"
        if not (same and self._link(picture, path)):
            path.write_bytes(prepared.data)
        digest = picture.sha256 if same else hashlib.sha256(prepared.data).hexdigest()
        size = len(prepared.data)
        return WrittenPicture(
            picture.id,
            picture.file_name,
            digest,
            size,
            prepared.width,
            prepared.height,
            prepared.how,
        )

    def _reuse(self, picture: PictureToWrite) -> WrittenPicture | None:
        """Link the earlier tree's file, if its bytes are still what was recorded."""
        plan = self._plan
        earlier = plan.earlier.get(picture.id)
        if earlier is None or plan.old is None or (plan.link != "copy" and earlier.how == "same"):
            return None
        old, path = plan.old / earlier.file_name, plan.new / picture.file_name
        try:
            data = old.read_bytes()
            # A trainer may have rewritten it in place: a name and a size prove nothing.
            if hashlib.sha256(data).hexdigest() != earlier.sha256 or old.is_symlink():
                return None
            _try(lambda: os.link(old, path)) or path.write_bytes(data)
        except OSError:
            return None
        with self._lock:
            self.reused += 1
        return WrittenPicture(
            earlier.id,
            picture.file_name,
            earlier.sha256,
            earlier.bytes,
            earlier.width,
            earlier.height,
            earlier.how,
        )

    def _link(self, picture: PictureToWrite, path: Path) -> bool:
        """Put a link or a clone of the source at `path`; False where a copy has to be written."""
        if self._plan.link == "copy":
            return self._clones and self._clone(picture.source, path)
        source = picture.source.resolve()
        try:
            if self._plan.link == "hard":
                os.link(source, path)
            else:
                # Relative to where the tree will be, so that the dataset can be moved as a whole.
                home = (self._plan.final / picture.file_name).parent
                path.symlink_to(os.path.relpath(source, home.resolve()))
        except OSError as error:
            raise UsageError(
                f"{path.name}: cannot be linked ({error.strerror}): use --link copy"
            ) from None
        return True

    def _clone(self, source: Path, path: Path) -> bool:
        if _try(lambda: _reflink(source, path)):
            return True
        self._clones = False
        return False


def _try(action: Callable[[], None]) -> bool:
    try:
        action()
    except OSError:
        return False
    return True


def _reflink(source: Path, path: Path) -> None:
    """Share the source's blocks (btrfs, xfs, zfs): no bytes are copied, a later edit is."""
    try:
        import fcntl
    except ImportError:
        raise OSError("no reflinks on this system") from None
    try:
        with source.open("rb") as reader, path.open("wb") as writer:
            fcntl.ioctl(writer.fileno(), _FICLONE, reader.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise
