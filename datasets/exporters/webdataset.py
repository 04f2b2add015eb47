"""WebDataset: shuffled tar shards of `<id>.jpg`, `<id>.cls` and `<id>.json`."""

from __future__ import annotations

import io
import json
import tarfile
from typing import TYPE_CHECKING, Any

from .features import FeatureTable, label_yaml, table_of, yaml_of
from .readme import write_readme
from .shards import ShardSettings, shards

if TYPE_CHECKING:
    from pathlib import Path

    from ..tree.finished import FinishedTree, TreePicture
    from .exporter import Advance, Places

_json = json.JSONEncoder(ensure_ascii=False).encode  # made once, not for each picture
_LOADING = """\
```python
import webdataset as wds
shards = "{dir}/{shards}"
train = wds.WebDataset(shards, shardshuffle=100).shuffle(1000).decode("pil").to_tuple("jpg", "cls")
```
```python
from datasets import load_dataset
dataset = load_dataset("{dir}")  # jpg: Image, cls: ClassLabel, json: the manifest's row
```
"""


def write(tree: FinishedTree, out: Path, settings: ShardSettings, advance: Advance) -> Places:
    """Write `<name>-<split>-<number>.tar`, `settings.shard_size` pictures each."""
    table = table_of(tree)
    places: dict[str, dict[str, Any]] = {}
    last = 0
    for shard in shards(tree, settings):
        name = f"{tree.name}-{shard.split}-{shard.number:06}.tar"  # Hugging Face reads the split
        _write_shard(tree, table, out / name, shard.pictures)
        places |= {p.id: {"file_name": f"{p.id}.jpg", "shard": name} for p in shard.pictures}
        last = shard.number if shard.split == "train" else last
        advance(len(shard.pictures))
    _readme(tree, table, out, last)
    return places


def _write_shard(
    tree: FinishedTree, table: FeatureTable, shard: Path, pictures: list[TreePicture]
) -> None:
    # USTAR headers without owner or time: the same pictures give the same bytes anywhere.
    with tarfile.open(shard, "w", format=tarfile.USTAR_FORMAT) as tar:
        for picture in pictures:
            row = _json(table.row(picture))
            _add(tar, f"{picture.id}.jpg", tree.read(picture))
            _add(tar, f"{picture.id}.cls", str(picture.label_id).encode())
            _add(tar, f"{picture.id}.json", row.encode())


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    # Written from bytes: a hard-linked file added by its path becomes a link entry, which
    # WebDataset skips.
    header = tarfile.TarInfo(name)
    header.size = len(data)
    header.mode = 0o644
    tar.addfile(header, io.BytesIO(data))


def _readme(tree: FinishedTree, table: FeatureTable, out: Path, last: int) -> None:
    # The features are stated: Hugging Face guesses them from five samples, and a column that
    # is null in those and text in the sixth would stop the load.
    features = [
        {"name": "jpg", "dtype": "image"},
        label_yaml("cls", tree.classes),
        {"name": "json", "struct": yaml_of(table)},
        {"name": "__key__", "dtype": "string"},
        {"name": "__url__", "dtype": "string"},
    ]
    loading = _LOADING.replace("{shards}", f"{tree.name}-train-{{000000..{last:06}}}.tar")
    files = {split: f"{tree.name}-{split}-*.tar" for split in tree.splits}
    write_readme(tree, out, loading, files=files, features=features)
