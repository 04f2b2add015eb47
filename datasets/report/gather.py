"""A dataset in numbers: read once from the catalogue, for the page and for the terminal."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from ...scraper.models import SETTLED
from ..catalogue import (
    decisions,
    families,
    images,
    label_findings,
    measurements,
    placements,
    searches,
)
from ..status import report as status_report

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..catalogue import Catalogue
    from ..catalogue.families import MemberRow
    from ..catalogue.placements import Placement
    from ..project import Project
    from ..recipe import Recipe
    from ..status import DatasetStatus


@dataclass(frozen=True, slots=True)
class QueryYield:
    """What a label's query brought: `new` pictures that none of its earlier queries showed.

    `off_topic` is how many looked so in the last check of labels, None where it did not say.
    """

    label: str
    term: str
    found: int
    new: int
    off_topic: int | None = None

    @property
    def share(self) -> float:
        """New pictures a sighting, 0 where nothing was found."""
        return self.new / self.found if self.found else 0.0


@dataclass(frozen=True, slots=True)
class Copies:
    """A kept picture and what it made superfluous: (path, relation, why it is out)."""

    keeper: str
    members: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """How far people looked: pictures in the tree, those with a person's word, those wrong."""

    label: str
    there: int
    seen: int
    wrong: int


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """Everything the report tells; paths are relative to the dataset (posix)."""

    name: str
    description: str
    status: DatasetStatus
    yields: tuple[QueryYield, ...]
    unsettled: tuple[tuple[str, str, str, str], ...]  # engine, term, outcome, detail
    splits: Mapping[str, Mapping[str, int]]
    sizes: tuple[tuple[int, int], ...]
    copies: tuple[Copies, ...]
    shared: Mapping[tuple[str, str], int]
    overlap: Mapping[tuple[str, str], int]
    straddling: int  # pictures of split groups that lie on two splits
    reviewed: tuple[Reviewed, ...]
    licences: Mapping[str, int]
    bytes: int
    pictures: int
    placed: Mapping[str, tuple[str, str]]  # sha256 → label, split

    @property
    def missing(self) -> tuple[str, ...]:
        """The labels of which nothing was kept."""
        return tuple(slug for slug, line in self.status.totals.items() if line.kept == 0)


def gather(project: Project, recipe: Recipe) -> DatasetFacts:
    """Read a dataset's catalogue; no picture is opened."""
    with project.open_catalogue(write=False) as cat:
        pool = images.images(cat)
        rows = families.members(cat)
        stands = decisions.standings(cat)
        placed = placements.placements(cat)
        paths = {one.sha256: one.path for one in pool}
        return DatasetFacts(
            name=recipe.name or project.root.resolve().name,
            description=recipe.description or "",
            status=status_report(cat, recipe),
            yields=_yields(cat),
            unsettled=tuple(
                (one.engine, one.term, one.outcome or "not finished", one.detail or "")
                for one in searches.searches(cat)
                if one.outcome not in SETTLED
            ),
            splits=_splits(placed),
            sizes=tuple(
                (facts.width, facts.height)
                for facts in measurements.each_facts(cat, thumbs=False)
                if facts.sha256 in placed or not placed
            ),
            copies=_copies(rows, stands, paths),
            shared=Counter(pair for one in pool for pair in combinations(sorted(one.labels), 2)),
            overlap=_overlap(cat),
            straddling=_straddling(rows, placed),
            reviewed=_reviewed(stands, placed),
            licences=_licences(cat, placed),
            bytes=sum(one.bytes for one in pool),
            pictures=len(pool),
            placed={sha: (one.label, one.split) for sha, one in placed.items()},
        )


def _yields(cat: Catalogue) -> tuple[QueryYield, ...]:
    """The queries that brought least for what they showed first."""
    astray = {(one.label, one.query): one.off_topic for one in label_findings.topics(cat)}
    found = []
    for (label, query), (new, seen) in searches.yields(cat).items():
        term = searches.read_query(query).term
        found.append(QueryYield(label, term, seen, new, astray.get((label, term))))
    return tuple(sorted(found, key=lambda one: (one.share, one.label, one.term)))


def _splits(placed: Mapping[str, Placement]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for one in placed.values():
        counts[one.label][one.split] += 1
    return {label: dict(counts[label]) for label in sorted(counts)}


def _copies(
    rows: Mapping[str, MemberRow],
    stands: Mapping[str, decisions.Standing],
    paths: Mapping[str, str],
) -> tuple[Copies, ...]:
    """The families, the largest first."""
    found: dict[str, list[tuple[str, str, bool]]] = defaultdict(list)
    for sha, row in rows.items():
        if row.keeper and row.relation and sha in paths and row.keeper in paths:
            dropped = sha in stands and stands[sha].dropped
            found[row.keeper].append((paths[sha], row.relation, dropped))
    whole = [Copies(paths[keeper], tuple(sorted(many))) for keeper, many in found.items()]
    return tuple(sorted(whole, key=lambda one: (-len(one.members), one.keeper)))


def _overlap(cat: Catalogue) -> Counter[tuple[str, str]]:
    """Pairs of engines (a pair of the same: what it alone showed) → pictures."""
    engines: dict[str, set[str]] = defaultdict(set)
    for (_, engine, _, _), (sha, _) in images.sources(cat).items():
        engines[sha].add(engine)
    counts: Counter[tuple[str, str]] = Counter()
    for names in engines.values():
        if len(names) == 1:
            (only,) = names
            counts[only, only] += 1
        counts.update(combinations(sorted(names), 2))
    return counts


def _straddling(rows: Mapping[str, MemberRow], placed: Mapping[str, Placement]) -> int:
    groups: dict[str, list[str]] = defaultdict(list)
    for sha, one in placed.items():
        row = rows.get(sha)
        if row is not None and row.split_group:
            groups[row.split_group].append(one.split)
    return sum(len(splits) for splits in groups.values() if len(set(splits)) > 1)


def _reviewed(
    stands: Mapping[str, decisions.Standing], placed: Mapping[str, Placement]
) -> tuple[Reviewed, ...]:
    there: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for sha, one in placed.items():
        there[one.label] += 1
        stand = stands.get(sha)
        if stand is None or stand.person is None:
            continue
        seen[one.label] += 1
        moved = stand.person.label not in (None, one.label)
        wrong[one.label] += stand.person.decision == "drop" or moved
    return tuple(
        Reviewed(label, there[label], seen[label], wrong[label]) for label in sorted(there)
    )


def _licences(cat: Catalogue, placed: Mapping[str, Placement]) -> Counter[str]:
    """The licence that the engine was asked for, or stated, of each picture in the tree."""
    asked: dict[str, str] = {}
    for sha, origins in placements.origins(cat).items():
        stated = [one.licence for one in origins if one.licence]
        licences = stated or [one.licence_asked for one in origins if one.licence_asked]
        if licences:
            asked[sha] = licences[0]
    return Counter(asked.get(sha, "unknown") for sha in placed)


def label_order(facts: DatasetFacts) -> Sequence[str]:
    """The labels in the recipe's order, missing ones first."""
    return sorted(facts.status.totals, key=lambda slug: slug not in facts.missing)
