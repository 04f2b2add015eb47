"""Class folders: `<split>/<label>/<id>.jpg`, the shape that eight loaders read as it is."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..files import read_whole, write_in_place
from ..tree.settings import check_link, split_folders
from .readme import write_readme

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ..tree.finished import FinishedTree, TreePicture
    from .exporter import Advance, Places

_LOADING = """\
```python
import keras  # needs TensorFlow; with another backend: format="grain"
train = keras.utils.image_dataset_from_directory("./train", image_size=(180, 180))
val = keras.utils.image_dataset_from_directory("./{val}", image_size=(180, 180))
```
```python
from torchvision.datasets import ImageFolder
train, val = ImageFolder("./train"), ImageFolder("./{val}")
```
```python
from datasets import load_dataset
dataset = load_dataset("imagefolder", data_dir=".")
```
```python
from fastai.vision.all import ImageDataLoaders, Resize
loaders = ImageDataLoaders.from_folder(".", valid="{val}", item_tfms=Resize(224))
```
"""
_LOADING_FLAT = """\
```python
import keras
train, val = keras.utils.image_dataset_from_directory(
    ".", validation_split=0.2, subset="both", seed=0)
```
The folders hold no splits, so a loader's own split knows nothing of near-duplicates: the
column `split` of manifest.jsonl does.
"""


@dataclass(frozen=True, slots=True)
class FolderSettings:
    """`link` is copy, hard or sym; `val_name` names the val folder (None: as the tree does).

    `flat` leaves the split folders out.
    """

    link: str = "copy"
    val_name: str | None = None
    flat: bool = False


def write(tree: FinishedTree, out: Path, settings: FolderSettings, advance: Advance) -> Places:
    """Copy or link every picture into class folders below `out`."""
    check_link(settings.link)
    names = folder_names(tree, settings.val_name)
    for picture in tree.pictures:
        name = file_name(picture, names, flat=settings.flat)
        place(f"{tree.root}/{picture.file_name}", f"{out}/{name}", settings.link)
        advance(1)
    card = tree.root / "README.md"
    if card.is_file() and names["val"] == val_folder(tree) and not settings.flat:
        shutil.copyfile(card, out / "README.md")  # the tree's own card is true of its copy
    else:
        loading = _LOADING_FLAT if settings.flat else _LOADING
        patterns = None if settings.flat else {s: f"{names[s]}/**" for s in tree.splits}
        write_readme(tree, out, loading.replace("{val}", names["val"]), files=patterns)
    return lambda picture: {"file_name": file_name(picture, names, flat=settings.flat)}


def folder_names(tree: FinishedTree, val_name: str | None) -> dict[str, str]:
    """Split → its folder's name; UsageError for a val name that loaders do not know."""
    return split_folders(val_name or val_folder(tree))


def val_folder(tree: FinishedTree) -> str:
    """What the tree itself calls its val folder."""
    held = tree.of("val")
    return held[0].file_name.split("/")[0] if held else "val"


def file_name(picture: TreePicture, names: dict[str, str], *, flat: bool) -> str:
    """Where a picture lies in class folders, as a posix path."""
    below = f"{picture.label}/{picture.id}.jpg"
    return below if flat else f"{names[picture.split]}/{below}"


def place(source: str, target: str, link: str) -> None:
    """Put one picture at `target`: its own copy, or a hard or symbolic link to the tree's.

    A symbolic link is absolute: the export moves, the tree it points into stays. A folder that is
    missing is made. UsageError where the file system refuses a link.
    """
    try:
        if link == "copy":
            write_in_place(target, read_whole(source), fresh=True)
        else:
            _link(source, target, os.link if link == "hard" else os.symlink)
    except FileExistsError:
        name = target.rpartition("/")[2]
        raise UsageError(f"{name}: two pictures of one id: run `pixset verify`") from None


def _link(source: str, target: str, put: Callable[[str, str], None]) -> None:
    # Never a link to a link: a hard link to one would dangle with it.
    source = os.path.realpath(source)
    try:
        try:
            put(source, target)
        except FileNotFoundError:  # its folder is not there yet, as for the first of a class
            os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120
            put(source, target)
    except FileExistsError:
        raise
    except OSError as error:
        raise UsageError(
            f"{target}: cannot be linked ({error.strerror}): use --link copy"
        ) from None
