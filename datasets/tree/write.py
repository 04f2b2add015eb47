"""Writing a tree's pictures: threads prepare and write, what is there already is used again."""

from __future__ import annotations

import hashlib
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from stat import S_ISLNK
from typing import TYPE_CHECKING, NamedTuple

from ...curation.errors import Unreadable
from ...curation.images.reading import digest_of, read_file
from ...curation.images.sandbox import DecodeSandbox
from ...curation.images.trainable import AS_IS
from ...curation.progress import Progress, silent
from ..errors import UsageError
from .prepare import fits, prepare
from .settings import check_link
from .source_files import read_untouched, reflink, says_untouched, write_new
from .target import Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ..catalogue.placements import Measured


class PictureToWrite(NamedTuple):  # one a picture, made in a quarter of a dataclass's time
    """A picture the tree shall hold: its source, and where it goes (posix, relative)."""

    id: str
    measured: Measured
    source: Path
    file_name: str


class WrittenPicture(NamedTuple):
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

    `reused` are the pictures of the tree before that are good as they are: their file names (there,
    here). They are not in the new tree yet: where all are good there need be none (`link_reused`).
    """

    written: tuple[WrittenPicture, ...]
    failed: Mapping[str, Unreadable]
    reused: tuple[tuple[str, str], ...]


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
        # In slices, so that Ctrl-C is not waited for by ten thousand queued pictures.
        for part in _slices(pictures, 512):
            rest = []
            for picture in part:
                done = writer.place(picture)  # takes less than handing it to a thread
                if done is None:
                    rest.append(picture)
                else:
                    written.append(done)
            for outcomes in pool.map(writer.make_all, _slices(rest, 16)):
                for picture, outcome in outcomes:
                    if isinstance(outcome, WrittenPicture):
                        written.append(outcome)
                    else:
                        failed[picture.id] = outcome
            advance(len(part))
    return WriteResult(tuple(written), failed, tuple(writer.reused))


def link_reused(result: WriteResult, old: Path, new: Path) -> None:
    """Put the pictures that are used again into the new tree, as links where there can be some."""
    for before, now in result.reused:
        there, here = old / before, new / now
        if there.is_symlink():
            here.symlink_to(there.readlink())
        else:
            try:
                os.link(there, here)
            except OSError:
                shutil.copyfile(there, here)


def _pool(workers: int | None) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(workers or min(8, os.cpu_count() or 1), thread_name_prefix="write")


def _slices(pictures: Sequence[PictureToWrite], size: int) -> Iterable[Sequence[PictureToWrite]]:
    return (pictures[at : at + size] for at in range(0, len(pictures), size))


class _PictureWriter:
    """Writes one picture; shared by the threads."""

    def __init__(self, plan: WritePlan, sandbox: DecodeSandbox) -> None:
        self._plan = plan
        self._sandbox = sandbox
        self._new = f"{plan.new}{os.sep}"
        self._clones = plan.link == "copy"  # until the file system refuses the first
        self._real = cache(Path.resolve)  # ten thousand pictures lie in a few dozen folders
        self.reused: list[tuple[str, str]] = []

    def place(self, picture: PictureToWrite) -> WrittenPicture | None:
        """Have a picture in the tree unread: as it is there already, or as a link or a clone."""
        return self._reuse(picture) or self._link_unread(picture)

    def make_all(
        self, pictures: Sequence[PictureToWrite]
    ) -> list[tuple[PictureToWrite, WrittenPicture | Unreadable]]:
        """Write some pictures, one after the other, or say of each why it cannot be."""
        return [(picture, self._make(picture)) for picture in pictures]

    def _link_unread(self, picture: PictureToWrite) -> WrittenPicture | None:
        """Link a source that needs no change and was not written to since it was judged."""
        if not (self._clones or self._plan.link != "copy") or not self._as_is(picture.measured):
            return None
        try:
            found = os.lstat(picture.source)
            linked = S_ISLNK(found.st_mode)
            if linked:
                found = os.stat(picture.source)  # noqa: PTH116 - two thirds of the time
        except OSError:
            return None
        if not (says_untouched(found, picture.measured) and self._link(picture, linked=linked)):
            return None
        return _same(picture)

    def _as_is(self, seen: Measured) -> bool:
        return seen.trainable == AS_IS and fits((seen.width, seen.height), self._plan.target)

    def _make(self, picture: PictureToWrite) -> WrittenPicture | Unreadable:
        seen = picture.measured
        try:
            data = read_untouched(picture.source, seen)
            if data is None:
                data = read_file(picture.source)
                if hashlib.sha256(data).hexdigest() != seen.sha256:
                    return Unreadable(
                        "altered", "the file no longer has the bytes that were judged"
                    )
            if self._as_is(seen):
                self._put(picture, data)
                return _same(picture)
            prepared = prepare(data, self._plan.target, self._sandbox, seen.trainable)
        except Unreadable as error:
            if error.why == "not-a-file":
                return Unreadable("missing", f"the file is gone: {error.detail}")
            return error
        if prepared.how == AS_IS:
            self._put(picture, data)
            return _same(picture)
        self._write(picture, prepared.data)
        return WrittenPicture(
            picture.id,
            picture.file_name,
            hashlib.sha256(prepared.data).hexdigest(),
            len(prepared.data),
            prepared.width,
            prepared.height,
            prepared.how,
        )

    def _put(self, picture: PictureToWrite, data: bytes) -> None:
        """Have a picture in the tree that needs no change: as a link, or as a file of its own."""
        if not self._link(picture, linked=picture.source.is_symlink()):
            self._write(picture, data)

    def _write(self, picture: PictureToWrite, data: bytes) -> None:
        write_new(self._new + picture.file_name, data)

    def _reuse(self, picture: PictureToWrite) -> WrittenPicture | None:
        """Take the earlier tree's file, if its bytes are still what was recorded."""
        plan = self._plan
        earlier = plan.earlier.get(picture.id)
        if earlier is None or plan.old is None:
            return None
        old = f"{plan.old}{os.sep}{earlier.file_name}"
        try:
            found = os.lstat(old)
            if not self._is_link_of(picture, earlier, found):
                return None
            if S_ISLNK(found.st_mode):
                found = picture.source.stat()
            # Whatever wrote to it since the tree was finished left a later time; where the times
            # tell nothing (a tree that was copied), its bytes do.
            unwritten = found.st_size == earlier.bytes and found.st_mtime_ns < plan.built
            if not unwritten and digest_of(Path(old)) != earlier.sha256:
                return None
        except (OSError, Unreadable):
            return None
        self.reused.append((earlier.file_name, picture.file_name))
        if earlier.file_name == picture.file_name:
            return earlier
        return earlier._replace(file_name=picture.file_name)

    def _is_link_of(
        self, picture: PictureToWrite, earlier: WrittenPicture, found: os.stat_result
    ) -> bool:
        """Whether the earlier file is what `link` asks for: the source's own, or one of its own."""
        plan, linked = self._plan, S_ISLNK(found.st_mode)
        if plan.link == "copy" or earlier.how != AS_IS or plan.old is None:
            return not linked
        if linked != (plan.link == "sym"):
            return False
        if linked:
            found = (plan.old / earlier.file_name).stat()
        return os.path.samestat(found, os.stat(picture.source))  # noqa: PTH116 - half the time

    def _link(self, picture: PictureToWrite, *, linked: bool) -> bool:
        """Put a link or a clone of the source in place; False where a copy has to be written.

        `linked` says that the source itself is a symbolic link.
        """
        path = self._new + picture.file_name
        if self._plan.link == "copy":
            return self._clones and self._clone(picture.source, Path(path))
        source = picture.source
        try:
            if linked:
                source = source.resolve()
            elif self._plan.link == "sym":
                source = self._real(source.parent) / source.name
            if self._plan.link == "hard":
                os.link(source, path)
            else:
                # Relative to where the tree will be, so that the dataset can be moved as a whole.
                home = self._real((self._plan.final / picture.file_name).parent)
                os.symlink(os.path.relpath(source, home), path)  # noqa: PTH211 - no Path is made for each
        except OSError as error:
            raise UsageError(
                f"{picture.file_name}: cannot be linked ({error.strerror}): use --link copy"
            ) from None
        return True

    def _clone(self, source: Path, path: Path) -> bool:
        try:
            reflink(source, path)
        except OSError:
            self._clones = False
            return False
        return True


def _same(picture: PictureToWrite) -> WrittenPicture:
    seen = picture.measured
    return WrittenPicture(
        picture.id, picture.file_name, seen.sha256, seen.bytes, seen.width, seen.height, AS_IS
    )
