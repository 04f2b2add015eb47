"""Writing a tree's pictures: threads prepare and write, what is there already is used again."""

from __future__ import annotations

import hashlib
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ...curation.errors import Unreadable
from ...curation.images.reading import digest_of, read_file
from ...curation.images.sandbox import DecodeSandbox
from ...curation.images.trainable import AS_IS
from ...curation.progress import Progress, silent
from ..errors import UsageError
from .prepare import Target, fits, prepare
from .settings import check_link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ..catalogue.placements import Measured

_FICLONE: Final = 0x40049409  # Linux: share the blocks of one file with another


@dataclass(frozen=True, slots=True)
class PictureToWrite:
    """A picture the tree shall hold: its source, and where it goes (posix, relative)."""

    id: str
    measured: Measured
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
    """What `write_pictures` did: `failed` maps an id to why it is not in the tree.

    `reused` are the pictures of the tree before that are good as they are: (there, here). They are
    not in the new tree yet, because where all are good there need be none; see `link_reused`.
    """

    written: tuple[WrittenPicture, ...]
    failed: Mapping[str, Unreadable]
    reused: tuple[tuple[Path, Path], ...]


@dataclass(frozen=True, slots=True)
class WritePlan:
    """How pictures are written.

    `new` is the folder being filled and `final` the one it will be renamed to. `earlier` (by id)
    are pictures of the tree at `old` that were made from the same bytes for the same target, and
    `built` is when that tree was finished (mtime in nanoseconds; 0: not known).
    """

    new: Path
    final: Path
    target: Target = field(default_factory=Target)
    link: str = "copy"
    old: Path | None = None
    earlier: Mapping[str, WrittenPicture] = field(default_factory=dict)
    built: int = 0


def write_pictures(
    pictures: Sequence[PictureToWrite],
    plan: WritePlan,
    *,
    progress: Progress = silent,
    workers: int | None = None,
) -> WriteResult:
    """Write every picture below `plan.new` that the tree before does not have already.

    With link `hard` or `sym`, pictures that need no change are links to their sources; the others
    are files of their own. Raises UsageError where the file system refuses a link.
    """
    check_link(plan.link)
    for folder in sorted({picture.file_name.rpartition("/")[0] for picture in pictures}):
        (plan.new / folder).mkdir(parents=True, exist_ok=True)
    written: list[WrittenPicture] = []
    failed: dict[str, Unreadable] = {}
    with (
        progress("write pictures", len(pictures)) as advance,
        _pool(workers) as pool,
        DecodeSandbox() as sandbox,  # the first to end: the threads wait for it
    ):
        writer = _PictureWriter(plan, sandbox)
        # In slices, so that Ctrl-C is not waited for by ten thousand queued pictures; a thread
        # takes some at a time, because handing one over costs as much as linking it.
        for part in _slices(pictures, 512):
            for outcomes in pool.map(writer.write_all, _slices(part, 16)):
                for picture, outcome in outcomes:
                    if isinstance(outcome, WrittenPicture):
                        written.append(outcome)
                    else:
                        failed[picture.id] = outcome
            advance(len(part))
    return WriteResult(tuple(written), failed, tuple(writer.reused))


def link_reused(result: WriteResult) -> None:
    """Put the pictures that are used again into the new tree, as links where there can be some."""
    for old, new in result.reused:
        if old.is_symlink():
            new.symlink_to(old.readlink())
        elif not _try(lambda: os.link(old, new)):  # noqa: B023 - called at once
            shutil.copyfile(old, new)


def _pool(workers: int | None) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(workers or min(8, os.cpu_count() or 1), thread_name_prefix="write")


def _slices(pictures: Sequence[PictureToWrite], size: int) -> Iterable[Sequence[PictureToWrite]]:
    return (pictures[at : at + size] for at in range(0, len(pictures), size))


