"""Parquet with Hugging Face's image feature: `load_dataset` gives Image and ClassLabel."""

from __future__ import annotations

from array import array
from contextlib import suppress
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from ...curation.extras import how_to_install
from ..errors import UsageError
from ..tree.columns import HIT
from ..tree.front_matter import HF_SPLITS
from .features import FeatureTable, info, table_of
from .readme import Tally, readme, write_readme
from .shards import PictureSource, Shard, ShardPlaces, ShardSettings, shards

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa

    from ..tree.finished import FinishedTree, TreePicture
    from .exporter import Advance, Places

_LOADING = """\
```python
from pathlib import Path
from datasets import load_dataset
here = str(Path(".").resolve())  # "." itself is a name that it does not take
dataset = load_dataset(here)  # image: Image, label: ClassLabel, and the manifest's columns
```
"""
_GROUP = 100  # rows a group: what the Hub's viewer reads at once, about 10 MB of pictures
_BYTES = 1 << 28  # or as many pictures as are this large, all of them in memory


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

    # JPEG bytes do not compress, and the rest is small: compression would cost time alone. So
    # would a dictionary of pictures, and the least and the greatest of them.
    leaves = list(_leaves(table))
    options = {"compression": "NONE", "use_dictionary": leaves, "write_statistics": leaves}
    with parquet.ParquetWriter(path, schema, **options) as writer:
        for block, files in _groups(tree, shard.pictures):
            image = _images(schema.field("image").type, block, files)
            label = pa.array([picture.label_id for picture in block], pa.int64())
            columns = [image, label, *_columns(table, schema, block)]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def _groups(
    tree: PictureSource, pictures: Iterable[TreePicture]
) -> Iterator[tuple[list[TreePicture], list[bytes]]]:
    """Pictures and their bytes, a row group each time."""
    block: list[TreePicture] = []
    files: list[bytes] = []
    left = _BYTES
    for picture in pictures:
        block.append(picture)
        files.append(tree.read(picture))
        left -= len(files[-1])
        if len(block) == _GROUP or left <= 0:
            yield block, files
            block, files, left = [], [], _BYTES
    if block:
        yield block, files


def _images(kind: pa.StructType, block: Sequence[TreePicture], files: Sequence[bytes]) -> pa.Array:
    """A column of pictures, their bytes behind one another in one buffer."""
    import pyarrow as pa

    places = array("i", accumulate(map(len, files), initial=0))
    buffers = [None, pa.py_buffer(places), pa.py_buffer(b"".join(files))]
    data = pa.Array.from_buffers(pa.binary(), len(files), buffers)
    paths = pa.array([f"{picture.id}.jpg" for picture in block], pa.string())
    return pa.StructArray.from_arrays([data, paths], fields=list(kind))


def _columns(
    table: FeatureTable, schema: pa.Schema, block: Sequence[TreePicture]
) -> list[pa.ChunkedArray]:
    """The table's columns of some pictures."""
    import pyarrow as pa
    from pyarrow import json

    wanted = pa.schema([schema.field(name) for name in table.kinds])
    if table.is_typed:
        lines = b"".join([picture.line for picture in block])
        reading = json.ReadOptions(use_threads=False, block_size=len(lines) + 1)
        parsing = json.ParseOptions(explicit_schema=wanted, unexpected_field_behavior="ignore")
        # It refuses half a surrogate pair and a column that stands twice, which Python's takes.
        with suppress(pa.ArrowInvalid):
            return list(json.read_json(pa.BufferReader(lines), reading, parsing).columns)
    columns = table.columns(block)
    try:
        return list(pa.Table.from_pydict(columns, schema=wanted).columns)
    except UnicodeEncodeError:
        plain = {name: _in_utf8(list(values)) for name, values in columns.items()}
        return list(pa.Table.from_pydict(plain, schema=wanted).columns)


def _in_utf8(value: Any) -> Any:
    """A row's value with half a surrogate pair, which UTF-8 has no form for, as its code."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, list):
        return [_in_utf8(one) for one in value]
    return {key: _in_utf8(one) for key, one in value.items()} if isinstance(value, dict) else value


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
