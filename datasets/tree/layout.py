"""The training tree: `{train,val[,test]}/<slug>/<id>.jpg`, metadata at its root, nothing else.

What a dataset and a plain folder of classes have in common when their tree is built.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from importlib import metadata
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Final

from ...curation.printable import json_text
from ...curation.progress import Progress, silent
from ..collector import collector_paused
from ..errors import DatasetError, UsageError
from ..files import SUMS, files_below, read_record, write_checksums, write_text
from ..split import SPLITS, SplitRefused, SplitResult
from . import manifest
from .manifest_files import write_manifest
from .manifest_row import TREE_RECORD as RECORD
from .settings import SplitSettings, check_labels, check_link, split_folders
from .write import (
    PictureToWrite,
    WritePlan,
    WriteResult,
    WrittenPicture,
    link_reused,
    write_pictures,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from ..catalogue.placements import Measured
    from ..folder_swap import FolderSwap

ID_LENGTH: Final = 16  # hex digits of the source's SHA-256: the file's stem


@dataclass(frozen=True, slots=True)
class SourcePicture:
    """A picture for the tree: what was measured of it, where it lies, its label and group."""

    measured: Measured
    file: Path
    label: str
    group: str

    @property
    def sha256(self) -> str:
        """The digest of its bytes."""
        return self.measured.sha256

    @property
    def id(self) -> str:
        """The stem of its file in the tree."""
        return self.sha256[:ID_LENGTH]


@dataclass(frozen=True, slots=True)
class WrittenTree:
    """What was written: rows of the manifest by SHA-256, and by it why the rest failed."""

    rows: Mapping[str, manifest.Row]
    result: WriteResult
    failed: Mapping[str, str]


def check_settings(labels: Iterable[str], settings: SplitSettings) -> None:
    """Raise UsageError for a label, a folder's name or a link that cannot be."""
    check_labels(labels)
    split_folders(settings.val_name)
    check_link(settings.link)


def check_drawn(tree: Path, settings: SplitSettings) -> None:
    """Raise UsageError where the tree's placements were drawn by another ratio, seed or preference.

    Drawing again moves pictures between train and val, also those that a model has seen.
    """
    record = read_record(tree, RECORD)
    for key, value in settings.drawn().items():
        before = record.get(key, value)
        if before != value:
            raise UsageError(
                f"{tree}: split with {key.replace('_', '-')} {_spelled(before)}, not "
                f"{_spelled(value)}: another would move pictures that may have been trained on; "
                "--afresh draws all of them again"
            )


def _spelled(value: object) -> str:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)


@collector_paused()
def write_tree(
    change: FolderSwap,
    sources: Sequence[SourcePicture],
    splits: SplitResult,
    settings: SplitSettings,
    *,
    progress: Progress = silent,
    workers: int | None = None,
) -> WrittenTree:
    """Write the pictures of a tree below `change.new`; rows hold what any tree knows of them.

    Raises SplitRefused where pictures that could not be written leave a split without a label.
    """
    folder = split_folders(settings.val_name)
    labels = sorted({source.label for source in sources})
    wanted = [
        _to_write(source, folder[splits.splits[source.measured.sha256]])
        for source in sorted(sources, key=attrgetter("measured.sha256"))
    ]
    _refuse_twins(wanted)
    plan = WritePlan(
        new=change.new,
        final=change.target,
        target=settings.target,
        link=settings.link,
        old=change.old,
        earlier=_reusable(change.old, settings),
        built=finished_at(change.old),
    )
    result = write_pictures(wanted, plan, progress=progress, workers=workers)
    written = {one.id: one for one in result.written}
    label_ids = {label: number for number, label in enumerate(labels)}
    rows = {}
    for s in sources:
        sha = s.measured.sha256
        one = written.get(sha[:ID_LENGTH])
        if one is not None:
            row = manifest.row(splits.splits[sha], s.label, label_ids[s.label], s.group, one)
            manifest.add_source(row, s.measured)
            rows[sha] = row
    why = Counter((s.label, result.failed[s.id].why) for s in sources if s.id in result.failed)
    _refuse_gaps(rows.values(), labels, settings, why)
    failed = {s.sha256: str(result.failed[s.id]) for s in sources if s.id in result.failed}
    return WrittenTree(rows, result, failed)


def _to_write(source: SourcePicture, folder: str) -> PictureToWrite:
    measured = source.measured
    name = measured.sha256[:ID_LENGTH]
    return PictureToWrite(name, measured, source.file, f"{folder}/{source.label}/{name}.jpg")


