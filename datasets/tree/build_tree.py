"""From a curated dataset to its ready tree: choose, split, write beside, take its place."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..catalogue import decisions as judgement
from ..catalogue import placements as placing
from ..catalogue import web
from ..curate import kept, recipe_of
from ..errors import UsageError
from ..progress import Progress, silent
from ..split import Item, Split, split
from . import card, manifest, ready
from . import contact_sheet as sheet
from .prepare import Target, misfit
from .ready import Choice, Laid, Settings, Source
from .report import LayoutReport
from .select import Balanced, Quota, balance
from .select import Choice as Candidate
from .swap import swap

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..catalogue import Catalogue
    from ..catalogue.placements import Origin, Placement
    from ..curate import Kept
    from ..project import Project
    from ..recipe import Recipe

__all__ = ["SHEET", "LayoutReport", "lay_out"]

SHEET = "contact-sheet.jpg"


@dataclass(frozen=True, slots=True)
class _Pool:
    """What the catalogue says of the pictures to lay out."""

    survivors: Mapping[str, Kept]
    origins: Mapping[str, list[Origin]]
    sizes: Mapping[str, int]
    placed: Mapping[str, Placement]


def lay_out(
    project: Project,
    recipe: Recipe | None = None,
    choice: Choice | None = None,
    *,
    progress: Progress = silent,
    workers: int | None = None,
) -> LayoutReport:
    """Write the dataset's ready/ tree from the pictures that are kept.

    Earlier placements stay unless the ratio, the seed or the preference for reviewed pictures is
    another than the tree's, or `choice.afresh` is set. Raises SplitRefused where a side would lack
    a label, UsageError for names that loaders misread or where nothing is kept.
    """
    recipe = recipe or recipe_of(project)
    choice = choice or Choice()
    settings = _settings(recipe, choice)
    with project.open_catalogue() as cat:
        pool, left_out = _pool(cat, settings.target)
        ready.check_names((one.label for one in pool.survivors.values()), settings.val_name)
        with swap(project.ready) as change:
            same = ready.same_split(project.ready, settings)
            fresh = bool(pool.placed) and (choice.afresh or not same)
            placed = {} if fresh else pool.placed
            chosen = _choose(pool, recipe, placed)
            sources = [_source(project, pool, sha) for sha in sorted(chosen.chosen)]
            sides = _split(pool, sources, settings, placed)
            laid = ready.write_tree(
                change, project.ready, sources, sides, settings, progress=progress, workers=workers
            )
            _fill_rows(cat, pool, laid)
            text = card.dataset_card(cat, recipe, settings, laid)
            record = _record(project, recipe, change.new)
            changed = ready.finish(change, laid, settings, _names(recipe, laid), record, text)
        _remember(cat, laid)
    rows = manifest.sort_rows(laid.rows.values())
    picture = project.root / SHEET
    if changed or not picture.is_file():
        sheet.contact_sheet(project.ready, rows, picture)
    failed = laid.outcome.failed
    left_out |= {
        pool.survivors[s.sha256].path: str(failed[s.id]) for s in sources if s.id in failed
    }
    return LayoutReport(
        tree=project.ready,
        ratio=str(settings.ratios),
        seed=settings.seed,
        counts=ready.counts(rows),
        quotas=sides.quotas,
        merged=sides.merged,
        left_out=left_out,
        over=chosen.over,
        short=chosen.short,
        written=len(laid.outcome.written) - laid.outcome.reused,
        reused=laid.outcome.reused,
        changed=changed,
        fresh=fresh,
        sheet=picture,
    )


def _settings(recipe: Recipe, choice: Choice) -> Settings:
    target = choice.target or Target(
        max_side=recipe.max_side or Target().max_side, size=recipe.size, pad=recipe.pad
    )
    return Settings(
        ratios=choice.ratios or recipe.split,
        seed=recipe.seed if choice.seed is None else choice.seed,
        target=target,
        link=choice.link,
        val_name=choice.val_name,
        val_reviewed=choice.val_reviewed,
    )


def _pool(cat: Catalogue, target: Target) -> tuple[_Pool, dict[str, str]]:
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
    if not survivors:
        raise UsageError(
            f"{cat.path.parent}: no picture is kept, so there is nothing to split; "
            "`pixset status` says what became of them"
        )
    sizes = {picture.sha256: picture.bytes for picture in web.pictures(cat)}
    return _Pool(survivors, placing.origins(cat), sizes, placing.placements(cat)), left_out


def _choose(pool: _Pool, recipe: Recipe, placed: Mapping[str, Placement]) -> Balanced:
    quotas = {
        label.slug: Quota(label.target, {s.name: s.share for s in label.strata})
        for label in recipe.labels
    }
    choices = [
        Candidate(sha, one.label, _stratum(pool, one), one.rank)
        for sha, one in pool.survivors.items()
    ]
    return balance(choices, quotas, placed)


def _stratum(pool: _Pool, one: Kept) -> str | None:
    under = (o.stratum for o in pool.origins.get(one.sha256, ()) if o.label == one.label)
    return next(under, None)


def _source(project: Project, pool: _Pool, sha: str) -> Source:
    one = pool.survivors[sha]
    return Source(sha, project.image(one.path), pool.sizes[sha], one.label, one.family)


def _split(
    pool: _Pool, sources: list[Source], settings: Settings, placed: Mapping[str, Placement]
) -> Split:
    items = [
        Item(
            s.sha256,
            s.label,
            s.family,
            settings.val_reviewed and pool.survivors[s.sha256].verified,
        )
        for s in sources
    ]
    earlier = {sha: placement.side for sha, placement in placed.items()}
    return split(items, settings.ratios, seed=settings.seed, earlier=earlier)


def _fill_rows(cat: Catalogue, pool: _Pool, laid: Laid) -> None:
    measured, stands = placing.measurements(cat), judgement.standing(cat)
    for sha, row in laid.rows.items():
        manifest.add_source(row, measured[sha], sha, pool.sizes[sha])
        manifest.add_origin(row, pool.origins.get(sha, ()))
        manifest.add_judgement(row, pool.survivors[sha], stands.get(sha))


def _names(recipe: Recipe, laid: Laid) -> dict[str, dict[str, str]]:
    found = {}
    for slug in sorted({str(row["label"]) for row in laid.rows.values()}):
        label = recipe.label(slug)
        name = label.name if label and label.name else slug.replace("_", " ")
        found[slug] = {"name": name, "definition": label.definition if label else ""}
    return found


def _record(project: Project, recipe: Recipe, new: Path) -> dict[str, object]:
    digest = None
    if project.recipe.is_file():
        text = project.recipe.read_bytes()
        (new / "recipe.toml").write_bytes(text)
        digest = hashlib.sha256(text).hexdigest()
    return {"name": recipe.name, "recipe_sha256": digest}


def _remember(cat: Catalogue, laid: Laid) -> None:
    with cat.transaction():
        placing.put_placements(
            cat,
            [
                placing.Placement(sha, str(row["label"]), str(row["split"]), str(row["file_name"]))
                for sha, row in laid.rows.items()
            ],
        )
