"""Features of a plain folder's pictures, remembered in a hidden file beside the folder.

Records of one length: a SHA-256, then half-precision numbers. The file is appended to, a batch
with one write; a run that is killed leaves at most a torn record at the end, which is cut off. It
may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING

import numpy as np

from ..folders.cache import beside
from .features import KEPT

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from .embedding import Vectors

LOG = logging.getLogger(__name__)

_DIGEST = 32  # bytes of a SHA-256


def feature_path(folder: Path, identity: str) -> Path:
    """Return where a folder's features by one embedder lie: beside it."""
    short = hashlib.sha256(identity.encode()).hexdigest()[:12]
    return beside(folder, f".pixset-features-{short}")


class FeatureFile:
    """A FeatureMemory in a file; one that cannot be read or written is a memory that forgets.

    The length of a record stands in its first bytes, so that the file says how it is read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def recall(self, digests: Collection[str]) -> dict[str, Vectors]:
        """Return the features that are known of these pictures."""
        whole = self._read()
        if len(whole) < 4:
            return {}
        length = int.from_bytes(whole[:4], "little")
        count = (len(whole) - 4) // _record_size(length)
        if not count:  # a damaged length may be more than numpy takes
            return {}
        shape = np.dtype([("digest", f"V{_DIGEST}"), ("row", KEPT, (length,))])
        records = np.frombuffer(whole, shape, count, offset=4)
        wanted = {bytes.fromhex(digest): digest for digest in digests}
        return {
            wanted[bytes(record["digest"])]: record["row"].copy()
            for record in records
            if bytes(record["digest"]) in wanted
        }

    def remember(self, rows: Mapping[str, Vectors]) -> None:
        """Append rows, all of one length; a file that says another length is begun anew."""
        if not rows:
            return
        length = len(next(iter(rows.values())))
        try:
            with self._path.open("a+b") as stream:
                end = stream.tell()
                stream.seek(0)
                head = length.to_bytes(4, "little")
                if stream.read(4) == head:
                    head = b""
                    stream.truncate(end - (end - 4) % _record_size(length))
                else:
                    stream.truncate(0)
                stream.write(
                    head
                    + b"".join(
                        bytes.fromhex(digest) + row.astype(KEPT).tobytes()
                        for digest, row in rows.items()
                    )
                )
        except OSError as error:
            LOG.info("features are not remembered: %s", error)

    def _read(self) -> bytes:
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            LOG.warning("the features in %s cannot be read: %s", self._path, error)
            return b""


def _record_size(length: int) -> int:
    return _DIGEST + length * np.dtype(KEPT).itemsize
