"""Exporters: from a finished tree to what one kind of consumer reads.

An exporter is one function, `write(tree, out, settings, advance)`, and one word in the dict
below. `export` gives it a fresh folder and adds what every export has: the whole manifest,
the labels in order, a record of the run and checksums. The same tree and settings give the
same bytes.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Final

from ..errors import UsageError
from ..progress import Progress, silent
from ..tree.columns import write_manifest
from . import croissant, folders, parquet, tables, tfrecord, urls, webdataset
from .form import Exporter, Places, Settings
from .fresh import RECORD, fresh_folder, seal
from .tree import COMPANY, Tree, open_tree

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

EXPORTERS: Final[Mapping[str, Exporter]] = {
    "folders": folders.write,
    "webdataset": webdataset.write,
    "parquet": parquet.write,
    "csv": tables.write_tables_csv,
    "jsonl": tables.write_tables_jsonl,
    "croissant": croissant.write,
    "tfrecord": tfrecord.write,
    "urls": urls.write,
}

__all__ = ["EXPORTERS", "Exported", "Exporter", "Settings", "export", "open_tree"]


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote: `pictures` in the set, `files` and `bytes` on disk."""

    format: str
    out: Path
    pictures: int
    files: int
    bytes: int


def export(
    folder: Path,
    form: str,
    out: Path,
    settings: Settings | None = None,
    progress: Progress = silent,
) -> Exported:
    """Export the finished tree in `folder` (a dataset folder or a tree) as `form` into `out`.

    `out` is replaced as a whole when all is written. Raises UsageError for an unknown format,
    a tree that is not finished, a setting that cannot be, an `out` with foreign files.
    """
    if form not in EXPORTERS:
        raise UsageError(f"--format {form!r}: expected one of {', '.join(EXPORTERS)}")
    tree = open_tree(folder)
    _refuse_overlap(tree, out)
    settings = settings or Settings()
    with fresh_folder(out) as fresh:
        with progress(f"export {form}", len(tree.pictures)) as advance:
            places = EXPORTERS[form](tree, fresh, settings, advance)
        _complete(tree, form, fresh, settings, places)
    files = [path for path in out.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    return Exported(form, out, len(tree.pictures), len(files), size)


def _complete(tree: Tree, form: str, out: Path, settings: Settings, places: Places) -> None:
    write_manifest(tree, places, out)
    classes = "".join(f"{label}\n" for label in tree.classes)
    (out / "classes.txt").write_text(classes, encoding="utf-8", newline="\n")
    for name in COMPANY:
        if (tree.root / name).is_file():
            shutil.copyfile(tree.root / name, out / name)
    record = {
        "pixset": metadata.version("pixset"),
        "format": form,
        "settings": asdict(settings),
        "pictures": {side: len(tree.on(side)) for side in tree.sides},
    }
    (out / RECORD).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8", newline="\n")
    seal(out)


def _refuse_overlap(tree: Tree, out: Path) -> None:
    inner, outer = out.resolve(), tree.root.resolve()
    if inner == outer or outer in inner.parents or inner in outer.parents:
        raise UsageError(f"{out}: overlaps the tree {tree.root}: choose another --out")
