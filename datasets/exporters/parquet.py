"""Parquet with Hugging Face's image feature: `load_dataset` gives Image and ClassLabel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..tree.columns import HIT
from .features import Table, info, table_of
from .readme import HF_SIDES, write_readme

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pyarrow as pa

    from .form import Places, Settings
    from .tree import Picture, Tree

_LOADING = """\
```python
from datasets import load_dataset
dataset = load_dataset("{dir}")  # image: Image, label: ClassLabel, and the manifest's columns
```
"""
_GROUP = 100  # rows a group: what the Hub's viewer reads at once, about 10 MB of pictures


def write(tree: Tree, out: Path, settings: Settings, advance: Callable[[int], None]) -> Places:
    """Write `data/<side>-00000-of-00001.parquet`, `settings.shard_size` pictures each."""
    size = settings.shard_size
    if size < 1:
        raise UsageError(f"--shard-size {size}: expected 1 or more pictures a shard")
    table = table_of(tree)
    schema = _schema(tree, table)
    (out / "data").mkdir()
    places: dict[str, dict[str, Any]] = {}
    for side in tree.sides:
        pictures = tree.shuffled(side, settings.seed)
        shards = -(-len(pictures) // size)
        for number in range(shards):
            shard = f"data/{HF_SIDES[side]}-{number:05}-of-{shards:05}.parquet"
            part = pictures[number * size : (number + 1) * size]
            _write_shard(tree, table, schema, out / shard, part)
            places |= {p.id: {"file_name": f"{p.id}.jpg", "shard": shard} for p in part}
            advance(len(part))
    files = {side: f"data/{HF_SIDES[side]}-*.parquet" for side in tree.sides}
    write_readme(tree, out, _LOADING, files=files)
    return places


def _write_shard(
    tree: Tree, table: Table, schema: pa.Schema, shard: Path, pictures: list[Picture]
) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    # JPEG bytes do not compress, and the rest is small: compression would cost time alone.
    with parquet.ParquetWriter(shard, schema, compression="NONE") as writer:
        for start in range(0, len(pictures), _GROUP):
            rows = [_row(tree, table, picture) for picture in pictures[start : start + _GROUP]]
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))


def _row(tree: Tree, table: Table, picture: Picture) -> dict[str, Any]:
    image = {"bytes": tree.read(picture), "path": f"{picture.id}.jpg"}
    return {"image": image, "label": picture.label_id, **table.row(picture)}


def _schema(tree: Tree, table: Table) -> pa.Schema:
    try:
        import pyarrow as pa
    except ImportError:
        raise UsageError("--format parquet needs pyarrow: pip install 'pixset[parquet]'") from None

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
