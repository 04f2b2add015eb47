"""Trees that no person made: what a disk may hold, drawn from an input's bytes."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from support.raw_host import JPG

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_NAMES = (
    *(b"train", b"val", b"Train", b"cat", b"dog", b"a.jpg", b"b.JPG", b"x.jpeg", b".hidden"),
    *(b"con", b"a b", b"[1]", b"*", b"-rf", b"caf\xe9", b"\xff\xfe", b"e\xcc\x81", b"\xc3\xa9"),
    *(b"new\nline", b"\x1b[31m", b"=1+1.jpg", b"manifest.jsonl", b"@eaDir", b"._a.jpg"),
    *(
        b"n" * 250,
        b"dataset.json",
        b"Thumbs.db",
        b"a.jpg.partial",
        b"classes.txt",
        b"\xe2\x80\xae.jpg",
    ),
)


def plant(root: Path, data: bytes) -> int:
    """Make a tree below `root` as an input's bytes say; returns how many entries it has."""
    root.mkdir(parents=True)
    places = [os.fsencode(root)]
    made = 0
    for action, name, where in _threes(data[:150]):
        place = places[where % len(places)]
        path = os.path.join(place, _NAMES[name % len(_NAMES)])  # noqa: PTH118  # names are bytes
        with suppress(OSError):  # it is there, too long, or the file system has no such thing
            _ACTIONS[action % len(_ACTIONS)](path, places, root)
            made += 1
    return made


def _threes(data: bytes) -> Iterator[tuple[int, int, int]]:
    for at in range(0, len(data) - 2, 3):
        yield data[at], data[at + 1], data[at + 2]


def _folder(path: bytes, places: list[bytes], _: Path) -> None:
    os.mkdir(path)  # noqa: PTH102
    places.append(path)


def _deep(path: bytes, places: list[bytes], _: Path) -> None:
    os.mkdir(path)  # noqa: PTH102
    for _ in range(12):
        path += b"/d"
        os.mkdir(path)  # noqa: PTH102
    places.append(path)


def _picture(path: bytes, _: list[bytes], __: Path) -> None:
    _write(path, JPG)


def _text(path: bytes, _: list[bytes], __: Path) -> None:
    _write(path, b'{"file_name": "\xe2\x80\xa8"}\n\xff\n' + os.path.basename(path))  # noqa: PTH119


def _empty(path: bytes, _: list[bytes], __: Path) -> None:
    _write(path, b"")


def _sparse(path: bytes, _: list[bytes], __: Path) -> None:
    _write(path, JPG)
    os.truncate(path, 3_000_000_000)


def _pipe(path: bytes, _: list[bytes], __: Path) -> None:
    os.mkfifo(path)


def _loop(path: bytes, _: list[bytes], root: Path) -> None:
    os.symlink(os.fsencode(root), path)  # noqa: PTH211


def _self(path: bytes, _: list[bytes], __: Path) -> None:
    os.symlink(os.path.basename(path), path)  # noqa: PTH119, PTH211


def _device(path: bytes, _: list[bytes], __: Path) -> None:
    os.symlink(b"/dev/zero", path)  # noqa: PTH211


def _nowhere(path: bytes, _: list[bytes], __: Path) -> None:
    os.symlink(b"/nowhere/at/all", path)  # noqa: PTH211


def _write(path: bytes, data: bytes) -> None:
    with open(path, "xb") as file:  # noqa: PTH123
        file.write(data)


_ACTIONS: tuple[Callable[[bytes, list[bytes], Path], None], ...] = (
    *(_folder, _folder, _folder, _picture, _picture, _picture, _picture, _text, _empty, _deep),
    *(_sparse, _pipe, _loop, _self, _device, _nowhere),
)
