"""WebDataset: shuffled tar shards of `<id>.jpg`, `<id>.cls` and `<id>.json`."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from ..tree.tables import TOGETHER
from .features import FeatureTable, label_yaml, table_of, yaml_of
from .readme import Tally, readme, tally_of, write_readme
from .shards import DigestedFile, PictureSource, Shard, ShardPlaces, ShardSettings, shards
from .tar import TarWriter, Written

if TYPE_CHECKING:
    from pathlib import Path

    from ..tree.finished import FinishedTree
    from .exporter import Advance, Places

_LOADING = """\
```python
import webdataset as wds
shards = "./{shards}"
train = wds.WebDataset(shards, shardshuffle=100).shuffle(1000).decode("pil").to_tuple("jpg", "cls")
```
```python
from pathlib import Path
from datasets import load_dataset
here = str(Path(".").resolve())  # "." itself is a name that it does not take
dataset = load_dataset(here)  # jpg: Image, cls: ClassLabel, json: the manifest's row
```
"""


def write(tree: FinishedTree, out: Path, settings: ShardSettings, advance: Advance) -> Places:
    """Write `<name>-<split>-<number>.tar`, `settings.shard_size` pictures each."""
    table = table_of(tree)
    places = ShardPlaces(len(tree.pictures))
    last = 0
    for shard in shards(tree, settings):
        name = shard_name(tree.name, shard)
        with DigestedFile(out / name) as file:
            _fill(file, tree, table, shard)
        places.add(name, shard, file)
        last = shard.number if shard.split == "train" else last
        advance(len(shard.pictures))
    files, features, loading = _reading(tally_of(tree), table, last)
    write_readme(tree, out, loading, files=files, features=features)
    return places


def shard_name(tree: str, shard: Shard) -> str:
    """Where a shard lies in an export of the tree of this name."""
    return f"{tree}-{shard.split}-{shard.number:06}.tar"  # Hugging Face reads the split


def write_shard(tree: PictureSource, table: FeatureTable, path: Path, shard: Shard) -> None:
    """Write one shard's pictures."""
    with path.open("wb") as file:
        _fill(file, tree, table, shard)


def _fill(file: Written, tree: PictureSource, table: FeatureTable, shard: Shard) -> None:
    waiting = iter(shard.pictures)
    with TarWriter(file) as tar:
        while block := list(islice(waiting, TOGETHER)):
            for picture, line in zip(block, table.lines(block), strict=True):
                # By their bytes: a hard-linked file added by its path becomes a link entry, which
                # WebDataset skips.
                tar.add_all(
                    {
                        f"{picture.id}.jpg": tree.read(picture),
                        f"{picture.id}.cls": b"%d" % picture.label_id,
                        f"{picture.id}.json": line,
                    }
                )


def readme_of(tally: Tally, table: FeatureTable, last: int) -> str:
    """The text of the README.md of an export; `last` is the number of train's last shard."""
    files, features, loading = _reading(tally, table, last)
    return readme(tally, loading, files=files, features=features)


def _reading(
    tally: Tally, table: FeatureTable, last: int
) -> tuple[dict[str, str], list[dict[str, Any]], str]:
    """Each split's files, the columns, and how to load them."""
    # The features are stated: Hugging Face guesses them from five samples, and a column that
    # is null in those and text in the sixth would stop the load.
    features = [
        {"name": "jpg", "dtype": "image"},
        label_yaml("cls", tally.classes),
        {"name": "json", "struct": yaml_of(table)},
        {"name": "__key__", "dtype": "string"},
        {"name": "__url__", "dtype": "string"},
    ]
    loading = _LOADING.replace("{shards}", f"{tally.name}-train-{{000000..{last:06}}}.tar")
    files = {split: f"{tally.name}-{split}-*.tar" for split in tally.splits}
    return files, features, loading
