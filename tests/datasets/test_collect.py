"""The two passes with honest doubles: an engine that shows a list, a web that is a dict."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from pixset.datasets.catalogue import images, searches
from pixset.datasets.collect import CollectOptions, CollectReport, collect
from pixset.datasets.collect.image_store import keep
from pixset.datasets.collect.quotas import parts, taken
from pixset.datasets.commands.summaries import run_blocks
from pixset.datasets.errors import AllEnginesBlocked, DatasetError, LayoutChanged
from pixset.datasets.files import FileGroup
from pixset.datasets.project import Project
from pixset.datasets.recipe import Asked, Label, Recipe
from pixset.datasets.recipe.allocation import Ask
from pixset.datasets.status import report
from pixset.scraper.errors import DriverError, FetchFailed
from pixset.scraper.fetch import Fetched, FetchLimits, Job
from pixset.scraper.fetch.formats import sniff
from pixset.scraper.models import Candidate, Outcome, Query
from pixset.scraper.search import ResultBatch, SearchStatus
from pixset.scraper.search.counts import Counts
from support.catalogues import per_engine_and_term

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path


def picture(text: str) -> bytes:
    """Bytes with a JPEG's signature: nothing here decodes them."""
    return b"\xff\xd8\xff\xe0" + text.encode() + b"\xff\xd9"


def result(engine: str, rank: int, *, preview: str | None = "", title: str = "") -> Candidate:
    base = f"https://{engine}.example/{rank}"
    return Candidate(
        engine,
        f"{engine}{rank}",
        rank,
        f"{base}/full.jpg",
        f"{base}/small.jpg" if preview == "" else preview,
        f"{base}/page",
        title or f"result {rank}",
    )


@dataclass
class ShownSearch:
    """A page that shows `results` in pieces of `piece`, then ends as `outcome`."""

    results: Sequence[Candidate]
    outcome: Outcome
    piece: int = 5
    page: str | None = None
    previews: Mapping[str, bytes] = field(default_factory=dict)
    status: SearchStatus | None = None
    wanted: int | None = None
    stopped: bool = False
    counts: Counts = field(default_factory=Counts)

    def __iter__(self) -> Iterator[ResultBatch]:
        for start in range(0, len(self.results), self.piece):
            if self.stopped:
                break
            piece = tuple(self.results[start : start + self.piece])
            yield ResultBatch(
                piece, {c.key: self.previews[c.key] for c in piece if c.key in self.previews}
            )
        outcome = Outcome.LIMIT if self.stopped else self.outcome
        self.status = SearchStatus(outcome, f"{outcome} said", self.page, self.counts)

    def stop(self) -> None:
        self.stopped = True


