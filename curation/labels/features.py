"""The features of many pictures, each computed once for its bytes and for what embeds it."""

from __future__ import annotations

import logging
from contextlib import closing
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
from PIL import Image

from ..errors import Unreadable, UsageError
from ..images.batch import isolated
from ..images.decode import VERSION, decode
from ..images.reading import read_file, same_bytes
from ..progress import silent

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from ..images.sandbox import DecodeSandbox
    from ..progress import Progress
    from .embedding import Embedder, Vectors

LOG = logging.getLogger(__name__)

SIDE: Final = 224  # pixels a side that a picture keeps for the embedder
BATCH: Final = 64
# What is remembered is half as precise as what is computed, so everything is rounded to that:
# a picture's features are the same in the first run and in the tenth.
KEPT: Final = np.float16


class FeatureMemory(Protocol):
    """Features of one embedder that were computed before, by the SHA-256 of the picture."""

    def recall(self, digests: Collection[str]) -> Mapping[str, Vectors]:
        """Return those that are known."""
        ...

    def remember(self, rows: Mapping[str, Vectors]) -> None:
        """Keep rows for the next run."""
        ...


def remembered_as(embedder: Embedder) -> str:
    """What features are remembered under: who embeds, and the decoder that gives the pixels."""
    return f"{embedder.identity}, decoder {VERSION}"


def features(
    pictures: Mapping[str, Path],
    embedder: Embedder,
    memory: FeatureMemory | None = None,
    *,
    progress: Progress = silent,
) -> dict[str, Vectors]:
    """Return each picture's features by its SHA-256, in the order asked.

    What `memory` knows is not computed again. A picture that can no longer be read, or whose file
    holds another one by now, is left out, with a warning. Raises UsageError where the model gives
    numbers that are none.
    """
    known = dict(memory.recall(pictures.keys())) if memory else {}
    missing = {digest: path for digest, path in pictures.items() if digest not in known}
    for rows in _computed(missing, embedder, progress):
        if memory:
            memory.remember(rows)
        known |= rows
    return {digest: known[digest].astype(np.float32) for digest in pictures if digest in known}


def _computed(
    pictures: Mapping[str, Path], embedder: Embedder, progress: Progress
) -> Iterator[dict[str, Vectors]]:
    digests: list[str] = []
    batch: list[Image.Image] = []
    files = list(pictures.items())
    with closing(isolated(_decoded, files, name="embed", progress=progress)) as decoded:
        for (digest, path), pixels in decoded:
            if isinstance(pixels, Unreadable):
                LOG.warning("%s: left out: %s", path, pixels)
                continue
            digests.append(digest)
            batch.append(Image.fromarray(pixels))
            if len(batch) == BATCH:
                yield _rows(digests, embedder(batch))
                digests, batch = [], []
    if batch:
        yield _rows(digests, embedder(batch))


def _rows(digests: list[str], vectors: Vectors) -> dict[str, Vectors]:
    if not np.isfinite(vectors).all():
        raise UsageError(
            "the model gives numbers that are none (NaN) for a picture: "
            "`pixset doctor --model FILE` tries it"
        )
    return dict(zip(digests, vectors.astype(KEPT), strict=True))


def _decoded(file: tuple[str, Path], sandbox: DecodeSandbox) -> NDArray[np.uint8]:
    return sandbox.run(_pixels, *file)


def _pixels(digest: str, path: Path) -> NDArray[np.uint8]:
    return np.asarray(decode(same_bytes(read_file(path), digest), SIDE).picture)
