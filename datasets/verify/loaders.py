"""What eight loaders make of a tree of pictures, by their own rules, without installing them.

Each rule was read in the loader's source and run against the real package (keras 3.15,
torchvision 0.28, datasets 5.2, fastai 2.8, ultralytics 8.4, tensorflow-datasets 4.9). A rule takes
a listing and returns what would be loaded: pure, so a tree can be judged on a machine that has
none of the packages.
"""

from __future__ import annotations

import mimetypes
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from .listing import Entry, Listing

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


@dataclass(frozen=True, slots=True)
class Reading:
    """What a loader gets: split → class → pictures, and split → its classes in label order.

    A split of the loader's own making is called `all`. `notes` say what it does in silence or
    skips; `error` is the exception it ends in.
    """

    counts: Mapping[str, Mapping[str, int]]
    classes: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...] = ()
    error: str | None = None

    @property
    def orders(self) -> set[tuple[str, ...]]:
        """The label orders it uses; more than one means that a number's meaning shifts."""
        return set(self.classes.values())


@dataclass(slots=True)
class Draft:
    """A reading being made."""

    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    classes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    error: str | None = None

    def put(self, split: str, classes: Iterable[str], labels: Iterable[str]) -> None:
        """Add a split: its classes in order, and the label of each picture."""
        order = tuple(classes)
        held = Counter(labels)
        self.classes[split] = order
        self.counts[split] = {label: held[label] for label in order}

    def done(self) -> Reading:
        """The reading."""
        return Reading(self.counts, self.classes, tuple(dict.fromkeys(self.notes)), self.error)


def keras_tf(tree: Listing) -> Reading:
    """`keras.utils.image_dataset_from_directory(side)`, decoding with TensorFlow."""
    return _keras(tree, decodes=_TENSORFLOW, opens="TensorFlow decodes")


def keras_grain(tree: Listing) -> Reading:
    """The same with `format="grain"` (torch and JAX backends), decoding with Pillow."""
    return _keras(tree, decodes=None, opens="Pillow opens")


def _keras(tree: Listing, decodes: frozenset[str] | None, opens: str) -> Reading:
    draft = Draft()
    for split, folder in _own_sides(tree):
        classes = [name for name in tree.children(folder) if not name.startswith(".")]
        labels = []
        for name in classes:
            mine = list(tree.below(_join(folder, name)))
            # Hidden files are taken: only hidden folders are passed over.
            taken = [entry for entry in mine if entry.name.lower().endswith(KERAS)]
            labels += [name] * len(taken)
            _note_left(draft, mine, taken)
            for entry in taken:
                foreign = decodes is not None and entry.format and entry.format not in decodes
                if entry.fault or entry.broken or foreign:
                    why = entry.fault or (entry.format if foreign else "a broken link")
                    draft.error = f"no file that {opens}: {entry.path} ({why})"
        draft.put(split, classes, labels)
    if len(set(draft.classes.values())) > 1:
        draft.notes.append("its splits number the labels differently")
    return draft.done()


def torchvision(tree: Listing) -> Reading:
    """`torchvision.datasets.ImageFolder(side)`."""
    draft = Draft()
    for split, folder in _own_sides(tree):
        _image_folder(tree, draft, split, folder, allow_empty=False)
    if len(set(draft.classes.values())) > 1:
        draft.notes.append("its splits number the labels differently")
    return draft.done()


def _image_folder(
    tree: Listing, draft: Draft, split: str, folder: str, *, allow_empty: bool
) -> list[Entry]:
    """ImageFolder: every folder is a class, a hidden one too; links are followed."""
    classes = tree.children(folder)
    found: list[tuple[str, Entry]] = []
    for name in classes:
        mine = list(tree.below(_join(folder, name)))
        taken = [entry for entry in mine if entry.name.lower().endswith(TORCHVISION)]
        found += [(name, entry) for entry in taken]
        _note_left(draft, mine, taken)
        if not taken and not allow_empty:
            draft.error = f"FileNotFoundError: no picture for class {name} in {folder or '.'}"
    for _, entry in found:
        if (entry.fault or entry.broken) and not allow_empty:
            draft.error = f"no file that Pillow opens: {entry.path}"
    draft.put(split, classes, [name for name, _ in found])
    return [entry for _, entry in found]


