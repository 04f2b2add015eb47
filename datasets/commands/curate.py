"""`pixset dedupe`, `check` and `undo`: on a dataset, or on any folder of pictures."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path  # typer reads it at run time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import UsageError
from .bars import bars
from .options import DEFAULT_DATASET, AsJson

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..project import Project

app = typer.Typer()

Place = Annotated[
    Path, typer.Argument(metavar="DATASET|FOLDER", help="A dataset, or any folder of pictures.")
]
MoveTo = Annotated[
    Path | None,
    typer.Option("--move-to", metavar="DIR", help="Plain folder: move what would go to DIR."),
]


@dataclass(frozen=True, slots=True)
class _Said:
    """What a person says of one pair of pictures."""

    one: Path
    other: Path
    same: bool


@app.command(
    epilog="Examples:  pixset dedupe   |   pixset dedupe photos --move-to photos-copies   |   "
    "pixset dedupe photos --explain --html copies.html"
)
def dedupe(  # a command's options are its arguments
    place: Place = DEFAULT_DATASET,
    *,
    move_to: MoveTo = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Why these and not those: distances, border pairs.")
    ] = False,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="With --explain: a page with the pictures."),
    ] = None,
    duplicate: Annotated[
        tuple[Path, Path] | None,
        typer.Option("--duplicate", metavar="A B", help="Remember: these two are duplicates."),
    ] = None,
    not_duplicate: Annotated[
        tuple[Path, Path] | None,
        typer.Option("--not-duplicate", metavar="A B", help="Remember: these two are not."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find exact and near-duplicates, each copy checked pixel by pixel against its keeper.

    In a dataset, copies are left out by a verdict (no file is touched). In a plain folder nothing
    changes unless --move-to says where to.
    """
    if html and not explain:
        raise UsageError("--html: goes with --explain")
    said = [
        _Said(*pair, same) for pair, same in ((duplicate, True), (not_duplicate, False)) if pair
    ]
    project = _dataset_or_folder(place)
    if project is not None:
        _refuse(move_to, "--move-to: a dataset leaves copies out by verdicts, no file moves")
        _dedupe_dataset(project, said, explain=explain, html=html, as_json=as_json)
        return
    _say_in_folder(place, said)
    from ...curation.folders.folder import dedupe_folder, explain_folder
    from ...curation.folders.pairs import read_constraints

    known = read_constraints(place)
    same, different = known.same, known.different
    if explain:
        _refuse(move_to, "--move-to: not together with --explain")
        explained = explain_folder(place, same=same, different=different, progress=bars)
        _show(explained, html, as_json=as_json)
        return
    report = dedupe_folder(place, same=same, different=different, move_to=move_to, progress=bars)
    _print(report.to_json() if as_json else report.to_text())


