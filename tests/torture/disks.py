"""Disks that are full or read-only: one line that says so, and nothing lost (root and Linux)."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from .runs import Ran, World, run
from .snapshot import differences, snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from .stages import Stage

COMMANDS = (
    ("status", "ds"),
    ("check", "ds"),
    ("split", "ds"),
    ("import", "photos", "--into", "ds"),
    ("check", "photos"),
    ("dedupe", "photos", "--move-to", "away"),
)


def why_not() -> str | None:
    """Why no disk can be mounted here; None: one can."""
    if not sys.platform.startswith("linux"):
        return "no tmpfs on this system"
    if os.geteuid() != 0:
        return "only root may mount a tmpfs"
    return None


@contextmanager
def disk(folder: Path, size: str) -> Iterator[Path]:
    """A small disk at `folder`, or RuntimeError where the machine forbids it (a container)."""
    folder.mkdir(parents=True, exist_ok=True)
    words = ["mount", "-t", "tmpfs", "-o", f"size={size}", "pixset-torture", str(folder)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"no disk can be mounted: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill_up(stage: Stage, home: Path, shares: Sequence[float]) -> list[str]:
    """Run a stage on disks that become full on the way; then with room. Returns the faults."""
    whole = stage.world(home / "whole")
    ran = run(whole, stage.words)
    expected = snapshot(whole.work)
    needed = _kilobytes(whole.work) - _kilobytes(stage.template)
    faults = [] if ran.code == 0 else [f"undisturbed: exit {ran.code}: {ran.err[-200:]}"]
    for share in shares:
        place = home / f"disk {share}"
        room = int(_kilobytes(stage.template) + needed * share) + 256
        with disk(place, f"{room}k"):
            world = World(place / "world")
            try:
                world = stage.world(place / "world")
            except OSError:
                faults.append(f"{stage.name}: the disk is too small to begin on")
                continue
            faults += [
                f"{stage.name}, {share:.0%} of the room: {fault}"
                for fault in _cramped(run(world, stage.words))
            ]
            subprocess.run(["mount", "-o", "remount,size=2g", str(place)], check=True)
            last = run(world, stage.words)
            if last.code != 0:
                faults.append(f"{stage.name}, then with room: exit {last.code}: {last.err[-200:]}")
            found = differences(expected, snapshot(world.work))
            faults += [f"{stage.name}, then with room: {line}" for line in found[:5]]
    shutil.rmtree(whole.home)
    return faults


def _cramped(ran: Ran) -> Iterator[str]:
    """A full disk is one line that says what to do, and no success."""
    if "Traceback" in ran.err:
        yield f"a traceback: {ran.err.strip().splitlines()[-1]}"
    elif ran.code == 0:
        return  # it had room enough
    elif not any(word in ran.err.lower() for word in ("room", "space", "full")):
        yield f"exit {ran.code} does not say that the disk is full: {ran.err.strip()[-200:]}"


def read_only(
    template: Path, home: Path, commands: Sequence[Sequence[str]] = COMMANDS
) -> list[str]:
    """Run commands on a disk that cannot be written; they read, or say why not, in one line."""
    faults = []
    with _outside(template, home, "2g") as (place, world):
        before = _digests(place)
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        for words in commands:
            ran = run(world, words)
            said = ran.err.strip().splitlines()[-1:] or ["nothing"]
            if "Traceback" in ran.err or ran.code not in (0, 1, 2):
                faults.append(f"read-only disk, {' '.join(words)}: exit {ran.code}: {said[0]}")
            elif ran.code and "make room" in ran.err:
                faults.append(f"read-only disk, {' '.join(words)}: asks to make room")
        if _digests(place) != before:
            faults.append("a read-only disk has changed")
    return faults


def to_the_brim(template: Path, home: Path, commands: Sequence[Sequence[str]]) -> list[str]:
    """Run commands that only read on a disk without a byte to spare; they do."""
    room = _kilobytes(template) + 256
    with _outside(template, home, f"{room}k") as (place, world):
        with suppress(OSError), (place / "brim").open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
        ends = [(words, run(world, words)) for words in commands]
        return [
            f"full disk, {' '.join(words)}: exit {ran.code}: {ran.err.strip()[-200:]}"
            for words, ran in ends
            if ran.code != 0
        ]


@contextmanager
def _outside(template: Path, home: Path, size: str) -> Iterator[tuple[Path, World]]:
    """A disk that holds a template's files, and a world elsewhere that works on them."""
    with disk(home / "disk", size) as place:
        shutil.copytree(template, place / "work", symlinks=True)
        outside = World(home / "outside")
        outside.home.mkdir()
        outside.tmp.mkdir()
        outside.work.symlink_to(place / "work")
        yield place, outside


def _digests(folder: Path) -> dict[str, str]:
    """Files as they are: a catalogue on a read-only disk cannot be opened to be compared."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _kilobytes(folder: Path) -> int:
    return sum(-(-path.stat().st_size // 4096) * 4 + 4 for path in folder.rglob("*"))
