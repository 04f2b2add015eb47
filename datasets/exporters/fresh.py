"""A fresh folder, then a rename: an export is whole or not there, and never two mixed."""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RECORD = "export.json"  # marks a folder as an export of pixset's
SUMS = "SHA256SUMS"


@contextmanager
def fresh_folder(out: Path) -> Iterator[Path]:
    """Yield an empty folder beside `out` that takes its place when the block ends well.

    An earlier export at `out` is replaced; UsageError where `out` holds anything that pixset
    did not write. What a killed run left beside `out` is cleared away first.
    """
    out = out.absolute()
    partial = out.with_name(f".{out.name}.pixset-partial")
    old = out.with_name(f".{out.name}.pixset-old")
    _recover(out, old)
    _refuse_foreign(out)
    if partial.exists():
        shutil.rmtree(partial)
    partial.mkdir(parents=True)
    try:
        yield partial
        if out.exists():
            out.rename(old)
        partial.rename(out)
    finally:
        for leftover in (partial, old):
            if leftover.exists() and out.exists():
                shutil.rmtree(leftover)


def seal(folder: Path) -> None:
    """Write SHA256SUMS over everything in `folder`, as `sha256sum -c` reads it."""
    lines = []
    for name in sorted(_files(folder)):
        with (folder / name).open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {name}\n")
    (folder / SUMS).write_text("".join(lines), encoding="utf-8", newline="\n")


def _recover(out: Path, old: Path) -> None:
    # Killed between the two renames: the older export is whole, and goes back.
    if old.exists() and not out.exists():
        old.rename(out)
    elif old.exists():
        shutil.rmtree(old)


def _refuse_foreign(out: Path) -> None:
    if not out.exists():
        return
    if not out.is_dir():
        raise UsageError(f"{out}: is a file; choose another folder with --out")
    found = _files(out)
    if not found:
        return
    if not _is_export(out):
        raise UsageError(f"{out}: not empty and no export of pixset's: choose another --out")
    known = {line.split("  ", 1)[1] for line in (out / SUMS).read_text("utf-8").splitlines()}
    foreign = sorted(found - known - {SUMS})
    if foreign:
        raise UsageError(
            f"{out}: holds {foreign[0]}, which pixset did not write: move it away, "
            "or choose another --out"
        )


def _is_export(out: Path) -> bool:
    if not (out / SUMS).is_file():
        return False
    try:
        return "pixset" in json.loads((out / RECORD).read_text("utf-8"))
    except (OSError, ValueError, TypeError):
        return False


def _files(folder: Path) -> set[str]:
    """Every file below a folder, as posix paths; a link counts as a file and is not followed."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }
