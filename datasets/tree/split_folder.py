"""`pixset split FOLDER --out OUT` for any folder of class folders: no dataset, no catalogue.

Split groups are found on the way, so that no copy straddles the split; what OUT already holds
keeps its split. Where nothing changed since the last split, nothing is done.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ...curation.progress import Progress, silent
from .settings import SplitOptions
from .unchanged_folder import FolderNote

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .report import TreeReport


def split_folder(
    folder: Path,
    out: Path,
    options: SplitOptions | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    progress: Progress = silent,
) -> TreeReport:
    """Split the class folders in `folder` into a training tree at `out`.

    `labels` are those of class folders that are not to be called as their folder. Earlier
    placements of pictures in `out` stay, as in a dataset, and so do labels. Raises UsageError
    where `folder` holds no classes, a class is named like a split, no picture is left, `out`
    overlaps `folder` or holds anything that pixset did not write; SplitRefused where a split
    would lack a class.
    """
    options = options or SplitOptions()
    note = FolderNote(folder, out, options, labels)
    known = note.known_report()
    if known is not None:
        return known
    # A second of loading that a split with nothing to do is spared.
    from .build_folder_tree import build_folder_tree

    note.forget()
    began = time.time_ns()
    sources = note.sources()
    built = build_folder_tree(folder, out, options, labels=labels, progress=progress)
    if built.whole and sources is not None:
        note.keep(built.report, began, sources)
    return built.report
