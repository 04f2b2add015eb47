"""How many of the pictures in the tree a person found right, by label and by engine."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..catalogue import decisions, placements
from ..catalogue.decisions import Standing
from ..stats import wilson

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..catalogue import Catalogue
    from ..catalogue.placements import Placement

_NOTHING = Standing()
ORDER: Final = {"val": 0, "test": 1, "train": 2}  # whoever reviews begins with val


@dataclass(frozen=True, slots=True)
class ReviewTally:
    """How far the review of one label in one split is: pictures there, seen by a person, wrong."""

    pictures: int = 0
    seen: int = 0
    wrong: int = 0


@dataclass(frozen=True, slots=True)
class PrecisionRow:
    """Of one split, and one label or engine (`by`, `name`): the pictures, those seen, those wrong.

    A picture that several engines showed counts for each of them.
    """

    split: str
    by: str
    name: str
    pictures: int
    seen: int
    wrong: int

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % Wilson interval of the share that is right; (0, 1) where none was seen."""
        return wilson(self.seen - self.wrong, self.seen)

    def to_json(self) -> dict[str, object]:
        """The row as one JSON object."""
        return {
            "split": self.split,
            "by": self.by,
            "name": self.name,
            "pictures": self.pictures,
            "seen": self.seen,
            "wrong": self.wrong,
            "precision": list(self.interval),
        }


def precision(cat: Catalogue) -> tuple[PrecisionRow, ...]:
    """The rows of every split, val first; within a split by label, then by engine."""
    return precision_of(
        placements.placements(cat), decisions.standings(cat), placements.engines_of_placed(cat)
    )


def precision_of(
    placed: Mapping[str, Placement],
    stands: Mapping[str, Standing],
    engines: Iterable[tuple[str, str]],
) -> tuple[PrecisionRow, ...]:
    """As `precision`, of what was read already; `engines` are (sha256, engine) once each."""
    tallies: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    named = [(sha, "label", one.label) for sha, one in placed.items()]
    named += [(sha, "engine", engine) for sha, engine in engines if sha in placed]
    for sha, by, name in named:
        stand, one = stands.get(sha, _NOTHING), placed[sha]
        tally = tallies[one.split, by, name]
        tally[0] += 1
        tally[1] += stand.looked_at
        tally[2] += stand.looked_at and not stand.confirms(one.label)
    rows = (PrecisionRow(*key, *tally) for key, tally in tallies.items())
    return tuple(
        sorted(rows, key=lambda row: (ORDER.get(row.split, 3), row.by == "engine", row.name))
    )
