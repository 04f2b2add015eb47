"""The ready tree: `{train,val[,test]}/<slug>/<id>.jpg`, metadata at its root, nothing else.

What a dataset and a plain folder of classes have in common when they are laid out.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from importlib import metadata
from typing import TYPE_CHECKING, Final

from .. import names as slugs
from ..errors import DatasetError, UsageError
from ..progress import Progress, silent
from ..split import Ratios, Split, SplitRefused
from . import manifest
from .prepare import Target
from .swap import RECORD, Swap, read_record
from .write import Outcome, Plan, Wanted, Written, write_pictures

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

VAL_NAMES: Final = ("val", "valid", "validation")
ID_LENGTH: Final = 16  # hex digits of the source's SHA-256: the file's stem


@dataclass(frozen=True, slots=True)
class Choice:
    """How a tree is made; None: as the recipe says.

    `val_name` names the val folder (fastai looks for `valid`). `val_reviewed` takes pictures that
    a person verified for val and test first. `afresh` forgets earlier placements.
    """

    ratios: Ratios | None = None
    seed: int | None = None
    target: Target | None = None
    link: str = "copy"
    val_name: str = "val"
    val_reviewed: bool = False
    afresh: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A picture to lay out: its bytes' digest and size, where they lie, its label and family."""

    sha256: str
    file: Path
    bytes: int
    label: str
    family: str

    @property
    def id(self) -> str:
        """The stem of its file in the tree."""
        return self.sha256[:ID_LENGTH]


@dataclass(frozen=True, slots=True)
class Laid:
    """What was written: rows of the manifest by sha256, and the pictures that could not be."""

    rows: Mapping[str, manifest.Row]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Settings:
    """A choice with nothing left open."""

    ratios: Ratios
    seed: int
    target: Target = field(default_factory=Target)
    link: str = "copy"
    val_name: str = "val"
    val_reviewed: bool = False

    def record(self) -> dict[str, object]:
        """What decides sides and bytes, as kept in dataset.json."""
        return {
            "ratio": str(self.ratios),
            "seed": self.seed,
            "val_name": self.val_name,
            "val_reviewed": self.val_reviewed,
            "output": self.target.spec(),
            "link": self.link,
        }


def check_names(labels: Iterable[str], val_name: str) -> None:
    """Raise UsageError for a label or side name that some loader would misread."""
    if val_name not in VAL_NAMES:
        raise UsageError(f"--val-name {val_name!r}: expected one of {', '.join(VAL_NAMES)}")
    for label in sorted(set(labels)):
        wrong = slugs.fault(label)
        if wrong:
            raise UsageError(f"label {label!r}: {wrong}")


def same_split(tree: Path, settings: Settings) -> bool:
    """Whether the tree's sides were drawn with the same ratio, seed and preference."""
    record = read_record(tree)
    wanted = settings.record()
    return all(record.get(key, wanted[key]) == wanted[key] for key in _DRAWN)


_DRAWN = ("ratio", "seed", "val_reviewed")


def write_tree(
    change: Swap,
    final: Path,
    sources: Sequence[Source],
    sides: Split,
    settings: Settings,
    *,
    progress: Progress = silent,
    workers: int | None = None,
) -> Laid:
    """Write the pictures of a tree below `change.new`; rows hold what any tree knows of them.

    Raises SplitRefused where pictures that could not be decoded leave a side without a label.
    """
    folder = {"train": "train", "val": settings.val_name, "test": "test"}
    labels = sorted({source.label for source in sources})
    wanted = [
        Wanted(s.id, s.sha256, s.file, f"{folder[sides.sides[s.sha256]]}/{s.label}/{s.id}.jpg")
        for s in sorted(sources, key=lambda source: source.sha256)
    ]
    _refuse_twins(wanted)
    plan = Plan(
        new=change.new,
        final=final,
        target=settings.target,
        link=settings.link,
        old=change.old,
        earlier=_reusable(change.old, settings),
    )
    outcome = write_pictures(wanted, plan, progress=progress, workers=workers)
    written = {one.id: one for one in outcome.written}
    rows = {
        s.sha256: manifest.row(
            sides.sides[s.sha256], s.label, labels.index(s.label), s.family, written[s.id]
        )
        for s in sources
        if s.id in written
    }
    for source in sources:
        if source.sha256 in rows:
            manifest.add_source(rows[source.sha256], None, source.sha256, source.bytes)
    _refuse_gaps(rows.values(), labels, settings)
    return Laid(rows, outcome)


