"""Which pictures an engine shows for a term, in which order, under which addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from hashlib import sha256
from random import Random
from typing import TYPE_CHECKING, TypedDict
from urllib.parse import quote, urlencode

from .pictures import VARIANTS, ReplicaPicture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from .messages import Query
    from .pictures import PictureSource

ENGINES = ("google", "bing", "yahoo")
APIS = ("commons", "openverse")
CAPS: Mapping[str, int] = {
    "google": 400, "bing": 600, "yahoo": 400, "commons": 500, "openverse": 500,
}  # fmt: skip
"""How many results an engine shows at most, in the spirit of what the real ones do."""

_SITES = (
    "kitchen-notes.example", "pictures.example", "weekend.example", "blog.example",
    "market-hall.example", "daily-plate.example", "archive.example", "studio.example",
    "travel-log.example", "handbook.example", "wiki.example", "garden.example",
)  # fmt: skip
_TITLES = (
    "The best {term} I ever had", "{Term}: 12 ideas & a “secret”", "How to recognise {term}",
    "{Term} - stock photo", 'A "real" {term} in Málaga', "{term} | Weekend Journal",
    "10+ {Term} pictures [2024]", "{Term} für Anfänger — Schritt für Schritt",
    "Why {term} = happiness?", "{Term} <b>HD</b> wallpaper", "今日の{term}", "{term} \\\\ part 2",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Result:
    """One result as an engine shows it. Paths begin with `/`; the site puts its origin before."""

    engine: str
    rank: int
    picture: ReplicaPicture
    original: str
    page: str
    preview: str
    thumbnail: str
    inline: bool
    title: str
    width: int
    height: int
    site: str

    @property
    def key(self) -> str:
        """The engine's own name for the result, 14 characters as Google's docid."""
        return sha256(f"{self.engine}{self.original}{self.rank}".encode()).hexdigest()[:14]


@dataclass(slots=True)
class ResultList:
    """All that an engine can show for one search, and what of it has been sent so far."""

    engine: str
    term: str
    filters: str
    entries: tuple[Result, ...]
    sent: set[int] = field(default_factory=set)

    def part(self, first: int, count: int) -> tuple[Result, ...]:
        """Results from 0-based `first` on, noted as sent."""
        part = self.entries[first : first + count]
        self.sent.update(result.rank for result in part)
        return part


class PlanWords(TypedDict, total=False):
    """A plan's fields but `caps`, as keywords."""

    overlap: float
    repeats: float
    inline: Mapping[str, int]
    seed: int


@dataclass(frozen=True, slots=True)
class ResultPlan:
    """How engines choose.

    `caps` is how many results an engine shows at most, `overlap` the share of results that
    engines have in common, `repeats` the share of near-duplicates within one engine's results,
    `inline` how many of the first previews are base64, by engine.
    """

    caps: Mapping[str, int] = field(default_factory=lambda: CAPS)
    overlap: float = 0.3
    repeats: float = 0.06
    inline: Mapping[str, int] = field(
        default_factory=lambda: {"google": 20, "bing": 10, "yahoo": 0}
    )
    seed: int = 0


def make_results(
    source: PictureSource,
    plan: ResultPlan,
    engine: str,
    term: str,
    filters: str,
    fits: Callable[[int, int], bool],
) -> ResultList:
    """The results of a search; the same for the same source, plan and search.

    `filters` is the search's own spelling of its filters, empty for none; `fits` judges the
    size (width, height) of an original.
    """
    pool = source.pool(term)
    if pool is None:
        return ResultList(engine, term, filters, ())
    rng = Random(f"{plan.seed}/{engine}/{pool}/{filters}")  # noqa: S311 - pictures, not secrets
    chosen: list[ReplicaPicture] = []
    shown: set[ReplicaPicture] = set()
    for number, common in _numbers(source, plan, engine, pool, filters, rng):
        picture = ReplicaPicture(pool, number)
        if common and rng.random() < 0.6:
            picture = ReplicaPicture(pool, number, rng.choice(VARIANTS))
        if chosen and rng.random() < plan.repeats:
            again = rng.choice(chosen)
            copy = ReplicaPicture(pool, again.number, rng.choice(VARIANTS))
            if copy not in shown and fits(*source.size(copy)):
                chosen.append(copy)
                shown.add(copy)
        if len(chosen) >= plan.caps[engine]:
            break
        size = source.size(picture)
        if picture not in shown and size[0] > 0 and fits(*size):
            chosen.append(picture)
            shown.add(picture)
    chosen = chosen[: plan.caps[engine]]
    results = tuple(
        _result(source, plan, engine, rank, picture) for rank, picture in enumerate(chosen, 1)
    )
    return ResultList(engine, term, filters, results)


def _numbers(
    source: PictureSource, plan: ResultPlan, engine: str, pool: str, filters: str, rng: Random
) -> Iterator[tuple[int, bool]]:
    """(number, whether other engines may show it too), in this engine's order."""
    count = source.count(pool)
    own = _drawn(plan, engine, filters, rng) if count is None else None
    if own is not None:
        yield from own
        return
    found: list[tuple[int, bool]] = []
    for number in range(count or 0):
        lot = Random(f"{plan.seed}/{pool}/{number}")  # noqa: S311 - pictures, not secrets
        common, owner = lot.random() < plan.overlap, ENGINES[lot.randrange(3)]
        is_own = owner == engine or (engine in APIS and lot.random() < 0.3)
        if common or is_own or (filters and rng.random() < 0.4):
            found.append((number, common))
    rng.shuffle(found)
    yield from found


