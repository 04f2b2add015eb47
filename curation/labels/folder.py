"""Label issues and off-topic pictures of a folder whose subfolders are the labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..duplicates.candidates import candidates, connected
from ..errors import UsageError
from ..folders.folder import look_at_folder
from ..folders.report import FolderFinding, FolderFindings
from ..folders.walk import absolute, is_class_name
from ..images.facts import Facts
from ..progress import silent
from .embedding import Classical
from .feature_file import FeatureFile, feature_path
from .features import features, remembered_as
from .issues import label_issues, off_topic

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..progress import Progress
    from .embedding import Embedder


def check_labels(
    folder: Path,
    *,
    embedder: Embedder | None = None,
    share: float = 0.02,
    cache: bool = True,
    workers: int | None = None,
    progress: Progress = silent,
) -> FolderFindings:
    """Check every picture against the label that its subfolder gives it.

    Findings are "label" (score: how well the label fits, 0 to 1) and "off_topic" (score: cleanlab's
    typicality; the `share` of pictures farthest from their neighbours). None of them drops.
    Pictures directly in the folder, or below one whose name begins with _, have no label and are
    left out. With `cache`, facts and features are remembered in hidden files beside the folder.
    Raises UsageError as `issues.label_issues` does.
    """
    here = absolute(folder)
    listing, seen = look_at_folder(folder, cache=cache, workers=workers, progress=progress)
    label_of = {path: path.relative_to(here).parts[0] for path in seen if path.parent != here}
    found = {
        path: what
        for path, what in seen.items()
        if isinstance(what, Facts) and path in label_of and is_class_name(label_of[path])
    }
    if not found:
        raise UsageError(f"{folder}: no pictures in subfolders; a subfolder's name is its label")
    embedder = embedder or Classical()
    memory = FeatureFile(feature_path(here, remembered_as(embedder))) if cache else None
    places = {what.sha256: path for path, what in found.items()}
    rows = features(places, embedder, memory, progress=progress)
    # By content, for names decide nothing: the folds are drawn in this order.
    paths = sorted(
        (path for path, what in found.items() if what.sha256 in rows),
        key=lambda path: (found[path].sha256, path),
    )
    if not paths:
        raise UsageError(f"{folder}: no picture could be read any more; run it again")
    labels = [label_of[path] for path in paths]
    groups = copy_groups([found[path] for path in paths])
    vectors = np.stack([rows[found[path].sha256] for path in paths])
    issues = label_issues(vectors, labels, groups=groups, head=embedder.head)
    findings = [
        FolderFinding(paths[one.place], "label", one.quality, drop=False, why=str(one))
        for one in issues
        if one.suggested != one.given
    ]
    findings += [
        FolderFinding(paths[one.place], "off_topic", one.typicality, drop=False)
        for one in off_topic(vectors, labels, share=share)
    ]
    return FolderFindings(here, len(listing.pictures), tuple(findings))


def copy_groups(facts: Sequence[Facts]) -> list[str]:
    """Name for each picture the group of all that may be copies of it, by hash alone."""
    close = candidates(facts)
    return list(map(str, connected(len(facts), close.left, close.right).tolist()))