@collector_paused()
def finish_tree(
    change: FolderSwap,
    written: WrittenTree,
    settings: SplitSettings,
    names: Mapping[str, Mapping[str, str]],
    record: Mapping[str, object],
    card: str,
) -> bool:
    """Write the metadata at the root; where nothing changed, the old tree stays. Says which."""
    version, recipe = metadata.version("pixset"), record.get("recipe_sha256")
    for row in written.rows.values():
        row["tool_version"], row["recipe_sha256"] = version, recipe
    rows = manifest.sort_rows(written.rows.values())
    whole = {
        "pixset": version,
        **record,
        **settings.record(),
        "encoder": _encoder(),
        "classes": sorted(names),
        "pictures": counts(rows),
    }
    texts = {RECORD: json_text(whole, indent=2) + "\n", "README.md": card}
    if not _unchanged(change, written.result, rows, texts | manifest.class_texts(names)):
        if change.old is not None:
            link_reused(written.result, change.old, change.new)
        _write_root(change.new, rows, texts | manifest.class_texts(names))
        remade = len(written.result.reused) < len(written.result.written)
        if change.old is None or remade or not _alike(change.old, change.new, change.by_products):
            return True
    change.keep_old()
    return not change.kept


def _write_root(new: Path, rows: Sequence[manifest.Row], texts: Mapping[str, str]) -> None:
    write_manifest(new, rows)
    manifest.write_attribution(new, rows)
    for name, text in texts.items():
        write_text(new / name, text)
    write_checksums(new, {str(row["file_name"]): str(row["sha256"]) for row in rows})


def _unchanged(
    change: FolderSwap,
    result: WriteResult,
    rows: Sequence[manifest.Row],
    texts: Mapping[str, str],
) -> bool:
    """Whether the old tree is what would be written, so that nothing need be.

    Its pictures are good already (`write_pictures`); its metadata has not been written to since
    and says the same.
    """
    old = change.old
    if old is None or change.foreign or len(result.reused) < len(result.written):
        return False
    built, beside = finished_at(old), files_below(change.new)
    root = {*texts, *beside, *manifest.FILES, SUMS}
    if files_below(old).difference(change.by_products) != root | {r["file_name"] for r in rows}:
        return False
    return (
        all((old / name).stat().st_mtime_ns <= built for name in root)
        and all((old / n).read_bytes() == (change.new / n).read_bytes() for n in beside)
        and all((old / n).read_text("utf-8") == text for n, text in texts.items())
        and manifest.says(old, rows)
    )


def counts(rows: Iterable[manifest.Row]) -> dict[str, dict[str, int]]:
    """Label → split → pictures, splits in the order train, val, test."""
    found = Counter(map(itemgetter("label", "split"), rows))
    present = {split for _, split in found}
    labels = sorted({label for label, _ in found})
    return {
        label: {split: found[label, split] for split in SPLITS if split in present}
        for label in labels
    }


def _encoder() -> str:
    """What decides a re-encoded picture's bytes, besides its source and the target."""
    import PIL

    from ...curation.images.decode import VERSION  # Pillow's weight

    return f"pillow {PIL.__version__}, decoder {VERSION}"


def finished_at(tree: Path | None) -> int:
    """When a tree was finished: its checksums are written last. 0 where that is not known."""
    try:
        return (tree / SUMS).stat().st_mtime_ns if tree else 0
    except OSError:
        return 0


def _reusable(old: Path | None, settings: SplitSettings) -> dict[str, WrittenPicture]:
    if old is None:
        return {}
    record = read_record(old, RECORD)
    wanted = {**settings.record(), "encoder": _encoder()}
    if any(record.get(key) != wanted[key] for key in ("output", "link", "encoder")):
        return {}
    return manifest.written_before(old)


def _refuse_twins(wanted: Sequence[PictureToWrite]) -> None:
    first: dict[str, str] = {}
    for one in wanted:
        if first.setdefault(one.id, one.measured.sha256) != one.measured.sha256:
            raise DatasetError(f"{one.id}: two pictures share these digits of their SHA-256")


def _refuse_gaps(
    rows: Iterable[manifest.Row],
    labels: Sequence[str],
    settings: SplitSettings,
    failed: Mapping[tuple[str, str], int],
) -> None:
    held = counts(rows)
    for label in labels:
        for split in settings.ratios.shares():
            if not held.get(label, {}).get(split):
                why = ", ".join(
                    f"{n} {why}" for (of, why), n in sorted(failed.items()) if of == label
                )
                raise SplitRefused(
                    f"split refused: no picture of {label!r} for {split} could be written ({why}); "
                    "bring them back, or more pictures"
                )


def _alike(old: Path, new: Path, by_products: Collection[str]) -> bool:
    """Whether two trees hold the same files with the same bytes (by their checksums)."""
    sums = [tree / SUMS for tree in (old, new)]
    if not sums[0].is_file() or sums[0].read_bytes() != sums[1].read_bytes():
        return False
    return _sizes(old, by_products) == _sizes(new)


def _sizes(tree: Path, without: Collection[str] = ()) -> set[tuple[str, int]]:
    # What a trainer rewrote in place shall be made good; a link that leads nowhere has no size.
    paths = {name: tree / name for name in files_below(tree).difference(without)}
    return {(name, path.stat().st_size if path.exists() else -1) for name, path in paths.items()}
