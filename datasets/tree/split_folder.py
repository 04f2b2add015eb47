"""`pixset split FOLDER --out OUT` for any folder of class folders: no dataset, no catalogue.

Split groups are found on the way, so that no copy straddles the split; what OUT already holds
keeps its split. Copies within a class stay in (taking them out is `pixset dedupe`'s
work); a picture that lies under two classes is right under neither and is left out.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...curation.errors import Unreadable
from ...curation.progress import Progress, silent
from .. import names as slugs
from ..catalogue.placements import Measured
from ..curate.rules import DROPPING
from ..errors import UsageError
from ..folder_swap import refuse_foreign, swap_folder
from ..recipe import Recipe
from ..split import Item, split
from . import layout, manifest
from .card import CardFacts, card_text
from .layout import RECORD, SourcePicture
from .prepare import Target, misfit
from .report import TreeReport, report_fields
from .settings import SplitOptions, SplitSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from ...curation.duplicates.families import Families
    from ...curation.images.facts import Facts


@dataclass(frozen=True, slots=True)
class _FolderPicture:
    facts: Facts
    path: Path  # relative to the folder
    label: str


@dataclass(frozen=True, slots=True)
class _Job:
    out: Path
    names: Mapping[str, str]  # class folder → slug
    settings: SplitSettings
    options: SplitOptions
    progress: Progress
    workers: int | None


def split_folder(
    folder: Path,
    out: Path,
    options: SplitOptions | None = None,
    *,
    progress: Progress = silent,
    workers: int | None = None,
) -> TreeReport:
    """Split the class folders in `folder` into a training tree at `out`.

    Earlier placements of pictures in `out` stay, as in a dataset. Raises UsageError where `folder`
    holds no classes, a class is named like a split, `out` overlaps `folder` or holds anything
    that pixset did not write; SplitRefused where a split would lack a class.
    """
    options = options or SplitOptions()
    settings = _settings(options)
    _refuse_overlap(folder, out)
    # Before the long look at every picture, not after it.
    if not options.replace:
        refuse_foreign(out, RECORD)
    if not options.afresh:
        layout.check_drawn(out, settings)
    names = class_names(folder)
    layout.check_settings(names.values(), settings)
    left_out: dict[str, str] = {}
    pictures = _look(folder, names, settings, left_out, progress, workers)
    families = _families(folder, pictures, left_out)
    sources = [
        SourcePicture(
            sha,
            folder / picture.path,
            picture.facts.bytes,
            picture.label,
            families.split_group.get(sha, sha),
        )
        for sha, picture in sorted(pictures.items())
    ]
    job = _Job(out, names, settings, options, progress, workers)
    return _build(job, sources, pictures, left_out)


def class_names(folder: Path) -> dict[str, str]:
    """Class folder → slug; raises UsageError where there is none, or one cannot be a class."""
    if not folder.is_dir():
        raise UsageError(f"{folder}: neither a dataset nor a folder of class folders")
    found = sorted(
        child.name for child in folder.iterdir() if child.is_dir() and child.name[0] not in "._"
    )
    if not found:
        raise UsageError(f"{folder}: no class folders in it; expected {folder}/<class>/<pictures>")
    splits = [name for name in found if name.lower() in slugs.RESERVED]
    if len(splits) > 1:
        raise UsageError(
            f"{folder}: already split ({', '.join(splits)}); `pixset verify {folder}` checks it"
        )
    names: dict[str, str] = {}
    for name in found:
        try:
            slug = slugs.slug_of(name)
        except UsageError as error:
            why = str(error).removesuffix("; name it with --label")
            raise UsageError(f"{folder / name}: {why}; rename the folder") from None
        twin = next((other for other, known in names.items() if known == slug), None)
        if twin is not None:
            raise UsageError(f"{folder}: {twin!r} and {name!r} would both be class {slug!r}")
        names[name] = slug
    return names


def _settings(options: SplitOptions) -> SplitSettings:
    return SplitSettings(
        ratios=options.ratios or Recipe(name="").split,
        seed=options.seed or 0,
        target=options.target or Target(),
        link=options.link,
        val_name=options.val_name,
    )


def _refuse_overlap(folder: Path, out: Path) -> None:
    inner, outer = out.resolve(), folder.resolve()
    if inner == outer or outer in inner.parents or inner in outer.parents:
        raise UsageError(f"{out}: overlaps {folder}; name a folder elsewhere with --out")


def _look(
    folder: Path,
    names: Mapping[str, str],
    settings: SplitSettings,
    left_out: dict[str, str],
    progress: Progress,
    workers: int | None,
) -> dict[str, _FolderPicture]:
    """The decodable pictures by SHA-256, each content once; two classes for one leave it out."""
    from ...curation.folders.folder import look_at_folder

    listing, seen = look_at_folder(folder, workers=workers, progress=progress)
    left_out.update({str(_below(path, folder)): "no picture" for path in listing.junk})
    found: dict[str, _FolderPicture] = {}
    clashes: defaultdict[str, set[str]] = defaultdict(set)
    for path, facts in sorted(seen.items()):
        below = _below(path, folder)
        label = names.get(below.parts[0]) if len(below.parts) > 1 else None
        if isinstance(facts, Unreadable):
            left_out[str(below)] = str(facts)
        elif label is None:
            left_out[str(below)] = "in no class folder"
        elif wrong := misfit((facts.width, facts.height), settings.target):
            left_out[str(below)] = wrong
        elif facts.sha256 in found:
            twin = found[facts.sha256]
            left_out[str(below)] = f"the same bytes as {twin.path}"
            if twin.label != label:
                clashes[facts.sha256] |= {twin.label, label}
        else:
            found[facts.sha256] = _FolderPicture(facts, below, label)
    for sha, labels in clashes.items():
        _clash(found, [sha], labels, left_out)
    if not found:
        raise UsageError(f"{folder}: no picture that can be decoded in its class folders")
    return found


def _below(path: Path, folder: Path) -> Path:
    return path.relative_to(folder.absolute()) if path.is_absolute() else path


def _families(
    folder: Path, pictures: dict[str, _FolderPicture], left_out: dict[str, str]
) -> Families:
    """Families among the pictures; confirmed copies of two classes leave `pictures`."""
    from ...curation.duplicates.families import find_families

    families = find_families(
        [picture.facts for picture in pictures.values()],
        read=lambda sha: (folder / pictures[sha].path).read_bytes(),
    )
    for family in families.families:
        star = [family.keeper, *(m.sha256 for m in family.members if m.relation in DROPPING)]
        labels = {pictures[sha].label for sha in star if sha in pictures}
        if len(labels) > 1:
            _clash(pictures, star, labels, left_out)
    return families


def _clash(
    pictures: dict[str, _FolderPicture],
    star: Sequence[str],
    labels: Iterable[str],
    left_out: dict[str, str],
) -> None:
    for sha in star:
        picture = pictures.pop(sha, None)
        if picture is not None:
            left_out[str(picture.path)] = f"one picture under {' and '.join(sorted(labels))}"


def _build(
    job: _Job,
    sources: Sequence[SourcePicture],
    pictures: Mapping[str, _FolderPicture],
    left_out: dict[str, str],
) -> TreeReport:
    out, settings, options = job.out, job.settings, job.options
    items = [Item(source.sha256, source.label, source.group) for source in sources]
    with swap_folder(out, RECORD, replace=options.replace) as change:
        earlier = {
            str(row["source_sha256"]): str(row["split"]) for row in manifest.read_manifest(out)
        }
        fresh = bool(earlier) and options.afresh
        splits = split(items, settings.ratios, seed=settings.seed, earlier={} if fresh else earlier)
        written = layout.write_tree(
            change, sources, splits, settings, progress=job.progress, workers=job.workers
        )
        for sha, row in written.rows.items():
            picture = pictures[sha]
            manifest.add_source(row, _measured(picture.facts), sha, picture.facts.bytes)
            row["title"] = picture.path.as_posix()
        shown = {slug: {"name": name, "definition": ""} for name, slug in job.names.items()}
        shown = {slug: shown[slug] for slug in layout.counts(written.rows.values())}
        facts = CardFacts(name=out.resolve().name)
        text = card_text(facts, list(written.rows.values()), settings)
        layout.finish_tree(change, written, settings, shown, {"name": facts.name}, text)
    failed = {s.id: s for s in sources if s.id in written.result.failed}
    left_out |= {
        str(pictures[s.sha256].path): str(written.result.failed[id_]) for id_, s in failed.items()
    }
    return TreeReport(
        **report_fields(change, written, settings, splits),
        tree=out,
        left_out=left_out,
        over={},
        short={},
        fresh=fresh,
    )


def _measured(facts: Facts) -> Measured:
    return Measured(
        sha256=facts.sha256,
        format=facts.format,
        width=facts.width,
        height=facts.height,
        phash=f"{facts.fingerprints['phash']:016x}",
        dhash=f"{facts.fingerprints['dhash']:016x}",
        scores=facts.scores,
    )
