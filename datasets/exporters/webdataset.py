"""WebDataset: shuffled tar shards of `<id>.jpg`, `<id>.cls` and `<id>.json`."""

from __future__ import annotations

import io
import json
import tarfile
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from .features import Table, label_yaml, table_of, yaml_of
from .readme import write_readme

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .form import Places, Settings
    from .tree import Picture, Tree

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


def write(tree: Tree, out: Path, settings: Settings, advance: Callable[[int], None]) -> Places:
    """Write `<name>-<side>-<number>.tar`, `settings.shard_size` pictures each."""
    size = settings.shard_size
    if size < 1:
        raise UsageError(f"--shard-size {size}: expected 1 or more pictures a shard")
    table = table_of(tree)
    places: dict[str, dict[str, Any]] = {}
    for side in tree.sides:
        pictures = tree.shuffled(side, settings.seed)
        for start in range(0, len(pictures), size):
            part = pictures[start : start + size]
            shard = shard_name(tree, side, start // size)
            _write_shard(tree, table, out / shard, part)
            places |= {p.id: {"file_name": f"{p.id}.jpg", "shard": shard} for p in part}
            advance(len(part))
    _readme(tree, table, out, max(0, len(tree.on("train")) - 1) // size)
    return places


def shard_name(tree: Tree, side: str, number: int) -> str:
    """A shard's file name; Hugging Face reads the side from it."""
    return f"{tree.name}-{side}-{number:06}.tar"


def _write_shard(tree: Tree, table: Table, shard: Path, pictures: list[Picture]) -> None:
    # USTAR headers without owner or time: the same pictures give the same bytes anywhere.
    with tarfile.open(shard, "w", format=tarfile.USTAR_FORMAT) as tar:
        for picture in pictures:
            row = json.dumps(table.row(picture), ensure_ascii=False)
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


def _readme(tree: Tree, table: Table, out: Path, last: int) -> None:
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
    files = {side: f"{tree.name}-{side}-*.tar" for side in tree.sides}
    write_readme(tree, out, loading, files=files, features=features)
