"""What is asked for: labels with their queries, shares and targets, and how they are treated.

A recipe is read once (`toml.py`, checked by `schema.py`) into these frozen values and written back
by `edit.py`; nothing else knows its TOML.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

from ...scraper.engines import default_engines
from ...scraper.models import Filters, Query
from ..split import Ratios
from .matching import speaks_of

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCES = ("preview", "original")
CONFLICTS = ("drop", "best-rank", "ask")


class Mistake(Exception):
    """One wrong key of a recipe: `key` is dotted, `expected` the end of a sentence."""

    def __init__(self, key: str, expected: str) -> None:
        super().__init__(f"{key}: expected {expected.removeprefix('expected ')}")


def over(own: Filters, common: Filters) -> Filters:
    """`own`, and `common` where `own` leaves a filter open."""
    names = (one.name for one in fields(Filters))
    return Filters(
        **{name: getattr(common if getattr(own, name) is None else own, name) for name in names}
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """One query of a label. `stratum` is a name such as hard; `share` its part of its stratum.

    `share` None: an even part of what the stratum's other queries leave. `limit` is a number of
    candidates over all engines that stands above shares and targets.
    """

    query: Query
    stratum: str | None = None
    share: float | None = None
    limit: int | None = None

    @property
    def lang(self) -> str | None:
        """The language asked for, None for any."""
        return self.query.filters.lang


@dataclass(frozen=True, slots=True)
class Stratum:
    """A part of a label: `share` of its target; no query brings more than `cap` of the part."""

    name: str
    share: float
    cap: float | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """One class. `slug` names its folder, `definition` says what belongs to it.

    `target` is the number of pictures wanted, None: as many as come. `exclude` are words whose
    sight in a result's title leaves it out. `translations` (language → terms) are asked with
    `--expand`.
    """

    slug: str
    name: str = ""
    definition: str = ""
    queries: tuple[Asked, ...] = ()
    strata: tuple[Stratum, ...] = ()
    target: int | None = None
    exclude: tuple[str, ...] = ()
    translations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Expand:
    """What `--expand` may add to a query, and the yield (new / found) below which it stops."""

    adjectives: tuple[str, ...] = ("fresh", "small", "large", "old", "real", "homemade", "outdoor")
    since: tuple[str, ...] = ("year", "month", "week")
    types: tuple[str, ...] = ("photo",)
    colours: tuple[str, ...] = ()
    min_sizes: tuple[int, ...] = ()
    min_yield: float = 0.05


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything asked for.

    `checks` are thresholds that differ from the checks' own, `checks_off` checks that drop
    nothing. `size` is a square centre crop in pixels, `max_side` the long side's cap where the
    shape is kept, None: the layout's own. `conflict` says what happens to one picture under two
    labels. `drop_moments` drops frames and bursts of one moment like copies. `confusable` are label
    pairs that overlap by nature. `ambiguous` terms belong to no label. `exclude_hosts` are sites
    (registrable domains) from which nothing is taken. `limit` is per term over all engines where no
    label's target says it; `reserve` how many candidates are asked for one picture wanted.
    `per_class` is the target that labels of the file take which name none; `source_text` the file's
    text, whose comments are kept.
    """

    name: str
    labels: tuple[Label, ...] = ()
    description: str = ""
    seed: int = 0
    engines: tuple[str, ...] = field(default_factory=default_engines)
    source: str = "preview"
    limit: int | None = None
    reserve: float = 1.7
    filters: Filters = field(default_factory=Filters)
    expand: Expand = field(default_factory=Expand)
    split: Ratios = field(default_factory=Ratios)
    conflict: str = "drop"
    drop_moments: bool = False
    confusable: tuple[tuple[str, str], ...] = ()
    ambiguous: tuple[str, ...] = ()
    exclude_hosts: tuple[str, ...] = ()
    checks: Mapping[str, float] = field(default_factory=dict)
    checks_off: frozenset[str] = frozenset()
    size: int | None = None
    max_side: int | None = None
    pad: bool = False
    per_class: int | None = field(default=None, compare=False)
    source_text: str = field(default="", compare=False, repr=False)

    def label(self, slug: str) -> Label | None:
        """The label with this slug, or None."""
        return next((label for label in self.labels if label.slug == slug), None)

    def excluded_term(self, label: str, title: str | None) -> str | None:
        """The term in a result's title for whose sake a label leaves it out, or None."""
        known = self.label(label)
        return speaks_of(title, (*(known.exclude if known else ()), *self.ambiguous))

    @property
    def slugs(self) -> tuple[str, ...]:
        """The labels' slugs in the order in which every loader numbers them."""
        return tuple(sorted(label.slug for label in self.labels))
