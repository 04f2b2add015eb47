"""From the sources that a rebuild fetched to a finished tree with the manifest's own splits."""

from __future__ import annotations

import hashlib
import itertools
import logging
import shutil
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any

from ...curation.errors import Unreadable
from ...curation.images.reading import read_file
from ...curation.progress import Progress, silent
from ..files import write_in_place, write_json, write_text
from ..folder_swap import swap_folder
from ..split import SPLITS
from ..tree.manifest_row import COMPANY, JSONL
from ..tree.manifest_row import EXPORT_RECORD as RECORD
from ..tree.prepare import as_it_is, prepare
from ..tree.target import target_of
from .rows import RowSpool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from ...curation.images.sandbox import DecodeSandbox
    from ..tree.prepare import Prepared
    from ..tree.target import Target
    from .fetch import Rebuilt
    from .manifest import RequestedPicture

    _Found = tuple[RequestedPicture, Path]  # and where its source lies

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
    with (
        swap_folder(into / "ready", RECORD, replace=replace) as change,
        RowSpool(into) as rows,
        progress("prepare", came) as advance,
    ):
        tree = _Tree(change.new, rows, advance)
        tree.place(found)
        _complete(change.new, manifest.parent, rows)
        lost = sorted(rebuilt.sides - rows.sides, key=lambda side: (side[0], SPLITS.index(side[1])))
        return Restored(tree.exact, len(rows) - tree.exact, tuple(lost))


class _Tree:
    """The pictures of a tree in the making, in a folder that is not in its place yet."""

    def __init__(self, fresh: Path, rows: RowSpool, advance: Callable[[int], None]) -> None:
        self.exact = 0
        self._fresh = fresh
        self._rows = rows
        self._advance = advance

    def place(self, found: Iterable[_Found]) -> None:
        """Write each picture and its row; most are written as they came, here and now."""
        others = (one for one in found if not self._as_it_is(one))
        first = next(others, None)
        if first is None:
            return
        from ...curation.images.batch import isolated  # numpy and Pillow, for those alone

        for (wanted, source), row in isolated(
            self._encoded, itertools.chain([first], others), name="prepare"
        ):
            self._add(wanted, source, row)

    def _as_it_is(self, one: _Found) -> bool:
        """Place a picture that needs no decoding, or none that can be read; False for others."""
        wanted, source = one
        try:
            prepared = as_it_is(read_file(source), _target(wanted))
        except Unreadable as error:
            self._add(wanted, source, error)
            return True
        if prepared is not None:
            self._add(wanted, source, self._written(wanted, prepared))
        return prepared is not None

    def _encoded(self, one: _Found, sandbox: DecodeSandbox) -> dict[str, Any]:
        wanted, source = one
        return self._written(wanted, prepare(read_file(source), _target(wanted), sandbox))

    def _written(self, wanted: RequestedPicture, prepared: Prepared) -> dict[str, Any]:
        name = f"{wanted.split}/{wanted.label}/{wanted.id}.jpg"
        write_in_place(f"{self._fresh}/{name}", prepared.data)
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

    def _add(
        self, wanted: RequestedPicture, source: Path, row: dict[str, Any] | Unreadable
    ) -> None:
        self._advance(1)
        if isinstance(row, Unreadable):  # this machine lacks its format; images/ keeps it
            _log.info("%s: %s", source, row)
            return
        self._rows.add(row, wanted.label, wanted.split)
        self.exact += row["sha256"] == wanted.row.get("sha256")


def _target(wanted: RequestedPicture) -> Target:
    how = wanted.row.get("transform")
    return target_of(how if isinstance(how, str) else None)


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
