"""`pixset split FOLDER --out OUT` for any folder of class folders: no dataset, no catalogue.

Near-duplicate families are found on the way, so that no copy straddles the split; what OUT
already holds keeps its sides. Copies within a class stay in (taking them out is `pixset dedupe`'s
work); a picture that lies under two classes is right under neither and is left out.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...curation.errors import Unreadable
from .. import names as slugs
from ..catalogue.placements import Measured
from ..curate.rules import DROPPING
from ..errors import UsageError
from ..progress import Progress, silent
from ..recipe import Recipe
from ..split import Item, split
from . import manifest, ready
from .card import Told, card
from .prepare import misfit
from .ready import Choice, Settings, Source
from .report import TreeReport
from .swap import refuse_foreign, swap

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from ...curation.duplicates.families import Families
    from ...curation.images.facts import Facts


@dataclass(frozen=True, slots=True)
class _Picture:
    facts: Facts
    path: Path  # relative to the folder
    label: str


@dataclass(frozen=True, slots=True)
class _Job:
    out: Path
    names: Mapping[str, str]  # class folder → slug
    settings: Settings
    afresh: bool
    progress: Progress
    workers: int | None


def split_folder(
    folder: Path,
    out: Path,
    choice: Choice | None = None,
    *,
    progress: Progress = silent,
    workers: int | None = None,
) -> TreeReport:
    """Split the class folders in `folder` into a ready tree at `out`.

    Earlier sides of pictures in `out` stay, as in a dataset. Raises UsageError where `folder`
    holds no classes, a class is named like a split, `out` overlaps `folder` or holds anything
    that pixset did not write; SplitRefused where a side would lack a class.
    """
    choice = choice or Choice()
    settings = _settings(choice)
    _refuse_overlap(folder, out)
    refuse_foreign(out)
    names = class_names(folder)
    ready.check_names(names.values(), settings.val_name)
    left_out: dict[str, str] = {}
    pictures = _look(folder, names, settings, left_out, progress, workers)
    families = _families(folder, pictures, left_out)
    sources = [
        Source(
            sha,
            folder / picture.path,
            picture.facts.bytes,
            picture.label,
            families.split_group.get(sha, sha),
        )
        for sha, picture in sorted(pictures.items())
    ]
    job = _Job(out, names, settings, choice.afresh, progress, workers)
    return _lay_out(job, sources, pictures, left_out)


def class_names(folder: Path) -> dict[str, str]:
    """Class folder → slug; raises UsageError where there is none, or one cannot be a class."""
    if not folder.is_dir():
        raise UsageError(f"{folder}: neither a dataset nor a folder of class folders")
    found = sorted(
        child.name for child in folder.iterdir() if child.is_dir() and child.name[0] not in "._"
    )
    if not found:
        raise UsageError(f"{folder}: no class folders in it; expected {folder}/<class>/<pictures>")
    sides = [name for name in found if name.lower() in slugs.RESERVED]
    if len(sides) > 1:
        raise UsageError(
            f"{folder}: already split ({', '.join(sides)}); `pixset verify {folder}` checks it"
        )
    names: dict[str, str] = {}
    for name in found:
        try:
            slug = slugs.slug_of(name)
        except UsageError as error:
            said = str(error).removesuffix("; name it with --label")
            raise UsageError(f"{folder / name}: {said}; rename the folder") from None
        twin = next((other for other, known in names.items() if known == slug), None)
        if twin is not None:
            raise UsageError(f"{folder}: {twin!r} and {name!r} would both be class {slug!r}")
        names[name] = slug
    return names


def _settings(choice: Choice) -> Settings:
    plain = Recipe(name="")
    return Settings(
        ratios=choice.ratios or plain.split,
        seed=choice.seed or 0,
        target=choice.target or Settings(plain.split, 0).target,
        link=choice.link,
        val_name=choice.val_name,
    )


def _refuse_overlap(folder: Path, out: Path) -> None:
    inner, outer = out.resolve(), folder.resolve()
    if inner == outer or outer in inner.parents or inner in outer.parents:
        raise UsageError(f"{out}: overlaps {folder}; name a folder elsewhere with --out")


def _look(
    folder: Path,
    names: Mapping[str, str],
    settings: Settings,
    left_out: dict[str, str],
    progress: Progress,
    workers: int | None,
) -> dict[str, _Picture]:
    """The decodable pictures by SHA-256, each content once; two classes for one leave it out."""
    from ...curation.folders.folder import look_at_folder

    listing, seen = look_at_folder(folder, workers=workers, progress=progress)
    left_out.update({str(_below(path, folder)): "no picture" for path in listing.junk})
    found: dict[str, _Picture] = {}
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
            found[facts.sha256] = _Picture(facts, below, label)
    for sha, labels in clashes.items():
        _clash(found, [sha], labels, left_out)
    if not found:
        raise UsageError(f"{folder}: no picture that can be decoded in its class folders")
    return found


def _below(path: Path, folder: Path) -> Path:
    return path.relative_to(folder.absolute()) if path.is_absolute() else path


def _families(folder: Path, pictures: dict[str, _Picture], left_out: dict[str, str]) -> Families:
    """Families among the pictures; verified copies of two classes are taken out of `pictures`."""
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
    pictures: dict[str, _Picture],
    star: Sequence[str],
    labels: Iterable[str],
    left_out: dict[str, str],
) -> None:
    for sha in star:
        picture = pictures.pop(sha, None)
        if picture is not None:
            left_out[str(picture.path)] = f"one picture under {' and '.join(sorted(labels))}"


def _lay_out(
    job: _Job,
    sources: Sequence[Source],
    pictures: Mapping[str, _Picture],
    left_out: dict[str, str],
) -> TreeReport:
    out, settings = job.out, job.settings
    items = [Item(source.sha256, source.label, source.family) for source in sources]
    earlier = {str(row["source_sha256"]): str(row["split"]) for row in manifest.read_manifest(out)}
    fresh = bool(earlier) and (job.afresh or not ready.same_split(out, settings))
    with swap(out) as change:
        sides = split(items, settings.ratios, seed=settings.seed, earlier={} if fresh else earlier)
        laid = ready.write_tree(
            change, out, sources, sides, settings, progress=job.progress, workers=job.workers
        )
        for sha, row in laid.rows.items():
            picture = pictures[sha]
            manifest.add_source(row, _measured(picture.facts), sha, picture.facts.bytes)
            row["title"] = picture.path.as_posix()
        shown = {slug: {"name": name, "definition": ""} for name, slug in job.names.items()}
        shown = {slug: shown[slug] for slug in ready.counts(laid.rows.values())}
        told = Told(name=out.resolve().name)
        text = card(told, list(laid.rows.values()), settings)
        changed = ready.finish(change, laid, settings, shown, {"name": told.name}, text)
    failed = {s.id: s for s in sources if s.id in laid.outcome.failed}
    left_out |= {
        str(pictures[s.sha256].path): str(laid.outcome.failed[id_]) for id_, s in failed.items()
    }
    return TreeReport(
        tree=out,
        ratio=str(settings.ratios),
        seed=settings.seed,
        counts=ready.counts(laid.rows.values()),
        quotas=sides.quotas,
        merged=sides.merged,
        left_out=left_out,
        over={},
        short={},
        written=len(laid.outcome.written) - laid.outcome.reused,
        reused=laid.outcome.reused,
        changed=changed,
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
