"""Parquet with Hugging Face's image feature: `load_dataset` gives Image and ClassLabel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...curation.extras import how_to_install
from ..errors import UsageError
from ..tree.columns import HIT
from ..tree.front_matter import HF_SPLITS
from .features import FeatureTable, info, table_of
from .readme import write_readme
from .shards import Shard, ShardSettings, shards

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from ..tree.finished import FinishedTree, TreePicture
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
    schema = _schema(tree, table)
    (out / "data").mkdir()
    places: dict[str, dict[str, Any]] = {}
    for shard in shards(tree, settings):
        name = f"data/{HF_SPLITS[shard.split]}-{shard.number:05}-of-{shard.total:05}.parquet"
        _write_shard(tree, table, schema, out / name, shard)
        places |= {p.id: {"file_name": f"{p.id}.jpg", "shard": name} for p in shard.pictures}
        advance(len(shard.pictures))
    files = {split: f"data/{HF_SPLITS[split]}-*.parquet" for split in tree.splits}
    write_readme(tree, out, _LOADING, files=files)
    return places


def _write_shard(
    tree: FinishedTree, table: FeatureTable, schema: pa.Schema, path: Path, shard: Shard
) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    # JPEG bytes do not compress, and the rest is small: compression would cost time alone.
    with parquet.ParquetWriter(path, schema, compression="NONE") as writer:
        for start in range(0, len(shard.pictures), _GROUP):
            rows = [
                _row(tree, table, picture) for picture in shard.pictures[start : start + _GROUP]
            ]
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))


def _row(tree: FinishedTree, table: FeatureTable, picture: TreePicture) -> dict[str, Any]:
    image = {"bytes": tree.read(picture), "path": f"{picture.id}.jpg"}
    return {"image": image, "label": picture.label_id, **table.row(picture)}


def _schema(tree: FinishedTree, table: FeatureTable) -> pa.Schema:
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
    return pa.schema(fields, metadata={"huggingface": info(tree, table)})
