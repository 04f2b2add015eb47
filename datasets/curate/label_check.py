"""Labels held against what a model sees: findings for the review page, none of which drops.

Features are computed once for a picture and a model, and kept in the catalogue.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...curation.labels.nearness import near_pairs, oddness
from ...curation.labels.topics import query_topics
from ...curation.progress import Progress, silent
from ..catalogue import families, images, label_findings, measurements, searches
from ..catalogue.label_findings import LabelFinding, ProposedPair, TopicRow
from ..errors import UsageError
from .kept import kept
from .label_report import LabelReport
from .measuring import measure

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from ...curation.labels.embedding import Embedder
    from ..catalogue import Catalogue
    from ..project import Project
    from .kept import Kept


class CatalogueFeatures:
    """The features of one embedder, remembered in a dataset's catalogue, open for writing."""

    def __init__(self, cat: Catalogue, identity: str) -> None:
        self._cat = cat
        self._identity = identity

    def recall(self, digests: Collection[str]) -> dict[str, NDArray[np.float32]]:
        """Return those that are known."""
        from ...curation.labels.features import KEPT

        known = label_findings.features(self._cat, self._identity, digests)
        return {sha: np.frombuffer(numbers, KEPT) for sha, numbers in known.items()}

    def remember(self, rows: Mapping[str, NDArray[np.float32]]) -> None:
        """Keep rows, in one transaction."""
        from ...curation.labels.features import KEPT

        packed = {sha: row.astype(KEPT).tobytes() for sha, row in rows.items()}
        with self._cat.transaction():
            label_findings.put_features(self._cat, self._identity, packed)


def check_labels(
    project: Project,
    embedder: Embedder,
    *,
    share: float = 0.02,
    progress: Progress = silent,
) -> LabelReport:
    """Check the kept pictures against their labels, and record the findings for review.

    "label" findings look more like another label, "off_topic" ones (the `share` farthest from
    their neighbours) like none; "odd" gives every picture's distance from its label. What a person
    has settled teaches, and is not found again. Raises UsageError as `label_issues` does.
    """
    from ...curation.labels.issues import label_issues, off_topic

    with project.open_catalogue() as cat:
        seen = _Seen.of(project, cat, embedder, progress)
        odd = seen.odd_findings()
        found = [
            LabelFinding(seen.pictures[one.place].sha256, "label", one.quality, one.given,
                         one.suggested)
            for one in label_issues(
                seen.vectors, seen.labels, groups=seen.groups, head=embedder.head
            )
            if one.suggested != one.given
        ]  # fmt: skip
        found += [
            LabelFinding(seen.pictures[one.place].sha256, "off_topic", one.typicality, one.label)
            for one in off_topic(seen.vectors, seen.labels, share=share)
        ]
        settled = {one.sha256 for one in seen.pictures if one.reviewed or one.relabelled}
        found = [one for one in found if one.sha256 not in settled]
        topics = query_topics(seen.rows(), _queries(cat, seen.pictures))
        with cat.transaction():
            label_findings.put_label_findings(cat, [*found, *odd])
            label_findings.put_topics(cat, [TopicRow(**asdict(one)) for one in topics])
    paths = {one.sha256: one.path for one in seen.pictures}
    return LabelReport(len(seen.pictures), tuple(found), topics, paths)


def rank_oddness(project: Project, embedder: Embedder, *, progress: Progress = silent) -> int:
    """Record each kept picture's distance from its label, for review; returns how many.

    What was found of labels before stays. Raises UsageError where no picture is kept.
    """
    with project.open_catalogue() as cat:
        odd = _Seen.of(project, cat, embedder, progress).odd_findings()
        with cat.transaction():
            label_findings.put_label_findings(
                cat, [*label_findings.label_findings(cat, "label", "off_topic"), *odd]
            )
    return len(odd)


def propose_pairs(project: Project, embedder: Embedder, *, progress: Progress = silent) -> int:
    """Record pairs that look alike to a model and are no copies by their pixels, for review.

    Returns how many. Nothing is dropped for it, and no split group is made of it until a person
    says so. Raises UsageError where no picture is kept.
    """
    with project.open_catalogue() as cat:
        seen = _Seen.of(project, cat, embedder, progress)
        pairs = [
            ProposedPair(seen.pictures[one.one].sha256, seen.pictures[one.other].sha256,
                         one.likeness)
            for one in near_pairs(seen.vectors, seen.groups)
        ]  # fmt: skip
        with cat.transaction():
            label_findings.put_proposed_pairs(cat, pairs)
    return len(pairs)


@dataclass(frozen=True, slots=True)
class _Seen:
    """The kept pictures that could be read, and their features, row by row."""

    pictures: Sequence[Kept]
    vectors: NDArray[np.float32]
    groups: Sequence[str]

    @classmethod
    def of(cls, project: Project, cat: Catalogue, embedder: Embedder, progress: Progress) -> _Seen:
        from ...curation.labels.features import features, remembered_as

        measure(project, cat, progress=progress)
        there = {one.sha256: one for one in kept(cat)}
        rows = features(
            {sha: project.image(one.path) for sha, one in there.items()},
            embedder,
            CatalogueFeatures(cat, remembered_as(embedder)),
            progress=progress,
        )
        if not rows:
            raise UsageError(f"{project.root}: no picture is kept under a label")
        pictures = [there[sha] for sha in rows]
        return cls(pictures, np.stack(list(rows.values())), _groups(cat, pictures))

    @property
    def labels(self) -> list[str]:
        return [one.label for one in self.pictures]

    def rows(self) -> dict[str, NDArray[np.float32]]:
        return {one.sha256: row for one, row in zip(self.pictures, self.vectors, strict=True)}

    def odd_findings(self) -> list[LabelFinding]:
        distances = oddness(self.vectors, self.labels, self.groups)
        return [
            LabelFinding(one.sha256, "odd", float(distance), one.label)
            for one, distance in zip(self.pictures, distances, strict=True)
            if np.isfinite(distance)
        ]


def _groups(cat: Catalogue, pictures: Sequence[Kept]) -> list[str]:
    """The groups of what may be copies: the last dedupe's, else by hash alone."""
    if families.members(cat):
        return [one.split_group for one in pictures]
    from ...curation.labels.folder import copy_groups

    facts = {one.sha256: one for one in measurements.each_facts(cat, thumbs=False)}
    return copy_groups([facts[one.sha256] for one in pictures])


def _queries(cat: Catalogue, pictures: Sequence[Kept]) -> dict[tuple[str, str], set[str]]:
    """(label, term) → the pictures that it brought and that are kept under that label."""
    labels = {one.sha256: one.label for one in pictures}
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for (label, _, query, _), (sha, _) in images.sources(cat).items():
        if labels.get(sha) == label:
            found[label, searches.read_query(query).term].add(sha)
    return found
