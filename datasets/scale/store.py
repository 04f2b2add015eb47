"""Files under one URL (a folder, `s3://bucket/prefix`, whatever fsspec opens), written whole.

The only module that imports fsspec. A folder's files are written beside their place and renamed;
an object store shows an object only when all of it is there. Credentials and endpoints are those
that fsspec and the store's own client find in their settings and environment.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...curation.extras import how_to_install
from ..errors import DatasetError, UsageError
from ..files import whole_file, write_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Range = tuple[str, int, int]  # a file's name, where its bytes begin, where they end


class Store:
    """Files by posix names under `url`; a store is picklable and opens itself where it arrives.

    `folder` is where they lie on this machine's disk, None for all other stores. Raises UsageError
    for a URL that cannot be opened, and DatasetError, in one line, for whatever
    its file system answers.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/") or "/"
        try:
            from fsspec.core import url_to_fs
            from fsspec.implementations.local import LocalFileSystem
        except ImportError:
            raise UsageError(f"pixset scale needs fsspec: {how_to_install('ray')}") from None
        # A listing that another process has made older is no listing.
        options = {} if "://" not in url else {"use_listings_cache": False}
        with self._plainly(""):
            self._fs, self._root = url_to_fs(self.url, **options)
        self.folder = Path(self._root) if isinstance(self._fs, LocalFileSystem) else None

    def __reduce__(self) -> tuple[type[Store], tuple[str]]:
        return Store, (self.url,)

    def read(self, name: str) -> bytes:
        """A file's bytes."""
        with self._plainly(name):
            data: bytes = self._fs.cat_file(self._path(name))
        return data

    def read_all(self, names: Sequence[str]) -> dict[str, bytes]:
        """Several files at once; what is not there is left out."""
        paths = {self._path(name): name for name in names}
        if not paths:
            return {}
        with self._plainly(names[0]):
            found = self._fs.cat(list(paths), on_error="omit")
        return {paths[path]: data for path, data in found.items() if path in paths}

    def read_ranges(self, ranges: Sequence[Range]) -> list[bytes]:
        """Parts of files, in the order they are asked for."""
        if not ranges:
            return []
        names, starts, ends = zip(*ranges, strict=True)
        with self._plainly(names[0]):
            found: list[bytes] = self._fs.cat_ranges(
                [self._path(name) for name in names], list(starts), list(ends), on_error="raise"
            )
        return found

    def write(self, name: str, data: bytes) -> tuple[int, str]:
        """Write a whole file or none; returns its size and SHA-256."""
        if self.folder is not None:
            write_file(self.folder / name, data)
        else:
            with self._plainly(name):
                self._fs.pipe_file(self._path(name), data)
        return len(data), hashlib.sha256(data).hexdigest()

    def put(self, name: str, file: Path) -> tuple[int, str]:
        """Write a local file's bytes, whole or not at all; returns its size and SHA-256."""
        if self.folder is not None:
            with whole_file(self.folder / name) as beside:
                shutil.copyfile(file, beside)
        else:
            with self._plainly(name):
                self._fs.put_file(str(file), self._path(name))
        with file.open("rb") as stream:
            return file.stat().st_size, hashlib.file_digest(stream, "sha256").hexdigest()

    @contextmanager
    def local(self, name: str) -> Iterator[Path]:
        """A file as one on this machine's disk, for the length of a block."""
        if self.folder is not None:
            yield self.folder / name
            return
        with tempfile.TemporaryDirectory(prefix="pixset-scale-") as folder:
            path = Path(folder) / "part"
            with self._plainly(name):
                self._fs.get_file(self._path(name), str(path))
            yield path

    def sizes(self, below: str) -> dict[str, int]:
        """Name → bytes of every file below a folder of the store; none where there is none."""
        with self._plainly(below):
            self._fs.invalidate_cache()
            found: Mapping[str, Mapping[str, Any]] = self._fs.find(self._path(below), detail=True)
        start = len(self._path("")) + 1
        return {path[start:]: int(info["size"] or 0) for path, info in found.items()}

    def remove(self, names: Sequence[str]) -> None:
        """Remove files that pixset wrote; what is not there is no error."""
        for name in names:
            with self._plainly(name), suppress(FileNotFoundError):
                self._fs.rm_file(self._path(name))

    def _path(self, name: str) -> str:
        root = self._root.rstrip("/")
        return f"{root}/{name}" if name else root

    @contextmanager
    def _plainly(self, name: str) -> Iterator[None]:
        where = f"{self.url}/{name}" if name else self.url
        try:
            yield
        except DatasetError:
            raise
        except ImportError as error:
            raise UsageError(
                f"{where}: needs a package that is not there ({error}): {how_to_install('ray')}"
            ) from error
        except ValueError as error:
            raise UsageError(f"{where}: no store can be opened there ({_line(error)})") from error
        except Exception as error:  # each store's client has errors of its own
            raise DatasetError(
                f"{where}: {type(error).__name__}: {_line(error)}; what is done is kept: see the "
                "store's address, credentials and network, and run again"
            ) from error


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
