"""TFRecord shards of tf.train.Example, written without TensorFlow.

The framing (length, masked CRC-32C, data, masked CRC-32C) and the three nested protobuf
messages are small; the checksum comes from google-crc32c, a 40 kB wheel.
https://www.tensorflow.org/tutorials/load_data/tfrecord
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from ...curation.extras import how_to_install
from ..errors import UsageError
from ..files import gathered
from .readme import write_readme
from .shards import DigestedFile, ShardPlaces, ShardSettings, shards

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from ..tree.finished import FinishedTree, TreePicture
    from .exporter import Advance, Places

    Checksum = Callable[[int, bytes], int]  # of what stood before, and of this after it

_LOADING = """\
```python
import tensorflow as tf
columns = {
    "image/encoded": tf.io.FixedLenFeature([], tf.string),
    "image/class/label": tf.io.FixedLenFeature([], tf.int64),
}
def read(record):
    row = tf.io.parse_single_example(record, columns)
    return tf.io.decode_jpeg(row["image/encoded"], channels=3), row["image/class/label"]
train = tf.data.TFRecordDataset(tf.io.gfile.glob("./*-train.tfrecord-*")).map(read)
```
"""
_MASK: Final = 0xA282EAD8
# Fields of bytes: the first and the second of a message, and those of tf.train.Feature's oneof.
_FIRST, _SECOND, _BYTES, _INT64 = b"\x0a", b"\x12", b"\x0a", b"\x1a"


def write(tree: FinishedTree, out: Path, settings: ShardSettings, advance: Advance) -> Places:
    """Write `<name>-<split>.tfrecord-00000-of-00001`, `settings.shard_size` pictures each."""
    checksum = _checksum()
    places = ShardPlaces(len(tree.pictures))
    for shard in shards(tree, settings):
        name = f"{tree.name}-{shard.split}.tfrecord-{shard.number:05}-of-{shard.total:05}"
        with DigestedFile(out / name) as file:
            for picture in shard.pictures:
                for part in framed(example(columns(tree, picture)), checksum):
                    file.write(part)
        places.add(name, shard, file)
        advance(len(shard.pictures))
    write_readme(tree, out, _LOADING)
    return places


def columns(tree: FinishedTree, picture: TreePicture) -> dict[str, bytes | int]:
    """A picture's features, by the names that TensorFlow's own image datasets use."""
    return {
        "image/class/label": picture.label_id,
        "image/class/text": picture.label.encode(),
        "image/encoded": tree.read(picture),
        "image/filename": f"{picture.id}.jpg".encode(),
        "image/format": b"jpeg",
        "pixset/row": picture.line.rstrip(),
    }


def example(features: Mapping[str, bytes | int]) -> list[bytes]:
    """A tf.train.Example in parts, its features sorted by name: its bytes are always the same."""
    parts: list[bytes] = []
    for name, value in sorted(features.items()):
        kind, data = (_BYTES, value) if isinstance(value, bytes) else (_INT64, _varint(value))
        parts += _before(name, kind, len(data)), data
    return [_within(_FIRST, b"", sum(map(len, parts))), *parts]


@lru_cache(4096)  # most features are as long in one record as in the next
def _before(name: str, kind: bytes, size: int) -> bytes:
    """What stands before `size` bytes that are a feature's value."""
    feature = _within(_SECOND, _within(kind, _within(_FIRST, b"", size), size), size)
    key = _within(_FIRST, b"", len(name)) + name.encode()
    return _within(_FIRST, key + feature, size)


def framed(data: Sequence[bytes], checksum: Checksum) -> Iterator[bytes]:
    """One record of a TFRecord file, in parts."""
    length = struct.pack("<Q", sum(map(len, data)))
    parts = list(gathered(data))
    crc = 0
    for part in parts:
        crc = checksum(crc, part)
    return gathered((length, _masked(checksum(0, length)), *parts, _masked(crc)))


def _within(field: bytes, head: bytes, size: int) -> bytes:
    """What stands before `size` bytes of data with `head` before them, as a field of a message.

    The data stays where it is: a picture that is nested five times would be copied five times.
    """
    return field + _varint(len(head) + size) + head


def _varint(number: int) -> bytes:
    if number < 0x80:
        return _SMALL[number]
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)


_SMALL: Final = [bytes([number]) for number in range(0x80)]


def _masked(crc: int) -> bytes:
    return struct.pack("<I", ((crc >> 15 | crc << 17) + _MASK) & 0xFFFFFFFF)


def _checksum() -> Checksum:
    try:
        import google_crc32c
    except ImportError:
        raise UsageError(
            f"--format tfrecord needs google-crc32c: {how_to_install('tfrecord')}"
        ) from None
    extend: Checksum = google_crc32c.extend
    return extend
