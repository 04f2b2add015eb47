"""What eight loaders make of a tree of pictures, by their own rules, without installing them.

Each rule was read in the loader's source and run against the real package (keras 3.15,
torchvision 0.28, datasets 5.2, fastai 2.8, ultralytics 8.4, tensorflow-datasets 4.9). A rule takes
a listing and returns what would be loaded: pure, so a tree can be judged on a machine that has
none of the packages.
"""

from __future__ import annotations

import mimetypes
from collections import Counter
from typing import TYPE_CHECKING, Final

from ...curation.printable import counted
from . import hugging_face
from .reading import LoaderReading, ReadingDraft

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .listing import Listing, TreeFile

KERAS: Final = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
TORCHVISION: Final = (
    ".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp",
)  # fmt: skip
TFDS: Final = (".jpg", ".jpeg", ".png")
# By content, as Pillow names it.
ULTRALYTICS: Final = frozenset(
    {
        *("avif", "bmp", "dng", "heic", "heif", "jp2", "jpeg", "jpg", "mpo"),
        *("png", "tif", "tiff", "webp"),
    }
)
_VAL: Final = ("val", "validation", "valid")
_TENSORFLOW: Final = frozenset({"jpeg", "png", "gif", "bmp", "webp"})


def keras_tf(tree: Listing) -> LoaderReading:
    """`keras.utils.image_dataset_from_directory(folder)`, decoding with TensorFlow."""
    return _keras(tree, decodes=_TENSORFLOW, opens="TensorFlow decodes")


def keras_grain(tree: Listing) -> LoaderReading:
    """The same with `format="grain"` (torch and JAX backends), decoding with Pillow."""
    return _keras(tree, decodes=None, opens="Pillow opens")


def _keras(tree: Listing, decodes: frozenset[str] | None, opens: str) -> LoaderReading:
    draft = ReadingDraft()
    for split, folder in _own_splits(tree):
        classes = [name for name in tree.children(folder) if not name.startswith(".")]
        labels = []
        for name in classes:
            mine = list(tree.below(_join(folder, name)))
            # Hidden files are taken: only hidden folders are passed over.
            taken = [file for file in mine if file.name.lower().endswith(KERAS)]
            labels += [name] * len(taken)
            _note_left(draft, mine, taken)
            for file in taken:
                foreign = decodes is not None and file.format and file.format not in decodes
                if file.fault or file.broken or foreign:
                    why = file.fault or (file.format if foreign else str(file.kind))
                    draft.error = f"no file that {opens}: {file.path} ({why})"
        draft.put(split, classes, labels)
    if len(set(draft.classes.values())) > 1:
        draft.notes.append("its splits number the labels differently")
    return draft.done()


def torchvision(tree: Listing) -> LoaderReading:
    """`torchvision.datasets.ImageFolder(folder)`."""
    draft = ReadingDraft()
    for split, folder in _own_splits(tree):
        _image_folder(tree, draft, split, folder, allow_empty=False)
    if len(set(draft.classes.values())) > 1:
        draft.notes.append("its splits number the labels differently")
    return draft.done()


def _image_folder(
    tree: Listing, draft: ReadingDraft, split: str, folder: str, *, allow_empty: bool
) -> list[TreeFile]:
    """ImageFolder: every folder is a class, a hidden one too; links are followed."""
    classes = tree.children(folder)
    found: list[tuple[str, TreeFile]] = []
    for name in classes:
        mine = list(tree.below(_join(folder, name)))
        taken = [file for file in mine if file.name.lower().endswith(TORCHVISION)]
        found += [(name, file) for file in taken]
        _note_left(draft, mine, taken)
        if not taken and not allow_empty:
            draft.error = f"FileNotFoundError: no picture for class {name} in {folder or '.'}"
    for _, file in found:
        if (file.fault or file.broken) and not allow_empty:
            draft.error = f"no file that Pillow opens: {file.path}"
    draft.put(split, classes, [name for name, _ in found])
    return [file for _, file in found]