@dataclass
class Double:
    """An engine's browser: term → results; remembers what it was asked."""

    engine: str
    shelves: Mapping[str, Sequence[Candidate]]
    outcome: Outcome = Outcome.EXHAUSTED
    piece: int = 5
    page: str | None = None
    previews: Mapping[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    closed: int = 0
    counts: Counts = field(default_factory=Counts)
    shown: list[ShownSearch] = field(default_factory=list)

    def search(self, query: Query) -> ShownSearch:
        self.asked.append(query.term)
        shelf = self.shelves.get(query.term, ())
        empty = not shelf and self.outcome is Outcome.EXHAUSTED
        outcome = Outcome.EMPTY if empty else self.outcome
        shown = ShownSearch(
            shelf, outcome, self.piece, self.page, self.previews, counts=self.counts
        )
        self.shown.append(shown)
        return shown

    def stop(self) -> None: ...

    def close(self) -> None:
        self.closed += 1


@dataclass
class Web:
    """URL → bytes or a failure's reason; remembers what it was asked, with which referer."""

    answers: dict[str, bytes | str] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    def fetch_all(
        self, jobs: Iterable[Job], limits: FetchLimits | None = None
    ) -> Iterator[tuple[Job, Fetched | FetchFailed]]:
        del limits
        for job in jobs:
            self.asked.append((job.url, job.referer))
            answer = self.answers.get(job.url, picture(job.url))
            if isinstance(answer, str):
                yield job, FetchFailed(answer)
            else:
                kind = sniff(answer) or "jpg"
                yield job, Fetched(job.url, job.url, answer, kind, f"image/{kind}", 200)


ENGINES = ("google", "bing", "yahoo")
RECIPE = Recipe("test", (Label("pizza", queries=(Asked(Query("pizza")),), exclude=("logo",)),))


def shelf(engine: str, number: int) -> list[Candidate]:
    return [result(engine, rank) for rank in range(1, number + 1)]


def run(
    root: Path,
    doubles: Mapping[str, Double],
    limit: int = 30,
    *,
    web_: Web | None = None,
    asks: Sequence[Ask] | None = None,
    recipe: Recipe = RECIPE,
    **ways: object,
) -> CollectReport:
    chosen = CollectOptions(
        doubles.__getitem__,
        tuple(doubles),
        fetch_all=(web_ or Web()).fetch_all,
        **ways,  # type: ignore[arg-type]  # the test's own keywords
    )
    asked = asks or [Ask("pizza", Query("pizza"), limit)]
    return collect(Project(root), recipe, asked, chosen)


def state(root: Path) -> tuple[object, ...]:
    """What a dataset holds, without times."""
    with Project(root).open_catalogue() as cat:
        files = sorted(p.relative_to(root).as_posix() for p in root.glob("images/*/*"))
        asked = [replace(one, detail=None) for one in searches.searches(cat)]
        return (
            asked,
            searches.sightings(cat),
            images.images(cat),
            sorted(images.sources(cat)),
            files,
        )


def per_engine(root: Path) -> dict[str, int]:
    with Project(root).open_catalogue() as cat:
        return {one.engine: one.found for one in searches.searches(cat)}


def test_a_limit_is_parted_evenly_and_the_first_engines_take_the_remainder() -> None:
    assert parts(10, ENGINES, {}) == {"google": 4, "bing": 3, "yahoo": 3}
    assert parts(10, ENGINES, {"bing": 1}) == {"google": 5, "yahoo": 4}
    assert parts(10, ENGINES, {"bing": 1, "google": 12}) == {"yahoo": 0}
    assert parts(10, (), {}) == {}


def test_a_quota_takes_the_best_ranks_whatever_order_they_came_in() -> None:
    seen = shelf("bing", 9)
    backwards = taken(reversed(seen), 4, lambda _one: True)
    assert [one.rank for one in backwards] == [1, 2, 3, 4]


def test_what_does_not_count_is_taken_along_and_fills_nothing() -> None:
    seen = shelf("bing", 9)
    chosen = taken(seen, 3, lambda one: one.rank % 2 == 0)
    assert [one.rank for one in chosen] == [1, 2, 3, 4, 5, 6]


def test_a_search_is_told_of_how_many_results_previews_are_wanted(tmp_path: Path) -> None:
    results = shelf("bing", 500)
    for place in (3, 8):  # these do not count, and are taken along
        results[place] = result("bing", place + 1, title="a logo")
    doubles = {
        "google": Double("google", {"pizza": shelf("google", 4)}, piece=2),
        "bing": Double("bing", {"pizza": results}, piece=500),
    }
    run(tmp_path, doubles, 30)
    assert per_engine(tmp_path) == {"google": 4, "bing": 28}
    assert [search.wanted for search in doubles["bing"].shown] == [28]
    assert [search.wanted for search in doubles["google"].shown] == [None]


def test_a_search_is_told_what_is_wanted_before_its_first_reading(tmp_path: Path) -> None:
    told = []

    class EarlySearch(ShownSearch):
        def __iter__(self) -> Iterator[ResultBatch]:
            told.append(self.wanted)
            return super().__iter__()

    class EarlyDouble(Double):
        def search(self, query: Query) -> ShownSearch:
            return EarlySearch(self.shelves[query.term], self.outcome)

    run(tmp_path, {"bing": EarlyDouble("bing", {"pizza": shelf("bing", 90)})}, 17)
    assert told == [17]


def test_inline_previews_nobody_had_decoded_are_kept_when_they_are_taken(tmp_path: Path) -> None:
    shown = [
        result(
            "bing",
            n,
            preview=f"data:image/jpeg;base64,{base64.b64encode(picture(str(n))).decode()}",
        )
        for n in range(1, 10)
    ]
    assert run(tmp_path, {"bing": Double("bing", {"pizza": shown})}, 4).came == {"inline": 4}


def test_each_engine_gives_its_part(tmp_path: Path) -> None:
    doubles = {name: Double(name, {"pizza": shelf(name, 50)}) for name in ENGINES}
    done = run(tmp_path, doubles, 30)
    assert per_engine(tmp_path) == {"google": 10, "bing": 10, "yahoo": 10}
    assert {look.outcome for look in done.looks} == {Outcome.LIMIT}
    assert len(list(tmp_path.glob("images/pizza/*.jpg"))) == 30
    assert [double.closed for double in doubles.values()] == [1, 1, 1]


def test_what_one_engine_cannot_give_the_others_are_asked_for_where_they_are(
    tmp_path: Path,
) -> None:
    doubles = {name: Double(name, {"pizza": shelf(name, 50)}) for name in ENGINES}
    doubles["bing"].shelves = {"pizza": shelf("bing", 4)}
    run(tmp_path, doubles, 30)
    assert per_engine(tmp_path) == {"google": 13, "bing": 4, "yahoo": 13}
    assert doubles["google"].asked == ["pizza"]  # resumed, not begun again


@pytest.mark.parametrize("piece", [1, 3, 7, 50])
def test_the_set_does_not_depend_on_how_the_pages_came(tmp_path: Path, piece: int) -> None:
    shelves = {"google": 9, "bing": 50, "yahoo": 20}
    for name, size in (("one", piece), ("other", 5)):
        doubles = {e: Double(e, {"pizza": shelf(e, n)}, piece=size) for e, n in shelves.items()}
        run(tmp_path / name, doubles, 60)
    assert state(tmp_path / "one") == state(tmp_path / "other")
    assert per_engine(tmp_path / "one") == {"google": 9, "bing": 31, "yahoo": 20}


def test_a_second_run_asks_nobody_anything(tmp_path: Path) -> None:
    doubles = {name: Double(name, {"pizza": shelf(name, 50)}) for name in ENGINES}
    run(tmp_path, doubles, 30)
    before = state(tmp_path)
    again = {name: Double(name, {"pizza": shelf(name, 50)}) for name in ENGINES}
    network = Web()
    done = run(tmp_path, again, 30, web_=network)
    assert not any(double.asked for double in again.values())
    assert not network.asked
    assert done.skipped == 3
    assert state(tmp_path) == before


SVG = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
PIXEL = b"GIF89a\x01\x00\x01\x00" + bytes(30)


@pytest.mark.parametrize("drawing", [SVG, PIXEL], ids=["vectors", "a pixel"])
def test_a_preview_without_pixels_gives_way_to_what_has_some(
    tmp_path: Path, drawing: bytes
) -> None:
    shown = {one.key: drawing for one in shelf("bing", 6)}
    doubles = {"bing": Double("bing", {"pizza": shelf("bing", 6)}, previews=shown)}
    small = {one.preview: SVG for one in shelf("bing", 3) if one.preview}
    done = run(tmp_path, doubles, 6, web_=Web(dict(small)))
    with Project(tmp_path).open_catalogue() as cat:
        assert [one.extension for one in images.images(cat)] == ["jpg"] * 6
    assert done.failed == {"not-an-image": 3}
    assert done.fallbacks == 3


def test_a_picture_whose_file_is_gone_is_asked_for_again_and_no_other(tmp_path: Path) -> None:
    doubles = {"bing": Double("bing", {"pizza": shelf("bing", 6)})}
    run(tmp_path, doubles, 6)
    before = state(tmp_path)
    third = next(tmp_path.glob("images/*/*"))
    data = third.read_bytes()
    third.unlink()
    web = Web()
    done = run(tmp_path, doubles, 6, web_=web)
    assert len(web.asked) == 1
    assert done.came == {"http": 1}
    assert third.read_bytes() == data
    assert state(tmp_path) == before
    assert run(tmp_path, doubles, 6).idle


def test_an_address_that_has_another_picture_now_gives_that_for_a_lost_one(tmp_path: Path) -> None:
    doubles = {"bing": Double("bing", {"pizza": shelf("bing", 4)})}
    run(tmp_path, doubles, 4)
    lost = next(tmp_path.glob("images/*/*"))
    lost.unlink()
    web = Web({f"https://bing.example/{n}/small.jpg": picture(f"new {n}") for n in range(1, 5)})
    run(tmp_path, doubles, 4, web_=web)
    assert not lost.exists()
    assert len(list(tmp_path.glob("images/*/*"))) == 4
    assert run(tmp_path, doubles, 4).idle


def test_an_engine_whose_part_others_brought_is_named_and_not_called_finished(
    tmp_path: Path,
) -> None:
    *first, later = ENGINES
    run(tmp_path, {name: Double(name, {"pizza": shelf(name, 50)}) for name in first}, 30)
    double = Double(later, {"pizza": shelf(later, 50)})
    done = run(tmp_path, {later: double}, 30)
    assert not double.asked
    assert done.skipped == 0
    assert done.unasked == (later,)
    assert any(f"not asked: {later}" in line for line in run_blocks(done))


def test_a_higher_limit_brings_only_what_is_missing(tmp_path: Path) -> None:
    for limit in (12, 30):
        network = Web()
        doubles = {name: Double(name, {"pizza": shelf(name, 50)}) for name in ENGINES}
        run(tmp_path / "grown", doubles, limit, web_=network)
    assert len(network.asked) == 18
    doubles = {name: Double(name, {"pizza": shelf(name, 50)}) for name in ENGINES}
    run(tmp_path / "at_once", doubles, 30)
    assert state(tmp_path / "grown") == state(tmp_path / "at_once")


def test_one_engines_refusal_is_named_and_the_others_fill_its_part(tmp_path: Path) -> None:
    doubles = {name: Double(name, {"pizza": shelf(name, 50)}) for name in ENGINES}
    doubles["google"] = Double("google", {}, Outcome.CAPTCHA)
    asks = [Ask("pizza", Query("pizza"), 30), Ask("pizza", Query("pizza slice"), 6)]
    for double in doubles.values():
        double.shelves = {**double.shelves, "pizza slice": shelf(double.engine + "s", 50)}
    done = run(tmp_path, doubles, asks=asks)
    assert doubles["google"].asked == ["pizza"]  # given up after the captcha
    outcomes = {(look.engine, look.term): look.outcome for look in done.looks}
    assert outcomes["google", "pizza"] is Outcome.CAPTCHA
    assert outcomes["bing", "pizza slice"] is Outcome.LIMIT
    assert per_engine_and_term(tmp_path)["bing", "pizza"] == 15
    assert per_engine_and_term(tmp_path)["yahoo", "pizza slice"] == 3
    assert done.refusal() is None


def test_all_engines_refusing_is_an_error_with_its_own_code(tmp_path: Path) -> None:
    done = run(tmp_path, {name: Double(name, {}, Outcome.CAPTCHA) for name in ENGINES})
    refusal = done.refusal()
    assert isinstance(refusal, AllEnginesBlocked)
    assert refusal.exit_code == 4


def test_all_layouts_changed_is_an_error_and_the_pages_are_kept(tmp_path: Path) -> None:
    doubles = {n: Double(n, {}, Outcome.LAYOUT_CHANGED, page=f"<p>{n}</p>") for n in ENGINES}
    done = run(tmp_path, doubles)
    assert isinstance(done.refusal(), LayoutChanged)
    kept = sorted(page.read_text() for page in (tmp_path / "pages").glob("*.html"))
    assert kept == ["<p>bing</p>", "<p>google</p>", "<p>yahoo</p>"]
    assert all("pages/" in look.detail for look in done.looks)


def test_no_browser_at_all_is_the_drivers_error(tmp_path: Path) -> None:
    def make(_engine: str) -> Double:
        raise DriverError("no browser found", "No browser")

    ways = CollectOptions(make, ENGINES, fetch_all=Web().fetch_all)
    done = collect(Project(tmp_path), RECIPE, [Ask("pizza", Query("pizza"), 3)], ways)
    refusal = done.refusal()
    assert isinstance(refusal, DriverError)
    assert refusal.exit_code == 3


def test_a_refused_search_is_tried_again_by_the_next_run(tmp_path: Path) -> None:
    run(tmp_path, {"google": Double("google", {}, Outcome.RATE_LIMITED)}, 5)
    later = Double("google", {"pizza": shelf("google", 9)})
    run(tmp_path, {"google": later}, 5)
    assert later.asked == ["pizza"]
    assert per_engine(tmp_path) == {"google": 5}


@pytest.mark.parametrize("outcome", [Outcome.SUSPECT, Outcome.STUCK, Outcome.UNREACHABLE])
def test_what_is_not_settled_is_asked_again_by_the_next_run(
    tmp_path: Path, outcome: Outcome
) -> None:
    run(tmp_path, {"bing": Double("bing", {"pizza": shelf("bing", 2)}, outcome)}, 5)
    later = Double("bing", {"pizza": shelf("bing", 9)})
    run(tmp_path, {"bing": later}, 5)
    assert later.asked == ["pizza"]
    assert per_engine(tmp_path) == {"bing": 5}


@pytest.mark.parametrize(("outcome", "asked"), [(Outcome.SUSPECT, 2), (Outcome.UNREACHABLE, 1)])
def test_an_engine_that_is_away_is_given_up_and_one_that_deceives_at_the_second_time(
    tmp_path: Path, outcome: Outcome, asked: int
) -> None:
    double = Double("bing", {}, outcome)
    asks = [Ask("pizza", Query(f"pizza {n}"), 5) for n in range(4)]
    done = run(tmp_path, {"bing": double}, asks=asks)
    assert len(double.asked) == asked
    refusal = done.refusal()
    assert isinstance(refusal, AllEnginesBlocked)
    assert refusal.exit_code == 4


def test_an_engine_that_is_stuck_has_answered(tmp_path: Path) -> None:
    done = run(tmp_path, {"bing": Double("bing", {"pizza": shelf("bing", 3)}, Outcome.STUCK)}, 9)
    assert done.refusal() is None
    assert per_engine(tmp_path) == {"bing": 3}


def test_a_site_that_the_recipe_leaves_out_is_neither_asked_nor_counted(tmp_path: Path) -> None:
    results = [
        replace(one, image_url=f"https://image.shutterstock.com/{n}.jpg") if n % 2 else one
        for n, one in enumerate(shelf("bing", 20))
    ]
    recipe = replace(RECIPE, exclude_hosts=("shutterstock.com",))
    ways = CollectOptions(
        lambda engine: Double(engine, {"pizza": results}), ("bing",), fetch_all=Web().fetch_all
    )
    project = Project(tmp_path)
    collect(project, recipe, [Ask("pizza", Query("pizza"), 8)], ways)
    with project.open_catalogue() as cat:
        told = report(cat, recipe)
    assert told.totals["pizza"].fetched == 8
    assert told.missing["pizza"] == {"site shutterstock.com left out": 7}


def test_what_a_search_counted_is_kept_with_it(tmp_path: Path) -> None:
    double = Double("bing", {"pizza": shelf("bing", 3)})
    double.counts = Counts(3, 2, 3, 0.5, {"iusc": 3})
    run(tmp_path, {"bing": double}, 9)
    with Project(tmp_path).open_catalogue() as cat:
        (search,) = searches.searches(cat)
    assert json.loads(search.counts or "") == {
        "results": 3, "originals": 2, "previews": 3, "on_topic": 0.5, "extractors": {"iusc": 3},
    }  # fmt: skip


def test_a_base64_preview_is_kept_at_once_and_its_uri_is_not(tmp_path: Path) -> None:
    data = picture("inline")
    uri = "data:image/jpeg;base64," + base64.b64encode(data).decode()
    double = Double("google", {"pizza": [result("google", 1, preview=uri)]})
    network = Web()
    done = run(tmp_path, {"google": double}, web_=network)
    assert not network.asked
    assert done.came == {"inline": 1}
    assert [path.read_bytes() for path in tmp_path.glob("images/pizza/*.jpg")] == [data]
    with Project(tmp_path).open_catalogue() as cat:
        (sighting,) = searches.sightings(cat)
        assert sighting.preview_url is not None
        assert len(sighting.preview_url) == len("data:") + 64


def test_a_preview_that_the_browser_holds_is_not_asked_for_again(tmp_path: Path) -> None:
    held = {f"google{rank}": picture(f"held {rank}") for rank in (1, 3)}
    double = Double("google", {"pizza": shelf("google", 3)}, previews=held)
    network = Web()
    done = run(tmp_path, {"google": double}, web_=network)
    assert [url for url, _ in network.asked] == ["https://google.example/2/small.jpg"]
    assert done.came == {"browser": 2, "http": 1}


def test_the_page_is_the_referer(tmp_path: Path) -> None:
    network = Web()
    run(tmp_path, {"bing": Double("bing", {"pizza": shelf("bing", 1)})}, web_=network)
    assert network.asked == [("https://bing.example/1/small.jpg", "https://bing.example/1/page")]


def test_originals_fall_back_to_the_preview_and_say_so(tmp_path: Path) -> None:
    network = Web({"https://bing.example/1/full.jpg": "http-404"})
    double = Double("bing", {"pizza": shelf("bing", 2)})
    done = run(tmp_path, {"bing": double}, web_=network, source="original")
    assert done.fallbacks == 1
    assert done.failed == {"http-404": 1}
    with Project(tmp_path).open_catalogue() as cat:
        sources = {key[3]: source for key, (_, source) in images.sources(cat).items()}
        assert sources == {"bing1": "fallback", "bing2": "original"}


def test_with_originals_a_base64_preview_is_no_second_picture(tmp_path: Path) -> None:
    uris = [
        "data:image/jpeg;base64," + base64.b64encode(picture(f"inline {n}")).decode()
        for n in (1, 2)
    ]
    shown = [result("google", rank, preview=uri) for rank, uri in enumerate(uris, start=1)]
    network = Web({"https://google.example/2/full.jpg": "connection"})
    run(tmp_path, {"google": Double("google", {"pizza": shown})}, web_=network, source="original")
    with Project(tmp_path).open_catalogue() as cat:
        sources = {key[3]: source for key, (_, source) in images.sources(cat).items()}
    assert sources == {"google1": "original", "google2": "fallback"}
    assert len(list(tmp_path.glob("images/pizza/*.jpg"))) == 2


def test_asking_for_originals_later_replaces_the_previews(tmp_path: Path) -> None:
    for source in ("preview", "original"):
        doubles = {"bing": Double("bing", {"pizza": shelf("bing", 2)})}
        run(tmp_path, doubles, source=source)
    with Project(tmp_path).open_catalogue() as cat:
        assert {source for _, source in images.sources(cat).values()} == {"original"}
        assert len(images.sources(cat)) == 2


def test_passing_failures_are_tried_once_more_by_the_next_run_and_others_not(
    tmp_path: Path,
) -> None:
    small = "https://bing.example/{}/small.jpg"
    only_previews = [replace(one, image_url=None) for one in shelf("bing", 4)]
    answers: dict[str, bytes | str] = {
        small.format(1): "connection",
        small.format(2): "http-503",
        small.format(3): "http-404",
    }
    run(tmp_path, {"bing": Double("bing", {"pizza": only_previews})}, web_=Web(answers))
    network = Web()
    run(tmp_path, {"bing": Double("bing", {"pizza": only_previews})}, web_=network)
    assert [url for url, _ in network.asked] == [small.format(1), small.format(2)]
    with Project(tmp_path).open_catalogue() as cat:
        fates = images.fates(cat)
        assert len(fates) == 4
        assert fates[small.format(3)].failure == "http-404"
        assert fates[small.format(1)].sha256


def test_a_title_that_the_label_excludes_is_seen_but_neither_counted_nor_fetched(
    tmp_path: Path,
) -> None:
    shown = [result("bing", 1, title="Pizza LOGOS, free"), *shelf("bing", 4)[1:]]
    network = Web()
    run(tmp_path, {"bing": Double("bing", {"pizza": shown})}, 2, web_=network)
    assert per_engine(tmp_path) == {"bing": 3}
    assert len(network.asked) == 2


def test_one_picture_under_two_labels_is_one_file_and_one_fetch(tmp_path: Path) -> None:
    both = Recipe("two", (*RECIPE.labels, Label("pie", queries=(Asked(Query("pie")),))))
    double = Double("bing", {"pizza": shelf("bing", 2), "pie": shelf("bing", 2)})
    network = Web()
    asks = [Ask("pizza", Query("pizza"), 9), Ask("pie", Query("pie"), 9)]
    run(tmp_path, {"bing": double}, recipe=both, asks=asks, web_=network)
    assert len(network.asked) == 2
    with Project(tmp_path).open_catalogue() as cat:
        assert [set(one.labels) for one in images.images(cat)] == [{"pizza", "pie"}] * 2


def test_bytes_that_come_twice_in_one_group_are_one_file(tmp_path: Path) -> None:
    project = Project(tmp_path)
    data = picture("https://example.org/a.jpg")
    with (
        project.open_catalogue(create=True) as cat,
        ThreadPoolExecutor(2) as flushing,
        cat.transaction(),
        FileGroup(flushing) as files,
    ):
        first, second = (keep(project, cat, "pizza", data, "jpg", files) for _ in range(2))
    assert first == second
    assert [path.read_bytes() for path in project.images.rglob("*.*")] == [data]


def test_expanding_adds_queries_until_the_label_is_full_and_reports_each_yield(
    tmp_path: Path,
) -> None:
    shelves = {"pizza": shelf("bing", 10), "fresh pizza": shelf("bing", 10)}
    shelves["small pizza"] = shelf("other", 90)
    recipe = replace(RECIPE, expand=replace(RECIPE.expand, since=(), types=()))
    done = collect(
        Project(tmp_path),
        recipe,
        [Ask("pizza", Query("pizza"), 40)],
        CollectOptions(
            {"bing": Double("bing", shelves)}.__getitem__, ("bing",), fetch_all=Web().fetch_all
        ),
        fill={"pizza": 40},
    )
    assert [(one.query.term, one.new) for one in done.yields][:2] == [
        ("fresh pizza", 0),
        ("small pizza", 45),
    ]


def test_expanding_stops_when_nothing_new_comes(tmp_path: Path) -> None:
    shelves = {f"{w} pizza".strip(): shelf("bing", 99) for w in ("", *RECIPE.expand.adjectives)}
    double = Double("bing", shelves)
    recipe = replace(RECIPE, expand=replace(RECIPE.expand, since=(), types=()))
    done = collect(
        Project(tmp_path),
        recipe,
        [Ask("pizza", Query("pizza"), 99)],
        CollectOptions({"bing": double}.__getitem__, ("bing",), fetch_all=Web().fetch_all),
        fill={"pizza": 500},
    )
    assert len(done.yields) == 3
    assert [one.found for one in done.yields] == [30, 30, 30]  # each stopped at its probe


def test_a_second_writer_is_refused_in_one_line(tmp_path: Path) -> None:
    with (
        Project(tmp_path).open_catalogue(create=True),
        pytest.raises(DatasetError, match="already writes this dataset"),
    ):
        run(tmp_path, {"bing": Double("bing", {})})


def test_a_pool_that_cannot_be_written_ends_the_run_and_all_its_browsers(tmp_path: Path) -> None:
    (tmp_path / "images").write_text("a file where a folder is to be")
    held = {f"yahoo{rank}": picture(f"held {rank}") for rank in range(1, 9)}
    doubles = {name: Double(name, {"pizza": shelf(name, 50)}) for name in ENGINES}
    doubles["yahoo"].previews = held
    with pytest.raises(DatasetError, match="cannot be written"):
        run(tmp_path, doubles, 24)
    assert all(double.closed == len(double.asked) for double in doubles.values())


def test_an_error_in_one_engines_thread_ends_the_run_and_is_not_swallowed(tmp_path: Path) -> None:
    class Broken(Double):
        def search(self, query: Query) -> ShownSearch:
            super().search(query)
            raise ZeroDivisionError

    doubles: dict[str, Double] = {
        name: Double(name, {"pizza": shelf(name, 50)}) for name in ENGINES[:2]
    }
    doubles["yahoo"] = Broken("yahoo", {})
    with pytest.raises(ZeroDivisionError):
        run(tmp_path, doubles, 24)
    assert all(double.closed == len(double.asked) for double in doubles.values())
