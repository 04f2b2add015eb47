"""`pixset split DATASET`: curate what came in, build the tree; or find that both are done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...curation.progress import Progress, silent
from .settings import SplitOptions
from .unchanged import known_report, note_report

if TYPE_CHECKING:
    from ..curate import CurateReport
    from ..project import Project
    from .report import DatasetTreeReport


def split(
    project: Project, options: SplitOptions | None = None, progress: Progress = silent
) -> DatasetTreeReport:
    """Build the training tree from what is kept; what came in since is measured and judged first.

    Where nothing changed since the last split, nothing is done. Labels without a picture are the
    report's `missing`, and no error.
    """
    options = options or SplitOptions()
    known = known_report(project, options)
    if known is not None:
        return known
    # A second of loading that a split with nothing to do is spared.
    from ..curate import curate

    curated = curate(project, progress=progress)
    return curated_tree(project, curated, options, progress)


def curated_tree(
    project: Project, curated: CurateReport, options: SplitOptions, progress: Progress
) -> DatasetTreeReport:
    """Build the tree of a dataset that was just curated, and note that it is ready."""
    from .build_tree import build_tree, settings_of

    lost = (*curated.missing, *curated.altered)
    report = build_tree(project, options=options, lost=lost, progress=progress)
    if report.left is not None and not lost and not options.placed_only:
        note_report(project, report, report.left, settings_of(project).record())
    return report