def fastai(tree: Listing) -> LoaderReading:
    """`ImageDataLoaders.from_folder(root, valid=…)`: train and one val folder, nothing else."""
    draft = ReadingDraft()
    val = next((name for name in ("valid", *_VAL) if name in tree.children("")), None)
    if "train" not in tree.children("") or val is None:
        draft.error = "no train/ and val/ folders: it needs valid_pct and from_path_func"
        return draft.done()
    if val != "valid":
        draft.notes.append(f'needs valid="{val}"')
    known = {kind for kind, mime in mimetypes.types_map.items() if mime.startswith("image/")}
    by_split: dict[str, list[str]] = {}
    for split in ("train", val):
        inside = [e for e in tree.below(split) if not any(p.startswith(".") for p in e.parts)]
        pictures = [e for e in inside if f".{e.name.rsplit('.', 1)[-1].lower()}" in known]
        taken = [e for e in pictures if len(e.parts) == 3]  # grandparent is the split
        by_split[split] = [e.parts[1] for e in taken]
        if len(taken) < len(pictures):
            draft.notes.append(
                f"drops {counted(len(pictures) - len(taken), 'nested picture')} in {split}/"
            )
        for file in taken:
            if file.fault or file.broken:
                draft.error = f"no file that Pillow opens: {file.path}"
    vocabulary = sorted({label for labels in by_split.values() for label in labels})
    for split, labels in by_split.items():
        draft.put(split, vocabulary, labels)
    if "test" in tree.children(""):
        draft.notes.append("test/ is not read")
    return draft.done()


def ultralytics(tree: Listing) -> LoaderReading:
    """`YOLO("…-cls").train(data=root)`: ImageFolder, then each file is looked at."""
    draft = ReadingDraft()
    folders = tree.children("")
    if "train" not in folders:
        draft.notes.append(f"no train/: it copies the tree to {tree.name or 'root'}_split, 80/20")
        return draft.done()
    val = next((name for name in _VAL if name in folders), None)
    for split in ("train", val, "test"):
        if split is None or split not in folders:
            continue
        taken = _image_folder(tree, draft, split, split, allow_empty=True)
        bad = [
            e
            for e in taken
            if e.fault or e.broken or (e.format is not None and e.format not in ULTRALYTICS)
        ]
        skipped = Counter(file.parts[1] for file in bad)
        draft.counts[split] = {
            name: number - skipped[name] for name, number in draft.counts[split].items()
        }
        if bad:
            draft.notes.append(f"skips {counted(len(bad), 'file')} it cannot use in {split}/")
    names = tree.children("train")
    if any(draft.classes[split] != tuple(names) for split in draft.classes):
        draft.notes.append("its splits number the labels differently")
    return draft.done()


def tfds(tree: Listing) -> LoaderReading:
    """`tfds.ImageFolder(root)`: every folder with folders in it is a split."""
    draft = ReadingDraft()
    splits = [name for name in tree.children("") if tree.children(name)]
    labels: dict[str, list[str]] = {}
    names: set[str] = set()
    for split in splits:
        names.update(tree.children(split))
        inside = [e for e in tree.below(split) if len(e.parts) == 3]
        taken = [e for e in inside if e.name.lower().endswith(TFDS)]
        labels[split] = [e.parts[1] for e in taken]
        _note_left(draft, tree.below(split), taken)
        for file in taken:
            if file.fault or file.broken:
                draft.error = f"no file that can be decoded: {file.path}"
    for split in splits:
        draft.put(split, sorted(names), labels[split])
    if not splits:
        draft.error = "no folder of class folders: there is no split"
    return draft.done()


def _own_splits(tree: Listing) -> list[tuple[str, str]]:
    """(split, folder) for loaders that are pointed at one folder a split."""
    return [(split, split) for split in tree.splits()] or [("all", "")]


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _note_left(draft: ReadingDraft, files: Iterable[TreeFile], taken: Iterable[TreeFile]) -> None:
    have = {file.path for file in taken}
    left = [e for e in files if e.path not in have and _is_picture(e)]
    if left:
        draft.notes.append(f"passes over {left[0].path}" + (" and others" if left[1:] else ""))


def _is_picture(file: TreeFile) -> bool:
    if file.format is not None:
        return True
    guess = mimetypes.guess_type(file.name)[0] or ""
    return guess.startswith("image/") or file.name.lower().endswith((".webp", ".avif"))


LOADERS: Final[Mapping[str, Callable[[Listing], LoaderReading]]] = {
    "keras-tf": keras_tf,
    "keras-grain": keras_grain,
    "torchvision": torchvision,
    "hugging-face-builder": hugging_face.by_builder,
    "hugging-face-path": hugging_face.by_path,
    "fastai": fastai,
    "ultralytics": ultralytics,
    "tfds": tfds,
}
