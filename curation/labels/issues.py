"""Pictures under a wrong label, and pictures that belong under none.

For each picture a model that has not seen it (nor a copy of it) says how well it fits its label;
cleanlab turns these out-of-fold confidences into a ranking and says which of them are issues.
Findings only: whoever knows the subject decides. Needs the extra `noise` (cleanlab and
scikit-learn).
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..errors import UsageError
from ..extras import how_to_install
from ..printable import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

LOG = logging.getLogger(__name__)

LEAST: Final = 5  # pictures of a label, below which nothing is learned about it
FOLDS: Final = 5


@dataclass(frozen=True, slots=True)
class Head:
    """How a logistic regression learns labels from vectors.

    `freedom` is its C, tuned on nine camera scenes (`benchmarks/label_noise.py`, the set `tune`)
    and reported on other sets; `standardise` scales each number by its spread first.
    """

    freedom: float
    standardise: bool


# Hundreds of histogram counts a picture, and mostly fewer pictures: little freedom.
HISTOGRAMS: Final = Head(0.01, standardise=True)
# A trained model's vectors of length 1.
UNIT_VECTORS: Final = Head(3.0, standardise=False)


@dataclass(frozen=True, slots=True)
class LabelIssue:
    """One picture whose label the others do not bear out.

    `place` is its index in what was asked about, `quality` how well the given label fits (0 to 1),
    `suggested` the label that fits best.
    """

    place: int
    given: str
    suggested: str
    quality: float

    def __str__(self) -> str:
        return f"{self.quality:.2f} {self.given}, looks more like {self.suggested}"


@dataclass(frozen=True, slots=True)
class Stray:
    """One picture far from all others: `typicality` (0 to 1) is cleanlab's, small is far."""

    place: int
    label: str
    typicality: float


def label_issues(
    vectors: NDArray[np.float32],
    labels: Sequence[str],
    *,
    groups: Sequence[str] | None = None,
    seed: int = 0,
    head: Head = HISTOGRAMS,
) -> tuple[LabelIssue, ...]:
    """Find pictures that cleanlab calls label issues, the surest first.

    `vectors` is (n, d), one row a picture; `groups` names each picture's family, so that no copy
    of it teaches the model about it. Labels of fewer than five pictures (of five families) are left
    out with a warning; raises UsageError where fewer than two others are there, and where the
    extra is not installed.
    """
    there = _learnable(labels, groups)
    vectors, labels = vectors[there], [labels[place] for place in there]
    groups = [groups[place] for place in there] if groups is not None else None
    names, given = _numbered(labels)
    confidence = out_of_fold(vectors, labels, groups=groups, seed=seed, head=head)
    found = _cleanlab("filter").find_label_issues(
        given, confidence, return_indices_ranked_by="self_confidence", n_jobs=1
    )
    return tuple(
        LabelIssue(
            there[place],
            labels[place],
            names[int(confidence[place].argmax())],
            float(confidence[place, given[place]]),
        )
        for place in found
    )


def off_topic(
    vectors: NDArray[np.float32], labels: Sequence[str], *, share: float = 0.02
) -> tuple[Stray, ...]:
    """Find the `share` of pictures that are farthest from their neighbours, the farthest first.

    A ranking, not a verdict: some pictures are always the farthest. Raises UsageError where the
    extra is not installed, or there are fewer than five pictures.
    """
    if len(labels) < LEAST:
        raise UsageError(f"{counted(len(labels), 'picture')}: too few to tell which is off topic")
    outlier = _cleanlab("outlier").OutOfDistribution({"k": min(10, len(labels) - 1)})
    typicality = outlier.fit_score(features=np.asarray(vectors), verbose=False)
    order = np.argsort(typicality, kind="stable")[: max(1, round(share * len(labels)))]
    return tuple(Stray(int(one), labels[one], float(typicality[one])) for one in order)


def out_of_fold(
    vectors: NDArray[np.float32],
    labels: Sequence[str],
    *,
    groups: Sequence[str] | None = None,
    seed: int = 0,
    head: Head = HISTOGRAMS,
) -> NDArray[np.float64]:
    """Return (n, labels) confidences, each row by a model that did not see that row's family.

    Columns are the labels sorted by name. Raises UsageError as `label_issues` does.
    """
    try:
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import StratifiedGroupKFold
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
    except ImportError as error:
        raise UsageError(f"label issues need scikit-learn: {how_to_install('noise')}") from error
    names, given = _numbered(labels)
    families = np.asarray(groups if groups is not None else range(len(labels)))
    _enough(labels, families)
    confidence = np.zeros((len(given), len(names)))
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    for train, held in folds.split(vectors, given, families):
        learner = LogisticRegression(C=head.freedom, max_iter=2000)
        model = make_pipeline(*((StandardScaler(),) if head.standardise else ()), learner)
        model.fit(vectors[train], given[train])
        confidence[np.ix_(held, model[-1].classes_)] = model.predict_proba(vectors[held])
    return confidence


def _numbered(labels: Sequence[str]) -> tuple[list[str], NDArray[np.int64]]:
    names = sorted(set(labels))
    number = {name: place for place, name in enumerate(names)}
    return names, np.array([number[label] for label in labels], dtype=np.int64)


def _enough(labels: Sequence[str], families: NDArray[Any]) -> None:
    few = _thin(labels, families.tolist())
    if len(set(labels)) < 2:
        raise UsageError("label issues need two labels or more to tell apart")
    if few:
        raise UsageError(f"{few[0]}: fewer than {LEAST} pictures that are no copies of each other")


def _thin(labels: Sequence[str], families: Sequence[Any]) -> list[str]:
    """The labels of too few pictures that are no copies of each other."""
    distinct = Counter(label for label, _ in set(zip(labels, families, strict=True)))
    return sorted(label for label, count in distinct.items() if count < LEAST)


def _learnable(labels: Sequence[str], groups: Sequence[str] | None) -> list[int]:
    """The places of the pictures whose labels can be learned; all, where fewer than two can."""
    thin = _thin(labels, groups if groups is not None else range(len(labels)))
    if not thin or len(set(labels).difference(thin)) < 2:
        return list(range(len(labels)))
    LOG.warning("too few pictures to judge these labels: %s", ", ".join(thin))
    return [place for place, label in enumerate(labels) if label not in thin]


def _cleanlab(part: str) -> Any:
    try:
        from importlib import import_module

        return import_module(f"cleanlab.{part}")
    except ImportError as error:
        raise UsageError(f"label issues need cleanlab: {how_to_install('noise')}") from error
