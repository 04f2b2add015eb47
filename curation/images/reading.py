"""Reading a file that may be anything: no pipe, device or endless file stalls or floods us."""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..errors import Unreadable
from .limits import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedReader
    from pathlib import Path


def read_file(path: Path | str) -> bytes:
    """Return the bytes of a regular file (or of one that a link leads to).

    Raises Unreadable: `not-a-file` for what is missing, no regular file, or not ours to read, and
    `bomb` for more than MAX_BYTES.
    """
    with _opened(path) as stream:
        data = stream.read(os.fstat(stream.fileno()).st_size + 1)
    if len(data) > MAX_BYTES:
        raise Unreadable("bomb", f"more than {MAX_BYTES} bytes")
    return data


def same_bytes(data: bytes, sha256: str) -> bytes:
    """Return `data` where they are the picture of that digest.

    Raises Unreadable (`not-a-file`) for others: the file was replaced since it was looked at.
    """
    if hashlib.sha256(data).hexdigest() != sha256:
        raise Unreadable("not-a-file", "it was replaced after it had been looked at")
    return data


def read_slice(path: Path, at: int, size: int) -> bytes:
    """Return `size` bytes of a file from its byte `at`; raises Unreadable (`not-a-file`)."""
    try:
        with path.open("rb") as stream:
            stream.seek(at)
            return stream.read(size)
    except OSError as error:
        raise Unreadable("not-a-file", error.strerror or str(error)) from error


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a regular file in hex; raises Unreadable as `read_file` does."""
    with _opened(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def _opened(path: Path | str) -> Iterator[BufferedReader]:
    # Without O_NONBLOCK, opening a named pipe waits for a writer.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        with open(os.open(path, flags), "rb") as stream:  # noqa: PTH123 (flags)
            found = os.fstat(stream.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise Unreadable("not-a-file", "it is no regular file")
            if found.st_size > MAX_BYTES:
                raise Unreadable("bomb", f"{found.st_size} bytes, the cap is {MAX_BYTES}")
            yield stream
    except OSError as error:
        raise Unreadable("not-a-file", error.strerror or str(error)) from error
