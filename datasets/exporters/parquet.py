"""Parquet with Hugging Face's image feature: `load_dataset` gives Image and ClassLabel."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from ...curation.extras import how_to_install
from ..errors import UsageError
from ..tree.columns import HIT
from ..tree.front_matter import HF_SPLITS
from .features import FeatureTable, info, table_of
from .readme import Tally, readme, write_readme
from .shards import PictureSource, Shard, ShardPlaces, ShardSettings, shards

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

    from ..tree.finished import FinishedTree
    from .exporter import Advance, Places

_LOADING = """\
```python
from datasets import load_dataset
dataset = load_dataset("{dir}")  # image: Image, label: ClassLabel, and the manifest's columns
```
"""
_GROUP = 100  # rows a group: what the Hub's viewer reads at once, about 10 MB of pictures


def write(tree: FinishedTree, out: Path, settings: ShardSettings, advance: Advance) -> Places:
    """Write `data/<split>-00000-of-00001.parquet`, `settings.shard_size` pictures each."""
    table = table_of(tree)
    (out / "data").mkdir()
    places = ShardPlaces(len(tree.pictures))
    for shard in shards(tree, settings):
        name = shard_name(tree.name, shard)
        write_shard(tree, table, out / name, shard)
        places.add(name, shard)
        advance(len(shard.pictures))
    write_readme(tree, out, _LOADING, files=_patterns(tree.splits))
    return places


def shard_name(tree: str, shard: Shard) -> str:
    """Where a shard lies in an export of the tree of this name, which plays no part here."""
    del tree
    return f"data/{HF_SPLITS[shard.split]}-{shard.number:05}-of-{shard.total:05}.parquet"


def readme_of(tally: Tally, table: FeatureTable, last: int) -> str:
    """The text of the README.md of an export; its features stand in the shards themselves."""
    del table, last
    return readme(tally, _LOADING, files=_patterns(tally.splits))


def _patterns(splits: tuple[str, ...]) -> dict[str, str]:
    return {split: f"data/{HF_SPLITS[split]}-*.parquet" for split in splits}


def write_shard(tree: PictureSource, table: FeatureTable, path: Path, shard: Shard) -> None:
    """Write one shard's pictures."""
    schema = _schema(tree, table)
    import pyarrow as pa
    from pyarrow import parquet

    waiting = iter(shard.pictures)
    # JPEG bytes do not compress, and the rest is small: compression would cost time alone. So
    # would a dictionary of pictures, and the least and the greatest of them.
    leaves = list(_leaves(table))
    options = {"compression": "NONE", "use_dictionary": leaves, "write_statistics": leaves}
    with parquet.ParquetWriter(path, schema, **options) as writer:
        while block := list(islice(waiting, _GROUP)):
            columns = {
                "image": [
                    {"bytes": tree.read(picture), "path": f"{picture.id}.jpg"} for picture in block
                ],
                "label": [picture.label_id for picture in block],
                **table.columns(block),
            }
            writer.write_table(pa.Table.from_pydict(columns, schema=schema))


def _leaves(table: FeatureTable) -> Iterator[str]:
    """The columns of a file by their whole paths, without the pictures' bytes."""
    yield from ("image.path", "label")
    for name, kind in table.kinds.items():
        if kind == "hits":
            yield from (f"{name}.list.element.{key}" for key in HIT)
        elif kind == "numbers":
            yield from (f"{name}.{number}" for number in table.numbers[name])
        else:
            yield name


def _schema(tree: PictureSource, table: FeatureTable) -> pa.Schema:
    try:
        import pyarrow as pa
    except ImportError:
        raise UsageError(f"--format parquet needs pyarrow: {how_to_install('parquet')}") from None

    plain = {"text": pa.string(), "int": pa.int64(), "float": pa.float64(), "bool": pa.bool_()}

    def arrow(name: str, kind: str) -> pa.DataType:
        if kind == "hits":
            return pa.list_(pa.struct([(key, plain[of]) for key, of in HIT.items()]))
        if kind == "numbers":
            return pa.struct([(number, pa.float64()) for number in table.numbers[name]])
        return plain[kind]

    fields = [
        ("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
        ("label", pa.int64()),
        *((name, arrow(name, kind)) for name, kind in table.kinds.items()),
    ]
    return pa.schema(fields, metadata={"huggingface": info(tree.classes, table)})
