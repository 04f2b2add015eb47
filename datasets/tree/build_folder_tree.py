"""From a folder of class folders to its training tree: look, find split groups, split, write."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ...curation.folders.folder import pair_memory
from ...curation.printable import printable
from ...curation.progress import Progress, silent
from ..catalogue.placements import Measured
from ..errors import UsageError
from ..files import read_record
from ..folder_swap import refuse_foreign, swap_folder
from ..project import is_dataset
from ..recipe import Recipe
from . import layout, manifest
from .card import CardFacts, card_text
from .class_folders import class_names, read_class_folders
from .cut_groups import remembered_links, split_pictures
from .layout import SourcePicture
from .manifest_row import TREE_RECORD as RECORD
from .report import TreeReport, report_fields
from .settings import SplitOptions, SplitSettings, resolved

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ...curation.images.facts import Facts
    from .class_folders import ClassFolders
    from .layout import WrittenTree


@dataclass(frozen=True, slots=True)
class FolderTree:
    """A tree that was built; `whole` is False where the next build has something to try again."""

    report: TreeReport
    whole: bool


def build_folder_tree(
    folder: Path,
    out: Path,
    options: SplitOptions,
    *,
    labels: Mapping[str, str] | None = None,
    progress: Progress = silent,
) -> FolderTree:
    """Build what `split_folder` returns, whatever is there; raises what that raises."""
    began = int(time.time()) - 1  # the second before: what is written from now on is read again
    settings = _settings(options)
    _refuse_overlap(folder, out)
    # Before the long look at every picture, not after it.
    if not options.replace:
        refuse_foreign(out, RECORD)
    if not options.afresh:
        layout.check_drawn(out, settings)
    known = {} if options.afresh else read_record(out, manifest.CLASS_NAMES)
    names = class_names(folder, labels or {}, known)
    layout.check_settings(names.values(), settings)
    memory = pair_memory(folder)
    found, families = read_class_folders(folder, names, settings.target, memory, progress)
    sources = [
        SourcePicture(
            measured_of(picture.facts, began),
            folder / picture.path,
            picture.label,
            families.split_group.get(sha, sha),
        )
        for sha, picture in sorted(found.pictures.items())
    ]
    with swap_folder(out, RECORD, replace=options.replace) as change:
        before = manifest.read_manifest(out)
        earlier = {str(row.get("source_sha256")): str(row.get("split")) for row in before}
        fresh = bool(earlier) and options.afresh
        placed = {} if fresh else earlier
        links = partial(remembered_links, memory)
        sources, splits, cuts = split_pictures(sources, settings, links, placed)
        written = layout.write_tree(change, sources, splits, settings, progress=progress)
        _fill_rows(found, written)
        facts = CardFacts(name=printable(out.resolve().name))
        text = card_text(facts, list(written.rows.values()), settings)
        layout.finish_tree(
            change, written, settings, _names(found, written), {"name": facts.name}, text
        )
    failed = {str(found.pictures[sha].path): why for sha, why in written.failed.items()}
    report = TreeReport(
        **report_fields(change, written, settings, splits),
        cuts=cuts,
        tree=out,
        left_out=found.left_out | failed,
        over={},
        short={},
        missing=tuple(sorted(set(names.values()) - layout.counts(written.rows.values()).keys())),
        fresh=fresh,
    )
    return FolderTree(report, whole=not failed and not found.unsettled)


def _settings(options: SplitOptions) -> SplitSettings:
    return resolved(options, SplitSettings(Recipe(name="").split, seed=0))


def _refuse_overlap(folder: Path, out: Path) -> None:
    inner, outer = out.resolve(), folder.resolve()
    if inner == outer or outer in inner.parents or inner in outer.parents:
        raise UsageError(f"{out}: overlaps {folder}; name a folder elsewhere with --out")
    for place in (inner, *inner.parents):
        if place.name in ("ready", "images") and is_dataset(place.parent):
            raise UsageError(
                f"{out}: is what `pixset split {place.parent}` and its like fill; name a folder "
                "elsewhere with --out"
            )


def _fill_rows(found: ClassFolders, written: WrittenTree) -> None:
    for sha, row in written.rows.items():
        row["title"] = printable(found.pictures[sha].path.as_posix())


def _names(found: ClassFolders, written: WrittenTree) -> dict[str, dict[str, str]]:
    held = layout.counts(written.rows.values())
    shown = {slug: printable(name) for name, slug in found.names.items()}
    return {slug: {"name": shown[slug], "definition": ""} for slug in held}


def measured_of(facts: Facts, seen_at: int) -> Measured:
    """What a manifest says of a source, from its facts."""
    return Measured(
        sha256=facts.sha256,
        bytes=facts.bytes,
        format=facts.format,
        width=facts.width,
        height=facts.height,
        phash=f"{facts.fingerprints['phash']:016x}",
        dhash=f"{facts.fingerprints['dhash']:016x}",
        scores=facts.scores,
        trainable=facts.trainable,
        seen_at=seen_at,
    )
