"""Class folders: `<side>/<label>/<id>.jpg`, the shape that eight loaders read as it is."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from ..errors import UsageError
from .readme import write_readme

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .form import Places, Settings
    from .tree import Picture, Tree

LINKS = ("copy", "hard", "sym")
VAL_NAMES = ("val", "valid", "validation")

_LOADING = """\
```python
import keras  # needs TensorFlow; with another backend: format="grain"
train = keras.utils.image_dataset_from_directory("{dir}/train", image_size=(180, 180))
val = keras.utils.image_dataset_from_directory("{dir}/{val}", image_size=(180, 180))
```
```python
from torchvision.datasets import ImageFolder
train, val = ImageFolder("{dir}/train"), ImageFolder("{dir}/{val}")
```
```python
from datasets import load_dataset
dataset = load_dataset("imagefolder", data_dir="{dir}")
```
```python
from fastai.vision.all import ImageDataLoaders, Resize
loaders = ImageDataLoaders.from_folder("{dir}", valid="{val}", item_tfms=Resize(224))
```
"""
_LOADING_FLAT = """\
```python
import keras
train, val = keras.utils.image_dataset_from_directory(
    "{dir}", validation_split=0.2, subset="both", seed=0)
```
The folders hold no sides, so a loader's own split knows nothing of near-duplicates: the
column `split` of manifest.jsonl does.
"""


def write(tree: Tree, out: Path, settings: Settings, advance: Callable[[int], None]) -> Places:
    """Copy or link every picture into class folders below `out`."""
    names = check(tree, settings)
    places = {}
    for picture in tree.pictures:
        name = file_name(picture, names, flat=settings.flat)
        place(tree.path(picture), out / name, settings.link)
        places[picture.id] = {"file_name": name}
        advance(1)
    card = tree.root / "README.md"
    if card.is_file() and names["val"] == val_folder(tree) and not settings.flat:
        shutil.copyfile(card, out / "README.md")  # the tree's own card is true of its copy
    else:
        loading = _LOADING_FLAT if settings.flat else _LOADING
        patterns = None if settings.flat else {s: f"{names[s]}/**" for s in tree.sides}
        write_readme(tree, out, loading.replace("{val}", names["val"]), files=patterns)
    return places


def check(tree: Tree, settings: Settings) -> dict[str, str]:
    """The folder names of the sides; UsageError for settings that name no such thing."""
    name = settings.val_name or val_folder(tree)
    if name not in VAL_NAMES:
        raise UsageError(f"--val-name {name!r}: expected one of {', '.join(VAL_NAMES)}")
    if settings.link not in LINKS:
        raise UsageError(f"--link {settings.link!r}: expected one of {', '.join(LINKS)}")
    return {"train": "train", "val": name, "test": "test"}


def val_folder(tree: Tree) -> str:
    """What the tree itself calls its val folder."""
    return next((p.file_name.split("/")[0] for p in tree.on("val")), "val")


def file_name(picture: Picture, names: dict[str, str], *, flat: bool) -> str:
    """Where a picture lies in class folders, as a posix path."""
    below = f"{picture.label}/{picture.id}.jpg"
    return below if flat else f"{names[picture.side]}/{below}"


def place(source: Path, target: Path, link: str) -> None:
    """Put one picture at `target`: its own copy, or a hard or symbolic link to the tree's.

    A symbolic link is absolute: the export moves, the tree it points into stays. UsageError
    where the file system refuses a link.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    source = source.resolve()  # never a link to a link: a hard link to one would dangle with it
    try:
        if link == "hard":
            os.link(source, target)
        elif link == "sym":
            target.symlink_to(source)
        else:
            shutil.copyfile(source, target)
    except FileExistsError:
        raise UsageError(f"{target.name}: two pictures of one id: run `pixset verify`") from None
    except OSError as error:
        if link == "copy":
            raise
        raise UsageError(
            f"{target}: cannot be linked ({error.strerror}): use --link copy"
        ) from None
