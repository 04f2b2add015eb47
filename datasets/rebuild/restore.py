"""From the sources that a rebuild fetched to a finished tree with the manifest's own splits."""

from __future__ import annotations

import hashlib
import logging
import shutil
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any

from ...curation.errors import Unreadable
from ...curation.images.batch import isolated
from ...curation.images.reading import read_file
from ...curation.progress import Progress, silent
from ..exporters import RECORD
from ..files import write_json, write_text
from ..folder_swap import swap_folder
from ..split import SPLITS
from ..tree.finished import COMPANY
from ..tree.manifest import JSONL
from ..tree.prepare import prepare, target_of
from .rows import RowSpool

if TYPE_CHECKING:
    from pathlib import Path

    from ...curation.images.sandbox import DecodeSandbox
    from .fetch import Rebuilt
    from .manifest import RequestedPicture

_NAMES = (*COMPANY, "classes.txt")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restored tree holds: pictures with the manifest's very bytes (`exact`), pictures
    that another Pillow encoded otherwise (`again`), and (label, split) pairs left without any."""

    exact: int
    again: int
    empty: tuple[tuple[str, str], ...]


def restore(
    rebuilt: Rebuilt,
    manifest: Path,
    into: Path,
    progress: Progress = silent,
    *,
    replace: bool = False,
) -> Restored | None:
    """Write `into/ready` from the pictures that came; None where none came.

    Rows without a picture are left out of its manifest, and rows whose picture was encoded
    otherwise carry their new hash and size.
    """
    came = sum(fates["same"] for fates in rebuilt.fates.values())
    if not came:
        return None
    found = ((wanted, into / fate.file) for wanted, fate in rebuilt.rows if fate.file)
    exact = 0
    with (
        swap_folder(into / "ready", RECORD, replace=replace) as change,
        RowSpool(into) as rows,
        progress("prepare", came) as advance,
    ):

        def place(item: tuple[RequestedPicture, Path], sandbox: DecodeSandbox) -> dict[str, Any]:
            return _place(*item, change.new, sandbox)

        for (wanted, source), row in isolated(place, found, name="prepare"):
            advance(1)
            if isinstance(row, Unreadable):  # this machine lacks its format; images/ keeps it
                _log.info("%s: %s", source, row)
                continue
            rows.add(row, wanted.label, wanted.split)
            exact += row["sha256"] == wanted.row.get("sha256")
        _complete(change.new, manifest.parent, rows)
        lost = sorted(rebuilt.sides - rows.sides, key=lambda side: (side[0], SPLITS.index(side[1])))
        return Restored(exact, len(rows) - exact, tuple(lost))


def _place(
    wanted: RequestedPicture, source: Path, fresh: Path, sandbox: DecodeSandbox
) -> dict[str, Any]:
    how = wanted.row.get("transform")
    target = target_of(how if isinstance(how, str) else None)
    prepared = prepare(read_file(source), target, sandbox)
    name = f"{wanted.split}/{wanted.label}/{wanted.id}.jpg"
    _write(fresh / name, prepared.data)
    return {
        **wanted.row,
        "id": wanted.id,
        "file_name": name,
        "sha256": hashlib.sha256(prepared.data).hexdigest(),
        "bytes": len(prepared.data),
        "width": prepared.width,
        "height": prepared.height,
        "transform": prepared.how,
    }


def _write(path: Path, data: bytes) -> None:
    """Write into a folder that is not in its place yet, so that half a file is no harm."""
    try:
        path.write_bytes(data)
    except FileNotFoundError:  # its folder is not there yet
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _complete(fresh: Path, beside: Path, rows: RowSpool) -> None:
    rows.write_manifest(fresh / JSONL)
    labels = sorted({label for label, _ in rows.sides})
    write_text(fresh / "classes.txt", "".join(f"{label}\n" for label in labels))
    for name in _NAMES:
        if (beside / name).is_file():
            shutil.copyfile(beside / name, fresh / name)
    record = {"pixset": metadata.version("pixset"), "format": "rebuilt", "pictures": len(rows)}
    write_json(fresh / RECORD, record)
    rows.write_checksums(fresh)
