"""From a curated dataset to its training tree: select, split, write beside, take its place."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from ...curation.progress import Progress, silent
from ..catalogue import decisions, families
from ..catalogue import placements as placing
from ..catalogue.pairs import CataloguePairs
from ..curate import kept, recipe_of
from ..curate.unchanged import carry_note
from ..errors import UsageError
from ..files import read_record, write_file
from ..folder_swap import refuse_foreign, swap_folder
from ..recipe import read as read_recipe
from . import card, layout, manifest
from .contact_sheet import contact_sheet
from .copies import splits_of_copies
from .cut_groups import remembered_links, split_pictures
from .layout import SourcePicture, WrittenTree
from .manifest_row import TREE_RECORD as RECORD
from .prepare import misfit
from .report import SHEET, DatasetTreeReport, LeftCatalogue, report_fields
from .select import LabelQuota, Selectable, Selection, select_pictures
from .settings import (
    SplitOptions,
    SplitSettings,
    TreeBefore,
    options_of_record,
    resolved,
)
from .target import Target
from .unchanged import forget_report

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from ..catalogue import Catalogue
    from ..catalogue.families import MemberRow
    from ..catalogue.placements import Measured, Origin, Placement
    from ..curate import Kept
    from ..project import Project
    from ..recipe import Recipe
    from .cut_groups import Link

__all__ = ["SHEET", "DatasetTreeReport", "build_tree", "check_tree"]

RECIPE = "recipe.toml"  # a copy of the dataset's, in the tree that it says


@dataclass(frozen=True, slots=True)
class _TreeInput:
    """What the catalogue says of the pictures to place."""

    survivors: Mapping[str, Kept]
    origins: Mapping[str, list[Origin]]
    measured: Mapping[str, Measured]
    placed: Mapping[str, Placement]

    def reviewed(self) -> set[str]:
        """The pictures that a person has reviewed."""
        return {sha for sha, one in self.survivors.items() if one.reviewed}

    def only_placed(self) -> _TreeInput:
        """The same without the pictures that are in no tree yet."""
        return replace(
            self, survivors={s: one for s, one in self.survivors.items() if s in self.placed}
        )


def build_tree(
    project: Project,
    recipe: Recipe | None = None,
    options: SplitOptions | None = None,
    *,
    lost: Collection[str] = (),
    progress: Progress = silent,
    workers: int | None = None,
) -> DatasetTreeReport:
    """Write the dataset's ready/ tree from the pictures that are kept.

    `lost` are the paths of files that were deleted or changed: what has a copy that stands in for
    it leaves the tree. What `options` leave open is as the tree that is there was built, or as the
    recipe says where it was changed since. Earlier placements stay, also from a copy to the one
    that takes its place, unless `options.afresh` is set. Raises SplitRefused where a split would
    lack a label; UsageError for names that loaders misread, where nothing is kept, where the tree
    was drawn by another ratio, seed or preference, or holds somebody's own files.
    """
    recipe = recipe or recipe_of(project)
    options = options or SplitOptions()
    settings = _settings(project, recipe, options)
    forget_report(project)
    with project.open_catalogue() as cat:
        carry_note(project, cat)  # placements are nothing to the next curation
        pool, left_out = _pool(cat, settings.target, lost)
        pool = pool.only_placed() if options.placed_only else pool
        layout.check_settings((one.label for one in pool.survivors.values()), settings)
        with swap_folder(project.ready, RECORD, replace=options.replace) as change:
            if not options.afresh:
                layout.check_drawn(project.ready, settings)
            placed = {} if options.afresh else pool.placed
            selection = _select(pool, recipe, placed)
            sources = [_source(project, pool, sha) for sha in sorted(selection.chosen)]
            earlier = {sha: placement.split for sha, placement in placed.items()}
            earlier |= splits_of_copies(families.members(cat), earlier, selection.chosen)
            preferred = pool.reviewed() if settings.val_reviewed else ()
            links = partial(_links, cat)
            sources, splits, cuts = split_pictures(sources, settings, links, earlier, preferred)
            written = layout.write_tree(
                change, sources, splits, settings, progress=progress, workers=workers
            )
            _fill_rows(cat, pool, written)
            text = card.dataset_card(cat, recipe, settings, written)
            record, names = _record(project, recipe, change.new), _names(recipe, written)
            changed = layout.finish_tree(change, written, settings, names, record, text)
            # Before the tree is in its place: of a tree that is there all placements are known.
            _remember(cat, written)
    left = LeftCatalogue(project.written(), time.time_ns())
    fields = report_fields(change, written, settings, splits)
    sheet = _drawn_sheet(project, written, changed=changed)
    left_out |= {pool.survivors[sha].path: why for sha, why in written.failed.items()}
    return DatasetTreeReport(
        **fields,
        cuts=cuts,
        tree=project.ready,
        left_out=left_out,
        over=selection.over,
        short=selection.short,
        missing=tuple(sorted({label.slug for label in recipe.labels} - fields["counts"].keys())),
        fresh=options.afresh and bool(pool.placed),
        sheet=sheet,
        left=None if written.failed else left,  # what could not be decoded is tried again
    )


def _drawn_sheet(project: Project, written: WrittenTree, *, changed: bool) -> Path:
    """The contact sheet, drawn anew where the tree has `changed`, or where a killed run left none.

    Nor is one of an older tree left.
    """
    sheet = project.root / SHEET
    built = layout.finished_at(project.ready)
    if changed or not sheet.is_file() or sheet.stat().st_mtime_ns < built:
        contact_sheet(project.ready, manifest.sort_rows(written.rows.values()), sheet)
    return sheet


def check_tree(project: Project, recipe: Recipe, options: SplitOptions | None = None) -> None:
    """Raise the UsageError that `build_tree` would end in, before any long work is done.

    Where the tree was drawn otherwise, holds what pixset did not write, or a label's name would
    be misread.
    """
    options = options or SplitOptions()
    settings = _settings(project, recipe, options)
    layout.check_settings((label.slug for label in recipe.labels), settings)
    if not options.replace:
        refuse_foreign(project.ready, RECORD)
    if not options.afresh:
        layout.check_drawn(project.ready, settings)


def settings_of(project: Project) -> SplitSettings:
    """The settings that a dataset's next tree has where no option says otherwise."""
    return _settings(project, recipe_of(project), SplitOptions())