def finish(
    change: Swap,
    laid: Laid,
    settings: Settings,
    names: Mapping[str, Mapping[str, str]],
    record: Mapping[str, object],
    card: str,
) -> bool:
    """Write the metadata at the root; where nothing changed, the old tree stays. Says which."""
    new = change.new
    version = metadata.version("pixset")
    for row in laid.rows.values():
        row |= {"tool_version": version, "recipe_sha256": record.get("recipe_sha256")}
    rows = manifest.sort_rows(laid.rows.values())
    manifest.write_manifest(new, rows)
    manifest.write_classes(new, names)
    whole = {
        "pixset": version,
        **record,
        **settings.record(),
        "encoder": _encoder(),
        "classes": sorted(names),
        "pictures": counts(rows),
    }
    (new / RECORD).write_text(
        json.dumps(whole, ensure_ascii=False, indent=2) + "\n", encoding="utf-8", newline="\n"
    )
    (new / "README.md").write_text(card, encoding="utf-8", newline="\n")
    manifest.write_sums(new, {str(row["file_name"]): str(row["sha256"]) for row in rows})
    unchanged = change.old is not None and _alike(change.old, new)
    if unchanged:
        change.keep_old()
    return not unchanged


def counts(rows: Iterable[manifest.Row]) -> dict[str, dict[str, int]]:
    """Label → side → pictures, sides in the order train, val, test."""
    found = Counter((str(row["label"]), str(row["split"])) for row in rows)
    sides = [s for s in ("train", "val", "test") if any(side == s for _, side in found)]
    labels = sorted({label for label, _ in found})
    return {label: {side: found[label, side] for side in sides} for label in labels}


def _encoder() -> str:
    """What decides a re-encoded picture's bytes, besides its source and the target."""
    import PIL

    return f"pillow {PIL.__version__}"


def _reusable(old: Path | None, settings: Settings) -> dict[str, Written]:
    if old is None:
        return {}
    record = read_record(old)
    wanted = {**settings.record(), "encoder": _encoder()}
    if any(record.get(key) != wanted[key] for key in ("output", "link", "encoder")):
        return {}
    return manifest.written_before(old)


def _refuse_twins(wanted: Sequence[Wanted]) -> None:
    first: dict[str, str] = {}
    for one in wanted:
        if first.setdefault(one.id, one.sha256) != one.sha256:
            raise DatasetError(f"{one.id}: two pictures share these digits of their SHA-256")


def _refuse_gaps(rows: Iterable[manifest.Row], labels: Sequence[str], settings: Settings) -> None:
    held = counts(rows)
    for label in labels:
        for side in settings.ratios.shares():
            if not held.get(label, {}).get(side):
                raise SplitRefused(
                    f"split refused: no picture of {label!r} for {side} could be decoded; "
                    "bring more pictures"
                )


def _alike(old: Path, new: Path) -> bool:
    """Whether two trees hold the same files with the same bytes (by their checksums)."""
    sums = [tree / "SHA256SUMS" for tree in (old, new)]
    if not sums[0].is_file() or sums[0].read_bytes() != sums[1].read_bytes():
        return False
    return _files(old) == _files(new)


def _files(tree: Path) -> set[tuple[str, int]]:
    # Sizes too: what a trainer rewrote in place shall be made good.
    return {
        (path.relative_to(tree).as_posix(), path.stat().st_size if path.exists() else -1)
        for path in tree.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }
