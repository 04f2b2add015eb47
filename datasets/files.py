"""Files written whole or not at all: beside their place, then renamed. And their checksums."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from ..curation.printable import json_text
from .errors import CannotBeWritten, DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from concurrent.futures import ThreadPoolExecutor

SUMS: Final = "SHA256SUMS"
_PLAIN: Final = (
    getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)  # Windows would write \r\n for each \n
)
_READ: Final = os.O_RDONLY | _PLAIN
_WRITTEN: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _PLAIN
_BLOCK: Final = 1 << 20
_LARGE: Final = 16_384  # bytes that take longer to copy than to write by themselves

# What the caller can put right, and how; a full or failing disk is no mistake of theirs.
_NOT_THEIRS: Final = "see its owner and its permissions, or name another place"
_FILE_ABOVE: Final = "a file is where a folder is needed; name another place"
_MISTAKEN: Final = {
    errno.EACCES: _NOT_THEIRS,
    errno.EPERM: _NOT_THEIRS,
    errno.EROFS: "the disk can only be read; name another place",
    errno.ENOTDIR: _FILE_ABOVE,
    errno.EEXIST: _FILE_ABOVE,
    errno.EISDIR: "that is a folder; name a file",
}


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a place beside `path` to write to; it becomes `path` when the block ends well.

    Raises DatasetError, in one line, where the disk is full or refuses, or `path` is a device.
    """
    _refuse_device(path)
    beside = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield beside
        beside.replace(path)
    except OSError as error:
        raise plain_error(error, path) from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def write_file(path: Path | str, data: bytes, *, durable: bool = False) -> None:
    """Write a whole file or none; `durable` waits until the disk holds it."""
    # As `whole_file`, by strings and without looking first: this is done for every picture.
    beside = _beside(os.fspath(path))
    try:
        write_in_place(beside, data, durable=durable)
        os.replace(beside, path)  # noqa: PTH105
    except BaseException as error:
        with suppress(OSError):
            os.unlink(beside)  # noqa: PTH108
        if isinstance(error, OSError):
            raise plain_error(error, Path(path)) from error
        raise


def read_ordinary(path: Path) -> bytes:
    """A file's bytes; raises OSError also for a pipe or a device, which might never end."""
    kind = path.stat().st_mode
    if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
        raise OSError(errno.EINVAL, "it is no ordinary file")
    return path.read_bytes()


def read_whole(path: str) -> bytes:
    """A file's bytes, by system calls as `write_in_place` writes them."""
    file = os.open(path, _READ)
    try:
        size = os.fstat(file).st_size
        data = os.read(file, size + 1)
        while len(data) != size and (more := os.read(file, _BLOCK)):
            data += more
    finally:
        os.close(file)
    return data


def write_in_place(path: str, data: bytes, *, durable: bool = False, fresh: bool = False) -> None:
    """Write a file that may be left half written: beside its place, or in a folder not in its own.

    A folder that is missing is made; FileExistsError for a file that is to be `fresh`. By system
    calls: a file object asks for the file's kind, its size and its position first, which takes as
    long as the writing.
    """
    file = _written(path, data, os.O_EXCL if fresh else 0)
    try:
        if durable:
            os.fsync(file)
    finally:
        os.close(file)


