"""From the sources that a rebuild fetched to a finished tree with the manifest's own splits."""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections import Counter
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any

from ...curation.errors import Unreadable
from ...curation.images.batch import isolated
from ...curation.images.reading import read_file
from ...curation.progress import Progress, silent
from ..exporters import RECORD
from ..files import write_checksums, write_json, write_text
from ..folder_swap import swap_folder
from ..split import SPLITS
from ..tree.finished import COMPANY
from ..tree.manifest import JSONL
from ..tree.prepare import prepare, target_of
from ..tree.tables import write_jsonl

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ...curation.images.sandbox import DecodeSandbox
    from .fetch import Rebuilt, RequestedPicture

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
    found = [(wanted, into / fate.file) for wanted, fate in rebuilt.rows if fate.file]
    if not found:
        return None
    rows: list[dict[str, Any]] = []
    exact = 0
    with swap_folder(into / "ready", RECORD, replace=replace) as change:

        def place(item: tuple[RequestedPicture, Path], sandbox: DecodeSandbox) -> dict[str, Any]:
            return _place(*item, change.new, sandbox)

        for (wanted, source), row in isolated(place, found, name="prepare", progress=progress):
            if isinstance(row, Unreadable):  # this machine lacks its format; images/ keeps it
                _log.info("%s: %s", source, row)
                continue
            rows.append(row)
            exact += row["sha256"] == wanted.row.get("sha256")
        _complete(change.new, manifest.parent, rows)
    return Restored(exact, len(rows) - exact, _empty(rebuilt, rows))


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


def _complete(fresh: Path, beside: Path, rows: list[dict[str, Any]]) -> None:
    rows.sort(key=lambda row: str(row["file_name"]))
    write_jsonl(fresh / JSONL, rows)
    labels = sorted({str(row["label"]) for row in rows})
    write_text(fresh / "classes.txt", "".join(f"{label}\n" for label in labels))
    for name in _NAMES:
        if (beside / name).is_file():
            shutil.copyfile(beside / name, fresh / name)
    record = {"pixset": metadata.version("pixset"), "format": "rebuilt", "pictures": len(rows)}
    write_json(fresh / RECORD, record)
    write_checksums(fresh, {str(row["file_name"]): str(row["sha256"]) for row in rows})


def _empty(rebuilt: Rebuilt, rows: list[Mapping[str, Any]] | list[dict[str, Any]]) -> Any:
    asked = {(wanted.label, wanted.split) for wanted, _ in rebuilt.rows}
    have = Counter((str(row["label"]), str(row["split"])) for row in rows)
    return tuple(
        sorted((p for p in asked if not have[p]), key=lambda p: (p[0], SPLITS.index(p[1])))
    )
