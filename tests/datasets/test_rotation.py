"""Labels take turns, and no engine waits for a slow one while there is something to ask it."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pixset.datasets.collect import CollectOptions, collect
from pixset.datasets.project import Project
from pixset.datasets.recipe import Asked, Label, Recipe
from pixset.datasets.recipe.allocation import Ask
from pixset.scraper.fetch import Fetched
from pixset.scraper.models import Candidate, Outcome, Query
from pixset.scraper.search import ResultBatch, SearchStatus
from support.catalogues import per_engine_and_term

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from pixset.scraper.fetch import FetchLimits, Job

TERMS = ("pizza", "sushi")
RECIPE = Recipe("x", tuple(Label(term, queries=(Asked(Query(term)),)) for term in TERMS))


@dataclass
class Shelf:
    """An engine that shows `number` results of any term; `before` is called as each begins."""

    engine: str
    number: dict[str, int]
    before: Callable[[str], None] = lambda _term: None
    outcome: Outcome = Outcome.EXHAUSTED
    asked: list[str] = field(default_factory=list)

    def search(self, query: Query) -> Showing:
        self.asked.append(query.term)
        return Showing(self, query.term)

    def stop(self) -> None: ...

    def close(self) -> None: ...


@dataclass
class Showing:
    """One search of a shelf."""

    shelf: Shelf
    term: str
    stopped: bool = False
    status: SearchStatus | None = None

    def __iter__(self) -> Iterator[ResultBatch]:
        self.shelf.before(self.term)
        for rank in range(1, self.shelf.number.get(self.term, 0) + 1):
            if self.stopped:
                break
            key = f"{self.shelf.engine}-{self.term}-{rank}"
            url = f"https://{key}.example/a.jpg"
            one = Candidate(self.shelf.engine, key, rank, url, url, title=f"{self.term} {rank}")
            yield ResultBatch((one,))
        outcome = Outcome.LIMIT if self.stopped else self.shelf.outcome
        self.status = SearchStatus(outcome, "said")

    def stop(self) -> None:
        self.stopped = True


def fetched(
    jobs: Iterable[Job], limits: FetchLimits | None = None
) -> Iterator[tuple[Job, Fetched]]:
    del limits
    for job in jobs:
        data = b"\xff\xd8\xff\xe0" + job.url.encode() + b"\xff\xd9"
        yield job, Fetched(job.url, job.url, data, "jpg", "image/jpeg", 200)


def waiting_for(event: threading.Event) -> Callable[[str], None]:
    def wait(_term: str) -> None:
        assert event.wait(60)

    return wait


def run(root: Path, shelves: list[Shelf], limit: int, terms: Iterable[str] = TERMS) -> None:
    known = {one.engine: one for one in shelves}
    ways = CollectOptions(known.__getitem__, tuple(known), fetch_all=fetched)
    asks = [Ask(term.partition(" ")[0], Query(term), limit) for term in terms]
    done = collect(Project(root), RECIPE, asks, ways)
    assert Counter((one.engine, one.term) for one in done.looks).most_common(1)[0][1] == 1


def test_an_engine_does_not_wait_for_a_slow_one_while_there_is_more_to_ask(
    tmp_path: Path,
) -> None:
    is_on_its_way = threading.Event()
    waited: list[bool] = []

    def note(term: str) -> None:
        if term == "sushi":
            is_on_its_way.set()

    def dawdle(term: str) -> None:
        if term == "pizza":
            waited.append(is_on_its_way.wait(60))

    fast = Shelf("google", dict.fromkeys(TERMS, 50), note)
    slow = Shelf("bing", dict.fromkeys(TERMS, 50), dawdle)
    run(tmp_path, [fast, slow], 20)
    assert waited == [True]
    assert fast.asked == ["pizza", "sushi"]
    assert set(per_engine_and_term(tmp_path).values()) == {10}


def test_an_engine_that_left_comes_back_where_the_others_fall_short(tmp_path: Path) -> None:
    is_on_its_way = threading.Event()
    fast = Shelf(
        "google",
        dict.fromkeys(TERMS, 50),
        lambda term: is_on_its_way.set() if term == "sushi" else None,
    )
    slow = Shelf(
        "bing",
        {"pizza": 2, "sushi": 50},
        waiting_for(is_on_its_way),
    )
    run(tmp_path / "left", [fast, slow], 20)
    assert fast.asked.count("pizza") == 2
    expected = {
        ("google", "pizza"): 18, ("bing", "pizza"): 2,
        ("google", "sushi"): 10, ("bing", "sushi"): 10,
    }  # fmt: skip
    assert per_engine_and_term(tmp_path / "left") == expected
    # One after the other, nobody has anything to leave for: the same is taken.
    for term in TERMS:
        shelves = [Shelf("google", {term: 50}), Shelf("bing", {term: slow.number[term]})]
        run(tmp_path / "single", shelves, 20, [term])
    assert per_engine_and_term(tmp_path / "single") == expected


def test_an_engine_that_is_refused_on_coming_back_keeps_what_it_gave(tmp_path: Path) -> None:
    is_on_its_way = threading.Event()
    fast = Shelf("google", dict.fromkeys(TERMS, 50))

    def refuse(term: str) -> None:
        if term == "sushi":
            is_on_its_way.set()
        if fast.asked.count("pizza") == 2:
            fast.number["pizza"], fast.outcome = 0, Outcome.CAPTCHA

    fast.before = refuse
    slow = Shelf("bing", {"pizza": 2, "sushi": 50}, waiting_for(is_on_its_way))
    run(tmp_path, [fast, slow], 20)
    found = per_engine_and_term(tmp_path)
    assert found["google", "pizza"] == 10
    assert found["bing", "pizza"] == 2


def test_labels_take_turns(tmp_path: Path) -> None:
    shelf = Shelf("google", dict.fromkeys(("pizza", "pizza slice", "sushi"), 9))
    run(tmp_path, [shelf], 5, ["pizza", "pizza slice", "sushi"])
    assert shelf.asked == ["pizza", "sushi", "pizza slice"]


def test_more_engines_than_results_leave_the_rest_out(tmp_path: Path) -> None:
    names = ("google", "bing", "yahoo")
    shelves = [Shelf(name, dict.fromkeys(TERMS, 9)) for name in names]
    run(tmp_path, shelves, 2)
    assert sum(per_engine_and_term(tmp_path).values()) == 4
    assert shelves[2].asked == []


def test_a_search_knows_its_label_s_other_words(tmp_path: Path) -> None:
    asked: list[Query] = []

    class Listening(Shelf):
        def search(self, query: Query) -> Showing:
            asked.append(query)
            return super().search(query)

    queries = (Asked(Query("Pfannkuchen")), Asked(Query("crêpe")))
    recipe = Recipe("x", (Label("pancake", queries=queries),))
    shelf = Listening("google", {"Pfannkuchen": 2})
    ways = CollectOptions({"google": shelf}.__getitem__, ("google",), fetch_all=fetched)
    collect(Project(tmp_path), recipe, [Ask("pancake", Query("Pfannkuchen"), 2)], ways)
    assert [(one.term, one.synonyms) for one in asked] == [("Pfannkuchen", ("pancake", "crêpe"))]


def test_what_cannot_be_broken_off_elsewhere_is_prepared_once_by_the_thread_that_asks(
    tmp_path: Path,
) -> None:
    prepared: list[threading.Thread] = []
    ways = CollectOptions(
        {"google": Shelf("google", {"cat": 2, "dog": 2})}.__getitem__,
        ("google",),
        fetch_all=fetched,
        prepare=lambda: prepared.append(threading.current_thread()),
    )
    asks = [Ask("cat", Query("cat"), 2), Ask("dog", Query("dog"), 2)]
    collect(Project(tmp_path), RECIPE, asks, ways)
    assert prepared == [threading.current_thread()]
    collect(Project(tmp_path), RECIPE, asks, ways)  # finished before: nothing is asked
    assert len(prepared) == 1