class _PictureWriter:
    """Writes one picture; shared by the threads."""

    def __init__(self, plan: WritePlan, sandbox: DecodeSandbox) -> None:
        self._plan = plan
        self._sandbox = sandbox
        self._clones = True  # until the file system refuses the first
        self._real = cache(Path.resolve)  # ten thousand pictures lie in a few dozen folders
        self.reused: list[tuple[Path, Path]] = []

    def write_all(
        self, pictures: Sequence[PictureToWrite]
    ) -> list[tuple[PictureToWrite, WrittenPicture | Unreadable]]:
        """Write some pictures, one after the other."""
        return [(picture, self.write(picture)) for picture in pictures]

    def write(self, picture: PictureToWrite) -> WrittenPicture | Unreadable:
        """Write one picture, or say why it cannot be."""
        return self._reuse(picture) or self._link_unread(picture) or self._make(picture)

    def _link_unread(self, picture: PictureToWrite) -> WrittenPicture | None:
        """Link a source that needs no change and was not written to since it was judged."""
        seen = picture.measured
        size = seen.width, seen.height
        if seen.trainable != AS_IS or not fits(size, self._plan.target):
            return None
        try:
            found = picture.source.stat()
        except OSError:
            return None
        # Digest, size and time stand for the bytes: a hundred thousand links read no picture.
        untouched = found.st_size == seen.bytes and found.st_mtime < seen.seen_at + 1
        if not (untouched and self._link(picture, self._plan.new / picture.file_name)):
            return None
        return WrittenPicture(
            picture.id, picture.file_name, seen.sha256, seen.bytes, *size, seen.trainable
        )

    def _make(self, picture: PictureToWrite) -> WrittenPicture | Unreadable:
        sha256 = picture.measured.sha256
        try:
            data = read_file(picture.source)
            if hashlib.sha256(data).hexdigest() != sha256:
                return Unreadable("altered", "the file no longer has the bytes that were judged")
            prepared = prepare(data, self._plan.target, self._sandbox, picture.measured.trainable)
        except Unreadable as error:
            if error.why == "not-a-file":
                return Unreadable("missing", f"the file is gone: {error.detail}")
            return error
        path = self._plan.new / picture.file_name
        same = prepared.how == AS_IS
        if not (same and self._link(picture, path)):
            path.write_bytes(prepared.data)
        digest = sha256 if same else hashlib.sha256(prepared.data).hexdigest()
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
        """Take the earlier tree's file, if its bytes are still what was recorded."""
        plan = self._plan
        earlier = plan.earlier.get(picture.id)
        if earlier is None or plan.old is None:
            return None
        old = plan.old / earlier.file_name
        try:
            if not self._is_link_of(picture, earlier, old):
                return None
            found = old.stat()
            # Whatever wrote to it since the tree was finished left a later time; where the times
            # tell nothing (a tree that was copied), its bytes do.
            unwritten = found.st_size == earlier.bytes and found.st_mtime_ns < plan.built
            if not unwritten and digest_of(old) != earlier.sha256:
                return None
        except (OSError, Unreadable):
            return None
        self.reused.append((old, plan.new / picture.file_name))
        return replace(earlier, file_name=picture.file_name)

    def _is_link_of(self, picture: PictureToWrite, earlier: WrittenPicture, old: Path) -> bool:
        """Whether the earlier file is what `link` asks for: the source's own, or one of its own."""
        if self._plan.link == "copy" or earlier.how != AS_IS:
            return not old.is_symlink()
        return old.is_symlink() == (self._plan.link == "sym") and old.samefile(picture.source)

    def _link(self, picture: PictureToWrite, path: Path) -> bool:
        """Put a link or a clone of the source at `path`; False where a copy has to be written."""
        if self._plan.link == "copy":
            return self._clones and self._clone(picture.source, path)
        source = picture.source
        if source.is_symlink():
            source = source.resolve()
        else:
            source = self._real(source.parent) / source.name
        try:
            if self._plan.link == "hard":
                os.link(source, path)
            else:
                # Relative to where the tree will be, so that the dataset can be moved as a whole.
                home = (self._plan.final / picture.file_name).parent
                path.symlink_to(os.path.relpath(source, self._real(home)))
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
