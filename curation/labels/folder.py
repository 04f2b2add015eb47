"""Label issues and stray pictures of a folder whose subfolders are the labels."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from ..duplicates.candidates import candidates, connected
from ..errors import Unreadable, UsageError
from ..folders.folder import look_at_folder
from ..folders.report import FolderFinding, FolderFindings
from ..images.batch import isolated
from ..images.decode import decode
from ..images.facts import Facts
from ..images.reading import read_file
from ..progress import silent
from .embedding import Classical
from .issues import label_issues, off_topic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..images.sandbox import DecodeSandbox
    from ..progress import Progress
    from .embedding import Embedder

SIDE = 224  # pixels a side that a picture keeps for the embedder
BATCH = 64


def check_labels(
    folder: Path,
    *,
    embedder: Embedder | None = None,
    share: float = 0.02,
    seed: int = 0,
    cache: bool = True,
    workers: int | None = None,
    progress: Progress = silent,
) -> FolderFindings:
    """Check every picture against the label that its subfolder gives it.

    Findings are "label" (score: how well the label fits, 0 to 1) and "off_topic" (score: cleanlab's
    typicality; the `share` of pictures farthest from their neighbours). None of them drops.
    Pictures directly in the folder have no label and are left out. Raises UsageError as
    `issues.label_issues` does.
    """
    here = Path(os.path.abspath(folder))  # noqa: PTH100 (links in the given path stay as given)
    listing, seen = look_at_folder(folder, cache=cache, workers=workers, progress=progress)
    found = {
        path: what for path, what in seen.items() if isinstance(what, Facts) and path.parent != here
    }
    if not found:
        raise UsageError(f"{folder}: no pictures in subfolders; a subfolder's name is its label")
    paths = list(found)
    labels = [path.relative_to(here).parts[0] for path in paths]
    groups = _families([found[path] for path in paths])
    embedder = embedder or Classical()
    vectors = embed(paths, embedder, progress=progress)
    findings = [
        FolderFinding(
            paths[one.place],
            "label",
            one.quality,
            drop=False,
            why=f"{one.quality:.2f} {one.given}, looks more like {one.suggested}",
        )
        for one in label_issues(vectors, labels, groups=groups, seed=seed, head=embedder.head)
        if one.suggested != one.given
    ]
    findings += [
        FolderFinding(paths[one.place], "off_topic", one.typicality, drop=False)
        for one in off_topic(vectors, labels, share=share)
    ]
    return FolderFindings(here, len(listing.pictures), tuple(findings))


def embed(
    paths: Sequence[Path], embedder: Embedder, *, progress: Progress = silent
) -> NDArray[np.float32]:
    """Return one row a picture, in the order of `paths`; raises Unreadable for one that is gone."""
    rows: list[NDArray[np.float32]] = []
    batch: list[Image.Image] = []
    for _, pixels in isolated(_decoded, paths, name="embed", progress=progress):
        if isinstance(pixels, Unreadable):
            raise pixels
        batch.append(Image.fromarray(pixels))
        if len(batch) == BATCH:
            rows.append(embedder(batch))
            batch = []
    if batch:
        rows.append(embedder(batch))
    return np.concatenate(rows)


def _decoded(path: Path, sandbox: DecodeSandbox) -> NDArray[np.uint8]:
    return sandbox.run(_pixels, path)


def _pixels(path: Path) -> NDArray[np.uint8]:
    return np.asarray(decode(read_file(path), SIDE).picture)


def _families(facts: Sequence[Facts]) -> list[str]:
    """Name for each picture the group of all that may be copies of it, by hash alone."""
    close = candidates(facts)
    pairs = list(zip(close.left.tolist(), close.right.tolist(), strict=True))
    return [str(group) for group in connected(len(facts), pairs)]
