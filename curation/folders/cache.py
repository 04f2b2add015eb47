"""What was seen in a plain folder before: JSON lines in a hidden file beside it.

Facts are keyed by content (SHA-256); path, size, and modification time are only the shortcut that
spares reading a file again. Facts that lack a measurement of today are handed out to be completed,
and what an earlier decoder refused is tried again. The file is appended to, never rewritten: a run
that is killed loses the line it was writing and no other. It may be deleted at any time.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ..errors import CurationError, Unreadable
from ..images import decode
from ..images.facts import Facts, FactsRecord, from_record, to_record
from ..images.measure import missing
from .walk import absolute

if TYPE_CHECKING:
    from collections.abc import Iterator
    from io import BufferedWriter
    from pathlib import Path
    from typing import Self

LOG = logging.getLogger(__name__)

SUFFIX: Final = ".pixset-cache.jsonl"
VERSION: Final = 1  # of the lines' own shape; what is measured has versions of its own

Seen = Facts | Unreadable
_Stamp = tuple[int, int]


class _Line(msgspec.Struct, gc=False):
    """A line of a picture that could be read, as written today."""

    v: int
    path: str
    stamp: _Stamp
    sha256: str
    facts: FactsRecord | msgspec.UnsetType = msgspec.UNSET
    unreadable: msgspec.UnsetType = msgspec.UNSET  # such lines are refused here


_READ: Final = msgspec.json.Decoder(_Line)


def cache_path(folder: Path) -> Path:
    """Return where a folder's cache lies."""
    return beside(folder, SUFFIX)


def beside(folder: Path, ending: str) -> Path:
    """Return a hidden file's place beside a folder, so that nothing in it changes."""
    whole = absolute(folder)
    return whole.parent / f".{whole.name}{ending}"


class Cache(Mapping[str, Facts]):
    """Facts by SHA-256, and what each file under a folder was found to be.

    `path` None, or one that cannot be read or written, is a cache that forgets. Use it as a context
    manager, so that the file is closed.
    """

    def __init__(self, path: Path | None, folder: Path) -> None:
        self._prefix = len(os.path.join(folder, ""))  # noqa: PTH118 (a Path drops the last separator)
        self._whole: Mapping[str, int] | None = None  # versions that lack nothing
        self._facts: dict[str, Facts] = {}
        self._files: dict[str, tuple[_Stamp, str | Unreadable]] = {}
        self._stamps: dict[str, _Stamp | None] = {}  # of files that are being looked at
        self._torn = False
        if path is not None:
            self._read(path)
        self._stream = None if path is None else _appending(path)

    def seen(self, path: Path) -> Seen | None:
        """Return what a file was found to be, if its size and modification time are unchanged.

        None also where its facts lack a measurement: `get` has them by content, to be completed.
        """
        whole = str(path)
        name, stamp = self._name(whole), _stamp(whole)
        known = self._files.get(name)
        if known is not None and known[0] == stamp:
            what = known[1]
            facts = what if isinstance(what, Unreadable) else self._facts.get(what)
            if isinstance(facts, Unreadable) or (facts is not None and self._is_whole(facts)):
                return facts
        self._stamps[name] = stamp
        return None

    def _is_whole(self, facts: Facts) -> bool:
        # Nearly all have one and the same mapping, and are asked for by the ten thousand.
        if facts.versions is not self._whole and not missing(facts.versions):
            self._whole = facts.versions
        return facts.versions is self._whole

    def add(self, path: Path, seen: Seen) -> None:
        """Remember what a file was found to be, unless another run may find otherwise.

        With the size and time it had when it was asked for: one that changes while it is looked at
        is looked at again.
        """
        name = self._name(str(path))
        stamp = self._stamps.pop(name) if name in self._stamps else _stamp(path)
        if stamp is None or (isinstance(seen, Unreadable) and not seen.settled):
            return
        entry: dict[str, Any] = {"v": VERSION, "path": name, "stamp": list(stamp)}
        if isinstance(seen, Unreadable):
            self._files[name] = stamp, seen
            entry["unreadable"] = [seen.why, seen.detail]
            entry["decoder"] = decode.VERSION
        else:
            self._files[name] = stamp, seen.sha256
            entry["sha256"] = seen.sha256
            known = self._facts.get(seen.sha256)
            if known is None or known.versions != seen.versions:
                self._facts[seen.sha256] = seen
                entry["facts"] = to_record(seen)
        self._append(entry)

    def __getitem__(self, sha256: str) -> Facts:
        return self._facts[sha256]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()

    def _name(self, whole: str) -> str:
        # A Path's own way takes ten times as long; every file is asked for at every run.
        return whole[self._prefix :].replace(os.sep, "/")

    def _append(self, entry: Mapping[str, Any]) -> None:
        if self._stream is None:
            return
        # ASCII: a name that is no valid UTF-8 survives as an escaped surrogate.
        line = json.dumps(entry, separators=(",", ":")).encode("ascii") + b"\n"
        try:
            # One write a line: two runs at once mix lines, not halves of them.
            self._stream.write(b"\n" + line if self._torn else line)
            self._stream.flush()
        except OSError as error:
            LOG.warning("the cache is not kept any further: %s", error)
            self._stream = None
        self._torn = False

    def _read(self, path: Path) -> None:
        try:
            with path.open("rb") as stream:
                for line in stream:
                    self._torn = not line.endswith(b"\n")
                    self._take(line)
        except FileNotFoundError:
            return
        except OSError as error:
            LOG.warning("the cache %s cannot be read: %s", path, error)

    def _take(self, line: bytes) -> None:
        try:
            read = _READ.decode(line)
            if read.v != VERSION:
                return
            if read.facts is not msgspec.UNSET:
                self._facts[read.sha256] = read.facts.facts()
            self._files[read.path] = read.stamp, read.sha256
        except (ValueError, RecursionError):  # a name that is no UTF-8, no picture, another shape
            self._take_any(line)

    def _take_any(self, line: bytes) -> None:
        try:
            entry = json.loads(line)
            if entry["v"] != VERSION:
                return
            size, modified = entry["stamp"]
            if "facts" in entry:
                self._facts[entry["sha256"]] = from_record(entry["facts"])
            if "unreadable" in entry and entry.get("decoder", 1) < decode.VERSION:
                self._files.pop(entry["path"], None)
                return
            what = Unreadable(*entry["unreadable"]) if "unreadable" in entry else entry["sha256"]
            self._files[entry["path"]] = (size, modified), what
        except (ValueError, KeyError, TypeError, RecursionError, CurationError) as error:
            LOG.debug("a line of the cache is skipped: %r", error)


def _stamp(path: str | Path) -> _Stamp | None:
    try:
        found = os.stat(path)  # noqa: PTH116 (as above)
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def _appending(path: Path) -> BufferedWriter | None:
    try:
        return path.open("ab")
    except OSError as error:
        LOG.info("no cache is kept: %s", error)
        return None
