"""A picture that takes the place of its copy in the tree takes the copy's split, too."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from ...curation.duplicates.results import CONFIRMED
from ..split import TRAIN

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ..catalogue.families import MemberRow


def splits_of_copies(
    rows: Mapping[str, MemberRow], earlier: Mapping[str, str], chosen: Collection[str]
) -> dict[str, str]:
    """The splits that pictures have from confirmed copies, which an earlier tree held.

    `rows` are the last dedupe's, `earlier` is id → split of that tree, `chosen` the ids of the one
    to be. Where copies lay in several splits it is train.
    """
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows.values():
        if row.keeper is not None and row.relation in CONFIRMED:
            pair = (row.keeper, row.sha256)
            for new, old in (pair, pair[::-1]):
                if new in chosen and new not in earlier and old in earlier and old not in chosen:
                    found[new].add(earlier[old])
    return {new: TRAIN if len(splits) > 1 else splits.pop() for new, splits in found.items()}