def fastai(tree: Listing) -> Reading:
    """`ImageDataLoaders.from_folder(root, valid=…)`: train and one val folder, nothing else."""
    draft = Draft()
    val = next((name for name in ("valid", *_VAL) if name in tree.children("")), None)
    if "train" not in tree.children("") or val is None:
        draft.error = "no train/ and val/ folders: it needs valid_pct and from_path_func"
        return draft.done()
    if val != "valid":
        draft.notes.append(f'needs valid="{val}"')
    known = {kind for kind, mime in mimetypes.types_map.items() if mime.startswith("image/")}
    by_side: dict[str, list[str]] = {}
    for side in ("train", val):
        inside = [e for e in tree.below(side) if not any(p.startswith(".") for p in e.parts)]
        pictures = [e for e in inside if f".{e.name.rsplit('.', 1)[-1].lower()}" in known]
        taken = [e for e in pictures if len(e.parts) == 3]  # grandparent is the side
        by_side[side] = [e.parts[1] for e in taken]
        if len(taken) < len(pictures):
            draft.notes.append(f"drops {len(pictures) - len(taken)} nested pictures in {side}/")
        for entry in taken:
            if entry.fault or entry.broken:
                draft.error = f"no file that Pillow opens: {entry.path}"
    vocabulary = sorted({label for labels in by_side.values() for label in labels})
    for side, labels in by_side.items():
        draft.put(side, vocabulary, labels)
    if "test" in tree.children(""):
        draft.notes.append("test/ is not read")
    return draft.done()


def ultralytics(tree: Listing) -> Reading:
    """`YOLO("…-cls").train(data=root)`: ImageFolder, then each file is looked at."""
    draft = Draft()
    sides = tree.children("")
    if "train" not in sides:
        draft.notes.append(f"no train/: it copies the tree to {tree.name or 'root'}_split, 80/20")
        return draft.done()
    val = next((name for name in _VAL if name in sides), None)
    for side in ("train", val, "test"):
        if side is None or side not in sides:
            continue
        taken = _image_folder(tree, draft, side, side, allow_empty=True)
        bad = [
            e
            for e in taken
            if e.fault or e.broken or (e.format is not None and e.format not in ULTRALYTICS)
        ]
        skipped = Counter(entry.parts[1] for entry in bad)
        draft.counts[side] = {
            name: number - skipped[name] for name, number in draft.counts[side].items()
        }
        if bad:
            draft.notes.append(f"skips {len(bad)} files it cannot use in {side}/")
    names = tree.children("train")
    if any(draft.classes[side] != tuple(names) for side in draft.classes):
        draft.notes.append("its splits number the labels differently")
    return draft.done()


def tfds(tree: Listing) -> Reading:
    """`tfds.ImageFolder(root)`: every folder with folders in it is a split."""
    draft = Draft()
    splits = [name for name in tree.children("") if tree.children(name)]
    labels: dict[str, list[str]] = {}
    names: set[str] = set()
    for split in splits:
        names.update(tree.children(split))
        inside = [e for e in tree.below(split) if len(e.parts) == 3]
        taken = [e for e in inside if e.name.lower().endswith(TFDS)]
        labels[split] = [e.parts[1] for e in taken]
        _note_left(draft, tree.below(split), taken)
        for entry in taken:
            if entry.fault or entry.broken:
                draft.error = f"no file that can be decoded: {entry.path}"
    for split in splits:
        draft.put(split, sorted(names), labels[split])
    if not splits:
        draft.error = "no folder of class folders: there is no split"
    return draft.done()


def _own_sides(tree: Listing) -> list[tuple[str, str]]:
    """(split, folder) for loaders that are pointed at one folder a split."""
    return [(side, side) for side in tree.sides()] or [("all", "")]


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _note_left(draft: Draft, files: Iterable[Entry], taken: Iterable[Entry]) -> None:
    have = {entry.path for entry in taken}
    left = [e for e in files if e.path not in have and _is_picture(e)]
    if left:
        draft.notes.append(f"passes over {left[0].path}" + (" and others" if left[1:] else ""))


def _is_picture(entry: Entry) -> bool:
    if entry.format is not None:
        return True
    guess = mimetypes.guess_type(entry.name)[0] or ""
    return guess.startswith("image/") or entry.name.lower().endswith((".webp", ".avif"))


def _hugging_face() -> dict[str, Callable[[Listing], Reading]]:
    from .hugging_face import by_builder, by_path

    return {"hugging-face-builder": by_builder, "hugging-face-path": by_path}


def loaders() -> dict[str, Callable[[Listing], Reading]]:
    """The eight loaders by name."""
    return {
        "keras-tf": keras_tf,
        "keras-grain": keras_grain,
        "torchvision": torchvision,
        **_hugging_face(),
        "fastai": fastai,
        "ultralytics": ultralytics,
        "tfds": tfds,
    }