def gathered(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in fewer parts: small ones are joined, large ones are sooner written alone."""
    small: list[bytes] = []
    for part in parts:
        if len(part) < _LARGE:
            small.append(part)
        else:
            if small:
                yield b"".join(small)
                small.clear()
            yield part
    if small:
        yield b"".join(small)


def write_all(file: int, data: bytes) -> None:
    """Write all of some bytes to an open file."""
    left = memoryview(data)
    while left:
        left = left[os.write(file, left) :]


def _written(path: str, data: bytes, flags: int = 0) -> int:
    """Write a file and leave it open."""
    try:
        file = os.open(path, _WRITTEN | flags, 0o666)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
        file = os.open(path, _WRITTEN | flags, 0o666)
    try:
        write_all(file, data)
    except BaseException:
        os.close(file)
        raise
    return file


class FileGroup:
    """Files written whole that are on disk, and in their places, when the block has ended.

    They are waited for together, since a disk flushes sixteen nearly as fast as one. Where the
    block fails none of them is in its place. Raises DatasetError as `write_file` does.
    """

    def __init__(self, flushing: ThreadPoolExecutor) -> None:
        self._flushing = flushing
        self._open: dict[str, int] = {}  # a file's place → its descriptor

    def __contains__(self, path: Path) -> bool:
        return str(path) in self._open

    def write(self, path: Path, data: bytes) -> None:
        """Write a file that is to be at `path`, and is in this group once."""
        try:
            self._open[str(path)] = _written(_beside(str(path)), data)
        except OSError as error:
            with suppress(OSError):
                os.unlink(_beside(str(path)))  # noqa: PTH108
            raise plain_error(error, path) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        try:
            if failure is None:
                self._put_in_place()
        finally:
            for path, file in self._open.items():
                os.close(file)
                with suppress(OSError):
                    os.unlink(_beside(path))  # noqa: PTH108

    def _put_in_place(self) -> None:
        flushed = self._flushing.map(os.fsync, self._open.values())
        while self._open:
            path, file = next(iter(self._open.items()))
            try:
                next(flushed)
                os.replace(_beside(path), path)  # noqa: PTH105
            except OSError as error:
                raise plain_error(error, Path(path)) from error
            os.close(file)
            del self._open[path]


def _beside(path: str) -> str:
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name}.part")  # noqa: PTH118


def write_text(path: Path, text: str) -> None:
    """Write a whole text file or none: UTF-8, newline \\n on every machine; no device."""
    _refuse_device(path)
    write_file(path, text.encode("utf-8"))


def _refuse_device(path: Path) -> None:
    """Raise CannotBeWritten for a device or a pipe, as a file would take its place for all."""
    try:
        kind = path.stat().st_mode
    except OSError:
        return  # there is none, or writing says why not
    if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
        raise CannotBeWritten(f"{path}: is a device or a pipe; name a file")


def write_json(path: Path, value: object) -> None:
    """Write a value as indented JSON, whole or not at all."""
    write_text(path, json_text(value, indent=2) + "\n")


def write_checksums(folder: Path, known: Mapping[str, str]) -> None:
    """Write SHA256SUMS over every file in `folder`, as `sha256sum -c` reads it.

    `known` maps posix paths to digests that need not be computed again.
    """
    lines = []
    for name in sorted(files_below(folder) - {SUMS}):
        digest = known.get(name)
        if digest is None:
            with (folder / name).open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        lines.append(f"{digest}  {name}\n")
    write_text(folder / SUMS, "".join(lines))


def read_checksums(folder: Path) -> dict[str, str]:
    """Posix path → digest from a folder's SHA256SUMS; empty where there is none to be read."""
    try:
        text = read_ordinary(folder / SUMS).decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return {}
    pairs = (line.split("  ", 1) for line in text.split("\n"))
    return {pair[1]: pair[0] for pair in pairs if len(pair) == 2}


def read_record(folder: Path, name: str) -> dict[str, object]:
    """The record that marks a folder as pixset's; empty where there is none to be read."""
    try:
        record = json.loads(read_ordinary(folder / name))
    except (OSError, ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def files_below(folder: Path) -> set[str]:
    """Every file below a folder, as posix paths; a link counts as a file and is not followed."""
    found: set[str] = set()
    waiting = [("", str(folder))]
    while waiting:
        above, here = waiting.pop()
        with os.scandir(here) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((f"{above}{entry.name}/", entry.path))
                else:
                    found.add(above + entry.name)
    return found


def files_in_order(folder: Path) -> Iterator[str]:
    """As `files_below`, in the order of the paths.

    In memory are the names of one folder a level.
    """

    def below(above: str, here: str) -> Iterator[str]:
        with os.scandir(here) as entries:
            names = [e.name + "/" * e.is_dir(follow_symlinks=False) for e in entries]
        for name in sorted(names):
            if name.endswith("/"):
                yield from below(above + name, f"{here}/{name[:-1]}")
            else:
                yield above + name

    return below("", str(folder))


def plain_error(error: OSError, path: Path) -> DatasetError:
    """What a failed write of `path` says, in one line."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DatasetError(
            f"{path.parent}: the disk is full; what is done is kept, make room and run again"
        )
    line = f"{path}: cannot be written ({error.strerror or error})"
    advice = _MISTAKEN.get(error.errno or 0)
    return CannotBeWritten(f"{line}: {advice}") if advice else DatasetError(line)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it; raises DatasetError in one line where that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise plain_error(error, folder) from error