def _settings(project: Project, recipe: Recipe, options: SplitOptions) -> SplitSettings:
    return resolved(options, _of_recipe(recipe), _tree_before(project))


def _of_recipe(recipe: Recipe) -> SplitSettings:
    target = Target(recipe.max_side or Target().max_side, size=recipe.size, pad=recipe.pad)
    return SplitSettings(recipe.split, recipe.seed, target)


def _tree_before(project: Project) -> TreeBefore | None:
    """How the tree that is there was built; None without one, or where it does not say."""
    copied = project.ready / RECIPE
    if not copied.is_file():
        return None
    try:
        then = read_recipe(copied)
        return TreeBefore(_of_recipe(then), options_of_record(read_record(project.ready, RECORD)))
    except UsageError:  # changed by hand: as if it did not say
        return None


def _pool(
    cat: Catalogue, target: Target, lost: Collection[str]
) -> tuple[_TreeInput, dict[str, str]]:
    measured = placing.measurements(cat)
    survivors: dict[str, Kept] = {}
    left_out: dict[str, str] = {}
    for one in kept(cat):
        facts = measured[one.sha256]
        wrong = misfit((facts.width, facts.height), target)
        if wrong:
            left_out[one.path] = wrong
        else:
            survivors[one.sha256] = one
    placed = placing.placements(cat)
    if lost:
        left_out |= _leave_lost(survivors, frozenset(lost), families.members(cat), placed)
    if not survivors:
        raise UsageError(
            f"{cat.path.parent}: no picture is kept, so there is nothing to split; "
            "`pixset status` says what became of them"
        )
    return _TreeInput(survivors, placing.origins(cat), measured, placed), left_out


def _leave_lost(
    survivors: dict[str, Kept],
    lost: Collection[str],
    rows: Mapping[str, MemberRow],
    placed: Collection[str],
) -> dict[str, str]:
    """Take out of `survivors` what has no file (paths of `lost`); returns why, by path.

    What an earlier tree holds stays, unless a copy stands in for it.
    """
    left_out = {}
    for sha, one in list(survivors.items()):
        if one.path in lost:
            keeper = survivors.get((rows[sha].keeper if sha in rows else None) or "")
            if keeper is not None or sha not in placed:
                del survivors[sha]
                stand_in = f": {keeper.path} stands in" if keeper else ""
                left_out[one.path] = f"its file is lost{stand_in}"
    return left_out


def _select(pool: _TreeInput, recipe: Recipe, placed: Mapping[str, Placement]) -> Selection:
    quotas = {
        label.slug: LabelQuota(label.target, {s.name: s.share for s in label.strata})
        for label in recipe.labels
    }
    pictures = [
        Selectable(sha, one.label, _stratum(pool, one), one.rank)
        for sha, one in pool.survivors.items()
    ]
    return select_pictures(pictures, quotas, placed)


def _stratum(pool: _TreeInput, one: Kept) -> str | None:
    under = (o.stratum for o in pool.origins.get(one.sha256, ()) if o.label == one.label)
    return next(under, None)


def _source(project: Project, pool: _TreeInput, sha: str) -> SourcePicture:
    one = pool.survivors[sha]
    file = project.image(one.path)
    return SourcePicture(pool.measured[sha], file, one.label, one.split_group)


def _links(cat: Catalogue) -> Iterator[Link]:
    return remembered_links(CataloguePairs(cat), *decisions.links(cat))


def _fill_rows(cat: Catalogue, pool: _TreeInput, written: WrittenTree) -> None:
    stands = decisions.standings(cat)
    for sha, row in written.rows.items():
        manifest.add_origin(row, pool.origins.get(sha, ()))
        manifest.add_decisions(row, pool.survivors[sha], stands.get(sha))


def _names(recipe: Recipe, written: WrittenTree) -> dict[str, dict[str, str]]:
    found = {}
    for slug in sorted({str(row["label"]) for row in written.rows.values()}):
        label = recipe.label(slug)
        name = label.name if label and label.name else slug.replace("_", " ")
        found[slug] = {"name": name, "definition": label.definition if label else ""}
    return found


def _record(project: Project, recipe: Recipe, new: Path) -> dict[str, object]:
    digest = None
    if project.recipe.is_file():
        text = project.recipe.read_bytes()
        write_file(new / RECIPE, text)
        digest = hashlib.sha256(text).hexdigest()
    return {"name": recipe.name, "recipe_sha256": digest}


def _remember(cat: Catalogue, written: WrittenTree) -> None:
    with cat.transaction():
        placing.put_placements(
            cat,
            [
                placing.Placement(sha, str(row["label"]), str(row["split"]), str(row["file_name"]))
                for sha, row in written.rows.items()
            ],
        )
