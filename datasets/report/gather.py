"""A dataset in numbers: read once from the catalogue, for the page and for the terminal."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

from ...scraper.models import SETTLED
from ..catalogue import (
    accounts,
    decisions,
    families,
    images,
    label_findings,
    measurements,
    placements,
    searches,
)
from ..curate.conflicts import best_label
from ..curate.rules import DUPLICATE
from ..pool_files import missing_files
from ..review.precision import precision_of
from ..status import filters_text
from ..status import report as status_report

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from ..catalogue import Catalogue
    from ..catalogue.families import MemberRow
    from ..catalogue.placements import Placement
    from ..project import Project
    from ..recipe import Recipe
    from ..review.precision import PrecisionRow
    from ..status import DatasetStatus, Line

EXAMPLES = 8  # pictures shown of what is out for one reason
_OF_COPIES = (DUPLICATE, decisions.OTHER_KEPT)


@dataclass(frozen=True, slots=True)
class QueryYield:
    """What a label's query brought: `new` pictures that none of its earlier queries showed.

    `line` is its row of the funnel, None where it has none; `why` is what was lost on the way.
    `off_topic` is how many looked so in the last check of labels, None where it did not say.
    """

    label: str
    term: str
    found: int
    new: int
    line: Line | None = None
    why: Mapping[str, int] = field(default_factory=dict)
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
class LeftOut:
    """What is out for one reason: how many pictures, by whom, and the paths of some."""

    reason: str
    by: str
    number: int
    examples: tuple[str, ...]


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
    left_out: tuple[LeftOut, ...]  # for other reasons than that a copy stays
    engine_losses: Mapping[str, Mapping[str, int]]
    shared: Mapping[tuple[str, str], int]
    overlap: Mapping[tuple[str, str], int]
    compared: bool  # whether copies were looked for at all
    straddling: int  # pictures of split groups that lie on two splits
    precision: tuple[PrecisionRow, ...]
    licences: Mapping[str, int]
    times: searches.SearchTimes
    bytes: int
    bytes_by_label: Mapping[str, int]
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
        gone = missing_files(project, cat)
        status = status_report(cat, recipe, gone)
        losses = _Losses(cat, gone)
        return DatasetFacts(
            name=recipe.name or project.root.resolve().name,
            description=recipe.description or "",
            status=status,
            yields=_yields(cat, status, losses),
            unsettled=tuple(
                (one.engine, one.term, one.outcome or "not finished", one.detail or "")
                for one in searches.searches(cat)
                if one.outcome not in (*SETTLED, "imported")
            ),
            splits=_splits(placed),
            sizes=tuple(
                (facts.width, facts.height)
                for facts in measurements.each_facts(cat, thumbs=False)
                if facts.sha256 in placed or not placed
            ),
            copies=_copies(rows, stands, paths),
            left_out=_left_out(stands, paths),
            engine_losses={
                name: losses.of_engine(name, line) for name, line in status.engines.items()
            },
            shared=Counter(pair for one in pool for pair in combinations(sorted(one.labels), 2)),
            overlap=_overlap(cat),
            compared=bool(rows),
            straddling=_straddling(rows, placed),
            precision=precision_of(placed, stands, placements.engines_of_placed(cat)),
            licences=_licences(cat, placed),
            times=searches.search_times(cat),
            bytes=sum(one.bytes for one in pool),
            bytes_by_label=_bytes_by_label(pool),
            pictures=len(pool),
            placed={sha: (one.label, one.split) for sha, one in placed.items()},
        )


class _Losses:
    """Where sightings stopped and why, by engine and by query."""

    def __init__(self, cat: Catalogue, gone: Collection[str]) -> None:
        numbers = accounts.search_numbers(cat)
        searched = {number: asked for asked, number in numbers.items()}
        self._of_engine: dict[str, Counter[str]] = defaultdict(Counter)
        self._of_query: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for one in accounts.accounts(cat, gone):
            label, engine, query = searched[one.search]
            self._of_engine[engine][one.reason] += one.number
            self._of_query[label, query][one.reason] += one.number

    def of_engine(self, name: str, line: Line) -> dict[str, int]:
        """Why fewer of an engine's are kept than it showed; the numbers add up."""
        return _whole(line, self._of_engine[name])

    def of_query(self, asked: tuple[str, str], line: Line) -> dict[str, int]:
        """The same of a label's query."""
        return _whole(line, self._of_query[asked])


def _whole(line: Line, lost: Counter[str]) -> dict[str, int]:
    """What was lost once a picture was there, and before, where anything was looked at."""
    why = Counter(lost) if line.kept is not None else Counter()
    if line.found > line.fetched:
        why["without a picture"] = line.found - line.fetched
    return dict(why.most_common())


def _yields(cat: Catalogue, status: DatasetStatus, losses: _Losses) -> tuple[QueryYield, ...]:
    """The queries that brought least for what they showed first."""
    lines = {(one.label, one.term, one.filters): one for one in status.queries()}
    astray = {(one.label, one.query): one.off_topic for one in label_findings.topics(cat)}
    found = []
    for (label, query), (new, seen) in searches.yields(cat).items():
        term, filters = searches.read_query(query).term, filters_text(query)
        line = lines.get((label, term, filters))
        why = losses.of_query((label, query), line) if line else {}
        asked = f"{term} {filters}".strip()
        odd = astray.get((label, term))
        found.append(QueryYield(label, asked, seen, new, line, why, odd))
    return tuple(sorted(found, key=lambda one: (one.share, one.label, one.term)))


def _left_out(
    stands: Mapping[str, decisions.Standing], paths: Mapping[str, str]
) -> tuple[LeftOut, ...]:
    """What is out, by reason, the commonest first; copies are told by their families."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for sha, stand in stands.items():
        verdict = stand.verdict
        if verdict and stand.dropped and sha in paths and verdict.reason not in _OF_COPIES:
            found[verdict.reason, verdict.by].append(paths[sha])
    return tuple(
        LeftOut(reason, by, len(many), tuple(sorted(many)[:EXAMPLES]))
        for (reason, by), many in sorted(found.items(), key=lambda one: (-len(one[1]), one[0]))
    )


def _bytes_by_label(pool: Sequence[images.ImageRecord]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for one in pool:
        counts[best_label(one.labels) or ""] += one.bytes
    return dict(counts)


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
