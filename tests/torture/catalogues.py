"""Damaged catalogues: every command says so in a line, and the file stays as it is found."""

from __future__ import annotations

import hashlib
import random
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from .runs import World, run

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

COMMANDS = (("status", "ds"), ("check", "ds"), ("dedupe", "ds"), ("split", "ds"))

# After these no command can have worked; a hole may lie where nobody looks.
_SURE = frozenset(
    [
        *("of no bytes", "cut to a half", "cut to 50 bytes", "of noise", "with a foreign header"),
        *("without a table", "of a newer pixset", "of another program", "a folder"),
    ]
)


def damages(seed: int) -> dict[str, Callable[[Path], None]]:
    """What may have happened to a catalogue, by name."""
    chance = random.Random(seed)  # a seed that can be given again

    def overwrite(path: Path, where: float, size: int) -> None:
        data = bytearray(path.read_bytes())
        at = int(len(data) * where)
        data[at : at + size] = chance.randbytes(min(size, len(data) - at))
        path.write_bytes(data)

    def run_sql(path: Path, *statements: str) -> None:
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA foreign_keys = OFF")
            for statement in statements:
                db.execute(statement)
            db.commit()

    def cut(path: Path, size: int) -> None:
        path.write_bytes(path.read_bytes()[:size])

    def foreign(path: Path) -> None:
        path.unlink()
        run_sql(path, "CREATE TABLE bookmarks (url TEXT)", "PRAGMA user_version = 3")

    def folder(path: Path) -> None:
        path.unlink()
        path.mkdir()

    return {
        "of no bytes": lambda path: cut(path, 0),
        "cut to a half": lambda path: cut(path, path.stat().st_size // 2),
        "cut to 50 bytes": lambda path: cut(path, 50),
        "of noise": lambda path: overwrite(path, 0.0, path.stat().st_size),
        "with a foreign header": lambda path: overwrite(path, 0.0, 100),
        "with a hole in its first page": lambda path: overwrite(path, 0.005, 400),
        "with a hole in the middle": lambda path: overwrite(path, 0.5, 5000),
        "with a hole near its end": lambda path: overwrite(path, 0.9, 5000),
        "without a table": lambda path: run_sql(path, "DROP TABLE labelled_row"),
        "without rows of pictures": lambda path: run_sql(path, "DELETE FROM image_row"),
        "of a newer pixset": lambda path: run_sql(path, "PRAGMA user_version = 9999"),
        "of another program": foreign,
        "a folder": folder,
    }


def damage(
    template: Path, home: Path, seed: int, commands: Sequence[Sequence[str]] = COMMANDS
) -> tuple[int, list[str]]:
    """Every damage before every command; returns how many were tried, and the faults."""
    faults: list[str] = []
    tried = 0
    for name, spoil in damages(seed).items():
        for words in commands:
            tried += 1
            world = World(home / f"damaged {tried}")
            world.home.mkdir(parents=True)
            world.tmp.mkdir()
            shutil.copytree(template, world.work, symlinks=True)
            catalogue = world.work / "ds" / "pixset.sqlite"
            spoil(catalogue)
            pictures = _pool(world.work / "ds")
            ran = run(world, words)
            what = f"a catalogue {name}, {words[0]}"
            if "Traceback" in ran.err:
                faults.append(f"{what}: a traceback: {ran.err.strip().splitlines()[-1][:200]}")
            elif ran.code < 0:
                faults.append(f"{what}: ended by signal {-ran.code}")
            elif ran.code == 0 and name in _SURE:
                faults.append(f"{what}: exit 0, as if nothing were wrong")
            if not catalogue.exists():
                faults.append(f"{what}: the catalogue is gone")
            if _pool(world.work / "ds") != pictures:
                faults.append(f"{what}: pictures of the pool have changed")
            shutil.rmtree(world.home)
    return tried, faults


def _pool(dataset: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(dataset.glob("images/*/*"))
    }
