"""Looking at the pictures of a dataset, each one once: threads decode, this thread writes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ...curation.progress import Progress, silent
from ..catalogue import measurements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...curation.errors import Unreadable
    from ...curation.images.facts import Facts
    from ..catalogue import Catalogue
    from ..project import Project

_EVERY = 2.0  # seconds of measuring that a killed process may lose


def measure(
    project: Project,
    cat: Catalogue,
    *,
    progress: Progress = silent,
    workers: int | None = None,
) -> tuple[int, tuple[str, ...]]:
    """Look at every picture not looked at yet, committing every few seconds.

    Returns how many were looked at, and the paths of files that are not there.
    """
    from ...curation.errors import Unreadable
    from ...curation.images.batch import look_all

    waiting = measurements.unmeasured(cat)
    shas = {project.image(one.path): (one.sha256, one.path) for one in waiting}
    batch: list[tuple[str, Facts | Unreadable]] = []
    missing: list[str] = []
    measured, since = 0, time.monotonic()
    try:
        for file, outcome in look_all(list(shas), workers=workers, progress=progress):
            sha, path = shas[file]
            if isinstance(outcome, Unreadable) and not outcome.settled:
                missing.append(path)  # it may come back: nothing is said about its content
                continue
            altered = not isinstance(outcome, Unreadable) and outcome.sha256 != sha
            said = f"{path} no longer has the bytes that were fetched"
            batch.append((sha, Unreadable("altered", said) if altered else outcome))
            measured += 1
            if time.monotonic() - since > _EVERY:
                _write(cat, batch)
                batch, since = [], time.monotonic()
    finally:
        _write(cat, batch)
    return measured, tuple(missing)


def _write(cat: Catalogue, batch: Sequence[tuple[str, Facts | Unreadable]]) -> None:
    from ...curation.errors import Unreadable as Fault

    with cat.transaction():
        for sha, outcome in batch:
            if isinstance(outcome, Fault):
                measurements.put_unreadable(cat, sha, outcome)
            else:
                measurements.put_facts(cat, outcome)