def _drawn(plan: ResultPlan, engine: str, filters: str, rng: Random) -> Iterator[tuple[int, bool]]:
    """Numbers without end: a share from those that all engines draw on, the rest our own.

    A filter brings mostly others, as a date window does: some 40 in 100 are known without it.
    """
    block = 1 + sha256(filters.encode()).digest()[0] if filters else 0
    start = 1_000_000 * (1 + (*ENGINES, *APIS).index(engine))
    common = own = 0
    while True:
        if rng.random() < plan.overlap:
            common += rng.choice((1, 1, 2))
            yield common, True
        else:
            own += 1
            known = block and rng.random() < 0.4
            yield start + (0 if known else 2_000 * block) + own, False


def _result(
    source: PictureSource, plan: ResultPlan, engine: str, rank: int, picture: ReplicaPicture
) -> Result:
    lot = Random(f"{picture.code()}/site")  # noqa: S311 - pictures, not secrets
    site = lot.choice(_SITES)
    width, height = source.size(picture)
    slug = re.sub(r"[^a-z0-9]+", "-", picture.pool.lower()).strip("-") or "picture"
    page = picture.number - picture.number % 2 if lot.random() < 0.2 else picture.number
    code = picture.code()
    return Result(
        engine=engine,
        rank=rank,
        picture=picture,
        original=f"/www/{site}/{slug}-{picture.number}{picture.variant}/{code}.jpg?w={width}&v=1",
        page=f"/www/{site}/{quote(picture.pool)}/{page}.html",
        preview=_preview(engine, code, width, height),
        thumbnail=_thumbnail(engine, code, rank),
        inline=rank <= plan.inline.get(engine, 0),
        title=lot.choice(_TITLES).format(term=picture.pool, Term=picture.pool.capitalize()),
        width=width,
        height=height,
        site=site,
    )


LONGEST: Mapping[str, int] = {
    "google": 275, "bing": 236, "yahoo": 300, "bing-large": 474, "commons": 330, "openverse": 600,
}  # fmt: skip
"""Pixels of a preview's longer side, by engine."""
QUALITY: Mapping[str, int] = {
    "google": 75, "bing": 80, "yahoo": 70, "bing-large": 85, "commons": 85, "openverse": 85,
}  # fmt: skip


def shown_size(engine: str, width: int, height: int) -> tuple[int, int]:
    """Width and height of the preview of an original of this size."""
    factor = min(1.0, LONGEST[engine] / max(width, height))
    return max(1, round(width * factor)), max(1, round(height * factor))


def _preview(engine: str, code: str, width: int, height: int) -> str:
    """The address that the page's tile shows."""
    across, down = shown_size(engine, width, height)
    if engine == "google":
        return f"/google/encrypted-tbn0.gstatic.com/images?q=tbn:{code}&s"
    if engine == "commons":
        folder = "/commons/upload.wikimedia.org/wikipedia/commons/thumb/a/ab"
        return f"{folder}/{code}.jpg/330px-{code}.jpg"
    if engine == "openverse":
        return f"/openverse/v1/images/{code}/thumb/"
    if engine == "bing":
        return f"/bing/th.bing.com/th/id/OIP.{code}?w={across}&h={down}&c=7&r=0&o=7&pid=1.7"
    return f"/yahoo/tse1.mm.bing.net/th?id=OIP.{code}&pid=Api&P=0&w={across}&h={down}"


def _thumbnail(engine: str, code: str, rank: int) -> str:
    """The address that the page's data names; Google and Yahoo name the one that is shown."""
    if engine == "bing":
        return f"/bing/ts{rank % 4 + 1}.mm.bing.net/th?id=OIP.{code}&pid=15.1"
    return "" if engine == "yahoo" else _preview(engine, code, 1, 1)


_FILTERS = {
    "google": ("tbs",),
    "bing": ("qft",),
    "yahoo": ("imgsz", "imgc", "imgty", "imga", "imgf", "imgt", "imgl"),
    "openverse": ("category",),
}
_STEPS = {"qsvga": 300, "vga": 480, "svga": 600, "xga": 768, "2mp": 1200, "4mp": 1704}


def filters_of(engine: str, query: Query) -> str:
    """A search's filters in one spelling; safe-search, language and region change nothing."""
    names = _FILTERS[engine]
    return urlencode([(name, query[name][0]) for name in names if query.get(name)], safe=":,")


def fits(engine: str, filters: str) -> Callable[[int, int], bool]:
    """The size filter among an engine's filters, coarsely, as a judge of width and height."""
    least = 0
    if found := re.search(r"least=(\d+)", filters):
        least = int(found[1])
    elif engine == "google" and (found := re.search(r"islt:(\w+)", filters)):
        least = _STEPS.get(found[1], 2112)
    elif found := re.search(r"custom_(\d+)_(\d+)", filters):
        least = min(int(found[1]), int(found[2]))
    elif re.search(r"isz:l|imagesize-large|imgsz=large", filters):
        least = 400
    elif "wallpaper" in filters:
        least = 500
    return lambda width, height: min(width, height) >= least
