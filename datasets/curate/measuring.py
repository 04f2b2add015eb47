"""Looking at the pictures of a dataset, each one once: other processes decode, this thread writes.

A measurement that was added or changed since a picture was looked at is made then, and only that.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from ...curation.progress import Progress, silent
from ..catalogue import measurements

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ...curation.errors import Unreadable
    from ...curation.images.facts import Facts
    from ..catalogue import Catalogue
    from ..catalogue.images import ImageRecord
    from ..catalogue.measurements import Unmeasured
    from ..project import Project

_EVERY = 2.0  # seconds of measuring that a killed process may lose


def measure(
    project: Project,
    cat: Catalogue,
    *,
    progress: Progress = silent,
    workers: int | None = None,
) -> tuple[int, tuple[str, ...]]:
    """Look at every picture that lacks a measurement of today, committing every few seconds.

    Returns how many were looked at, and the paths of files that could not be looked at now: they
    are not there, or the machine stalled.
    """
    from ...curation.errors import Unreadable
    from ...curation.images.batch import look_all
    from ...curation.images.measure import versions

    waiting = measurements.unmeasured(cat, versions())
    known = _known(cat, waiting)
    shas = {project.image(one.path): (one.sha256, one.path) for one in waiting}
    batch: list[tuple[str, Facts | Unreadable]] = []
    missing: list[str] = []
    measured, since = 0, time.monotonic()
    try:
        for file, outcome in look_all(
            list(shas), known=known or None, workers=workers, progress=progress
        ):
            sha, path = shas[file]
            if isinstance(outcome, Unreadable) and not outcome.settled:
                missing.append(path)  # it may come back: nothing is recorded of its content
                continue
            batch.append((sha, _of(sha, file, path, outcome)))
            measured += 1
            if time.monotonic() - since > _EVERY:
                _write(cat, batch)
                batch, since = [], time.monotonic()
    finally:
        _write(cat, batch)
    return measured, tuple(missing)


def measured_anew(
    project: Project, cat: Catalogue, facts: Sequence[Facts], images: Mapping[str, ImageRecord]
) -> list[Facts]:
    """The facts, with those whose thumb was damaged in the catalogue measured from their file.

    What can no longer be read, or is another picture by now, is left out.
    """
    from ...curation.errors import Unreadable
    from ...curation.images.batch import look_all

    damaged = {project.image(images[one.sha256].path): one.sha256 for one in facts if not one.thumb}
    if not damaged:
        return list(facts)
    outcomes = {
        damaged[file]: _of(damaged[file], file, images[damaged[file]].path, outcome)
        for file, outcome in look_all(list(damaged), workers=1)
    }
    lasting = {
        sha: one
        for sha, one in outcomes.items()
        if not isinstance(one, Unreadable) or one.settled  # else it may come back
    }
    _write(cat, list(lasting.items()))
    whole = [outcomes.get(one.sha256, one) for one in facts]
    return [one for one in whole if not isinstance(one, Unreadable)]


def _of(sha256: str, file: Path, path: str, outcome: Facts | Unreadable) -> Facts | Unreadable:
    """What a picture of the pool is found to be; `altered` where the file holds another one.

    What cannot be decoded has no digest yet: a file that was cut says nothing of what was fetched.
    """
    from ...curation.errors import Unreadable
    from ...curation.images.reading import digest_of

    if isinstance(outcome, Unreadable):
        try:
            is_own = not outcome.settled or digest_of(file) == sha256
        except Unreadable:
            is_own = outcome.why == "bomb"  # more bytes than are read
    else:
        is_own = outcome.sha256 == sha256
    detail = f"{path} no longer has the bytes that were fetched"
    return outcome if is_own else Unreadable(measurements.ALTERED, detail)


def _known(cat: Catalogue, waiting: Sequence[Unmeasured]) -> dict[str, Facts]:
    """What was measured before of pictures that lack a part, by content."""
    from ...curation.images.measure import DECODER, versions

    current = versions()
    partly = {one.sha256: one.missing for one in waiting if one.missing}
    partly = {sha: missing for sha, missing in partly.items() if DECODER not in missing}
    if not partly:
        return {}
    return {
        facts.sha256: replace(
            facts,
            versions={
                name: version
                for name, version in current.items()
                if name not in partly[facts.sha256]
            },
        )
        for facts in measurements.each_facts(cat)
        if facts.sha256 in partly
    }


def _write(cat: Catalogue, batch: Sequence[tuple[str, Facts | Unreadable]]) -> None:
    from ...curation.errors import Unreadable as Fault
    from ...curation.images.measure import versions

    with cat.transaction():
        for sha, outcome in batch:
            if isinstance(outcome, Fault):
                measurements.put_unreadable(cat, sha, outcome, versions())
            else:
                measurements.put_facts(cat, outcome, outcome.versions)
