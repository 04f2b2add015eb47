"""Exporters: from a finished tree to what one kind of consumer reads.

An exporter is one file with a function, `write(tree, out, settings, advance)`, and a dataclass of
its settings, and one word in the dict below: `--format`, its help and its errors read the dict.
`export` gives it a fresh folder and adds what every export has: the whole manifest, the labels in
order, a record of the run and checksums. The same tree and settings give the same bytes.
"""

from __future__ import annotations

import logging
import shutil
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final

from ...curation.progress import Progress, silent
from ..collector import collector_paused
from ..errors import UsageError
from ..files import write_json, write_text
from ..folder_swap import swap_folder
from ..tree.finished import FinishedTree, open_tree
from ..tree.manifest_row import COMPANY
from ..tree.manifest_row import EXPORT_RECORD as RECORD
from . import croissant, folders, parquet, tables, tfrecord, urls, webdataset
from .contents import write_checksums, write_manifest
from .exporter import Exporter, ExportOptions, asked
from .shards import ShardSettings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

EXPORTERS: Final[dict[str, Exporter]] = {
    "folders": Exporter(folders.write, folders.FolderSettings),
    "webdataset": Exporter(webdataset.write, ShardSettings),
    "parquet": Exporter(parquet.write, ShardSettings),
    "csv": Exporter(tables.write_csv_tables, tables.TableSettings),
    "jsonl": Exporter(tables.write_jsonl_tables, tables.TableSettings),
    "croissant": Exporter(croissant.write, croissant.CroissantSettings, croissant.finish),
    "tfrecord": Exporter(tfrecord.write, ShardSettings),
    "urls": Exporter(urls.write, urls.UrlSettings),
}

__all__ = ["EXPORTERS", "RECORD", "ExportOptions", "Exported", "Exporter", "export", "open_tree"]

_log = logging.getLogger(__name__)


def __getattr__(name: str) -> Any:
    """`Settings`, as 0.1 called ExportOptions: kept for those who import it."""
    if name == "Settings":
        return ExportOptions
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote: `pictures` in the set, `files` and `bytes` on disk.

    `by_products` are files of others that went with the export before; `aside` is where the
    folder before was moved, if it was.
    """

    format: str
    out: Path
    pictures: int
    files: int
    bytes: int
    by_products: tuple[str, ...] = ()
    aside: Path | None = None


@collector_paused()
def export(
    folder: Path,
    form: str,
    out: Path,
    options: ExportOptions | None = None,
    progress: Progress = silent,
    *,
    replace: bool = False,
) -> Exported:
    """Export the finished tree in `folder` (a dataset folder or a tree) as `form` into `out`.

    `out` is replaced as a whole when all is written. Raises UsageError for an unknown format,
    a tree that is not finished, a setting that cannot be, an `out` with foreign files (unless
    `replace` lets them be moved aside).
    """
    if form not in EXPORTERS:
        raise UsageError(f"--format {form!r}: expected one of {', '.join(EXPORTERS)}")
    exporter = EXPORTERS[form]
    tree = open_tree(folder)
    _refuse_overlap(tree, out)
    settings, unused = exporter.settings_of(options or ExportOptions())
    for name in unused:
        _log.warning("--%s: means nothing to --format %s", name.replace("_", "-"), form)
    counts = {split: len(tree.of(split)) for split in tree.splits}
    record = {
        "pixset": metadata.version("pixset"),
        "format": form,
        "settings": asdict(settings),
        "pictures": counts,
    }
    with swap_folder(out, RECORD, replace=replace) as change:
        with progress(f"export {form}", len(tree.pictures)) as advance:
            place_of = asked(exporter.write(tree, change.new, settings, advance))
        with write_manifest(tree, change.new, place_of) as digests:
            if exporter.finish:
                exporter.finish(tree, change.new, settings)
            _complete(tree, change.new, record)
            files, size = write_checksums(change.new, digests)
    return Exported(
        format=form,
        out=out,
        pictures=len(tree.pictures),
        files=files,
        bytes=size,
        by_products=tuple(change.by_products),
        aside=change.aside,
    )


def _complete(tree: FinishedTree, out: Path, record: Mapping[str, object]) -> None:
    """Write what goes along with every format."""
    write_text(out / "classes.txt", "".join(f"{label}\n" for label in tree.classes))
    for name in COMPANY:
        if (tree.root / name).is_file():
            shutil.copyfile(tree.root / name, out / name)
    write_json(out / RECORD, record)


def _refuse_overlap(tree: FinishedTree, out: Path) -> None:
    inner, outer = out.resolve(), tree.root.resolve()
    if inner == outer or outer in inner.parents or inner in outer.parents:
        raise UsageError(f"{out}: overlaps the tree {tree.root}: choose another --out")
    pools = {outer.parent / pool for pool in ("images", "previews", "pages")}
    for home in pools & {inner, *inner.parents}:
        from ..project import is_dataset  # brings the catalogue: a fifth of a start that asks it

        if is_dataset(outer.parent):
            raise UsageError(f"{out}: lies in the dataset's own {home.name}/: choose another --out")