@app.command(
    epilog="Examples:  pixset check   |   pixset check photos --drop blurry --move-to photos-bad   "
    "|   pixset check photos --labels"
)
def check(
    place: Place = DEFAULT_DATASET,
    *,
    move_to: MoveTo = None,
    threshold: Annotated[
        list[str] | None,
        typer.Option("--threshold", metavar="CHECK=N", help="Another threshold; may be repeated."),
    ] = None,
    drop: Annotated[
        list[str] | None,
        typer.Option("--drop", metavar="CHECK", help="Plain folder: only these checks drop."),
    ] = None,
    labels: Annotated[
        bool,
        typer.Option("--labels", help="Class folders: what is mislabelled? (extra: noise)"),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Find what is truncated, tiny, blank, dark, blurry, animated, clip art or otherwise odd.

    With --labels: pictures of class folders that look like another class, or like none.
    """
    thresholds = _thresholds(threshold or ())
    project = _dataset_or_folder(place)
    if labels:
        _refuse(thresholds or drop or move_to, "--labels: finds, and drops nothing: no --drop")
        from ...curation.labels.folder import check_labels

        folder = project.images if project else place
        doubts = check_labels(folder, cache=project is None, progress=bars)
        _print(doubts.to_json() if as_json else doubts.to_text())
        return
    if project is None:
        from ...curation.folders.folder import check_folder

        report = check_folder(
            place, thresholds=thresholds, drop=drop, move_to=move_to, progress=bars
        )
        _print(report.to_json() if as_json else report.to_text())
        return
    _refuse(move_to, "--move-to: a dataset leaves pictures out by verdicts, no file moves")
    _refuse(drop, "--drop: a dataset's recipe says which checks drop ([checks])")
    from dataclasses import replace

    from ..curate import curate, recipe_of
    from ..curate.reports import check_json, check_text

    recipe = recipe_of(project)
    recipe = replace(recipe, checks={**recipe.checks, **thresholds})
    found = curate(project, recipe, progress=bars)
    _print(check_json(found) if as_json else check_text(found))


@app.command(
    epilog="Examples:  pixset undo   |   pixset undo photos-copies   (where --move-to moved to)"
)
def undo(
    place: Annotated[
        Path, typer.Argument(metavar="DATASET|DIR|FILE", help="A dataset, or what --move-to made.")
    ] = DEFAULT_DATASET,
    *,
    as_json: AsJson = False,
) -> None:
    """Take back the last thing: a dataset's newest verdicts, or files that were moved aside."""
    from ..project import Project, is_dataset

    if is_dataset(place):
        _undo_dataset(Project.open(place), as_json=as_json)
        return
    if not place.exists():
        raise UsageError(f"{place}: neither a dataset, nor a folder or undo file of --move-to")
    from ...curation.folders.move import undo as put_back

    undone = put_back(place, progress=bars)
    told: dict[str, Any] = {
        "restored": [str(path) for path in undone.restored],
        "already": [str(path) for path in undone.already],
        "refused": [{"path": str(path), "why": why} for path, why in undone.refused],
        "missing": [str(path) for path in undone.missing],
    }
    if as_json:
        _print(told)
        return
    lines = [f"{len(undone.restored)} files put back, {len(undone.already)} were there already"]
    lines += [f"not put back: {path}: {why}" for path, why in undone.refused]
    lines += [f"gone: {path}" for path in undone.missing]
    _print("\n".join(lines))


def _dataset_or_folder(place: Path) -> Project | None:
    """The dataset at `place`, or None for a plain folder; UsageError for neither."""
    from ..project import Project, is_dataset

    if is_dataset(place):
        return Project.open(place)
    if not place.is_dir():
        raise UsageError(
            f"{place}: neither a dataset nor a folder of pictures; "
            "`pixset scrape --term pizza` makes a dataset"
        )
    return None


def _dedupe_dataset(
    project: Project, said: list[_Said], *, explain: bool, html: Path | None, as_json: bool
) -> None:
    from ..catalogue import decisions as judgement
    from ..curate import curate
    from ..curate.reports import dedupe_json, dedupe_text

    for pair in said:
        one, other = (_digest(project, path) for path in (pair.one, pair.other))
        with project.open_catalogue() as cat:
            judgement.say(cat, one, other, same=pair.same)
    found = curate(project, progress=bars)
    if not explain:
        _print(dedupe_json(found) if as_json else dedupe_text(found))
        return
    with project.open_catalogue(write=False) as cat:
        facts = judgement.all_facts(cat)
    from ...curation.duplicates.explain import explain as explained

    _show(
        explained(
            [one for sha, one in facts.items() if sha in found.compared],
            found.families,
            names=found.paths,
            read=lambda sha: project.image(found.paths[sha]).read_bytes(),
        ),
        html,
        as_json=as_json,
    )


def _digest(project: Project, name: Path) -> str:
    """The SHA-256 of a picture of the dataset, by its file or the start of its name."""
    from ..catalogue import web

    with project.open_catalogue(write=False) as cat:
        known = {picture.sha256: picture.path for picture in web.pictures(cat)}
    files = (name, project.root / name)
    path = next((file for file in files if file.is_file()), None)
    if path is not None:
        import hashlib

        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        # A file of ready/ may have other bytes than its source, but has its name.
        stem = path.stem
        found = [sha for sha in known if sha == digest or sha.startswith(stem)]
    else:
        found = [sha for sha in known if sha.startswith(name.stem)]
    if len(found) != 1:
        raise UsageError(f"{name}: no picture of this dataset; name its file in images/")
    return found[0]


def _say_in_folder(folder: Path, said: list[_Said]) -> None:
    from ...curation.folders.pairs import add_constraints

    for pair in said:
        files = [path if path.exists() else folder / path for path in (pair.one, pair.other)]
        add_constraints(folder, [(files[0], files[1])], same=pair.same)


def _show(explanation: Any, html: Path | None, *, as_json: bool) -> None:
    from ...curation.duplicates.explain_report import as_html, as_text

    if html:
        html.write_text(as_html(explanation), encoding="utf-8")
    _print(explanation.to_json() if as_json else as_text(explanation))
    if html and not as_json:
        print(f"page: {html}")


def _undo_dataset(project: Project, *, as_json: bool) -> None:
    from collections import Counter

    from ..catalogue import decisions as judgement

    with project.open_catalogue() as cat, cat.transaction():
        taken = judgement.undo(cat)
    counts = Counter((verdict.by, verdict.reason) for verdict in taken)
    if as_json:
        _print({"taken_back": [{"sha256": v.sha256, "reason": v.reason} for v in taken]})
    elif not taken:
        print("nothing to take back")
    else:
        for (by, reason), number in sorted(counts.items()):
            print(f"taken back: {number} verdicts by {by}: {reason}")
        print("`pixset split` lays the tree out anew")


def _thresholds(given: list[str] | tuple[()]) -> dict[str, float]:
    found = {}
    for text in given:
        name, equals, number = text.partition("=")
        try:
            found[name.strip()] = float(number)
        except ValueError:
            raise UsageError(f"--threshold {text!r}: expected CHECK=N, as in blurry=0.4") from None
        if not equals:
            raise UsageError(f"--threshold {text!r}: expected CHECK=N, as in blurry=0.4")
    return found


def _refuse(option: object, why: str) -> None:
    if option:
        raise UsageError(why)


def _print(told: str | Mapping[str, object]) -> None:
    print(told if isinstance(told, str) else json.dumps(told, ensure_ascii=False, indent=2))
