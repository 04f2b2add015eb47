"""The search loop: what it finds, when it stops, and how its ending is named."""

from __future__ import annotations

import base64
import hashlib
import random
import threading
from typing import TYPE_CHECKING

import pytest
from pixset.scraper.browser.protocol import Refusal
from pixset.scraper.errors import DriverError, PageHangs, PageUnreachable
from pixset.scraper.models import Candidate, Outcome, Query
from pixset.scraper.pace import pace
from pixset.scraper.search import ResultBatch, Search, Searcher
from support import paper

if TYPE_CHECKING:
    from collections.abc import Iterator

PIZZA = Query("pizza")


def searcher(*browsers: object, **options: object) -> Searcher:
    """A searcher that is given these browsers, one after the other."""
    queue = list(browsers)

    def launch() -> object:
        if not queue:
            raise DriverError("no browser left", "No browser found")
        return queue.pop(0)

    options.setdefault("on_wait", lambda _: None)
    return Searcher(paper.PaperEngine(), launch, pace("none"), **options)


def gather(search: Search) -> tuple[dict[str, Candidate], dict[str, bytes], list[ResultBatch]]:
    """Everything a search shows, the later reading of a result over the earlier."""
    pieces = list(search)
    found = {candidate.key: candidate for piece in pieces for candidate in piece.candidates}
    previews = {key: data for piece in pieces for key, data in piece.previews.items()}
    return found, previews, pieces


def outcome(search: Search) -> Outcome:
    assert search.status is not None
    assert "\n" not in search.status.detail
    return search.status.outcome


def test_every_result_is_shown_once_in_the_order_of_the_page() -> None:
    browser = paper.PaperBrowser([paper.rows(1, 5), paper.rows(6, 9), "", paper.rows(8, 12)])
    search = searcher(browser).search(PIZZA)
    found, _, pieces = gather(search)
    assert [candidate.key for piece in pieces for candidate in piece.candidates] == [
        f"k{n}" for n in range(1, 13)
    ]
    assert [candidate.rank for candidate in found.values()] == list(range(1, 13))
    assert outcome(search) is Outcome.EXHAUSTED
    assert search.found == 12
    assert browser.opened == ["https://paper.example/?q=pizza"]


def test_another_origin_is_asked_for_the_replica() -> None:
    browser = paper.PaperBrowser([paper.rows(1, 1)])
    gather(searcher(browser, origin="http://127.0.0.1:9/paper").search(PIZZA))
    assert browser.opened == ["http://127.0.0.1:9/paper/?q=pizza"]


def test_a_slow_page_is_given_several_rounds_before_it_counts_as_exhausted() -> None:
    class SlowBrowser(paper.PaperBrowser):
        answers: Iterator[bool] = iter([False, False, True])

        def advance(self, pace: object) -> bool:
            return next(self.answers, False) and super().advance(pace)

    found, _, _ = gather(searcher(SlowBrowser([paper.rows(1, 3), paper.rows(4, 6)])).search(PIZZA))
    assert len(found) == 6


def test_what_the_page_asked_for_and_waits_for_is_waited_for() -> None:
    class WaitingBrowser(paper.PaperBrowser):
        idle = 0

        def advance(self, pace: object) -> bool:
            self.idle += 1
            return super().advance(pace) if self.idle > 8 else False

        def awaits(self) -> bool:
            return self.idle <= 8

    search = searcher(WaitingBrowser([paper.rows(1, 3), paper.rows(4, 6)])).search(PIZZA)
    assert len(gather(search)[0]) == 6


def test_an_answer_that_never_comes_ends_the_waiting() -> None:
    class HangingBrowser(paper.PaperBrowser):
        def awaits(self) -> bool:
            return True

    search = searcher(HangingBrowser([paper.rows(1, 3)])).search(PIZZA)
    assert len(gather(search)[0]) == 3
    assert outcome(search) is Outcome.EXHAUSTED


def test_a_page_that_repeats_itself_for_ever_ends() -> None:
    search = searcher(paper.EndlessBrowser([paper.rows(1, 5)])).search(PIZZA)
    found, _, _ = gather(search)
    assert len(found) == 5
    assert outcome(search) is Outcome.EXHAUSTED


def test_the_more_button_is_pressed_as_long_as_it_brings_something_and_once_more() -> None:
    browser = paper.PaperBrowser([paper.rows(1, 3)], more=[paper.rows(4, 6), paper.rows(7, 9)])
    search = searcher(browser).search(PIZZA)
    found, _, _ = gather(search)
    assert len(found) == 9
    assert browser.clicked == ["more"] * 3
    assert outcome(search) is Outcome.EXHAUSTED


def test_an_empty_page_is_loaded_again_before_it_is_believed() -> None:
    browser = paper.FickleBrowser([["!empty"], ["!empty"], [paper.rows(1, 4)]])
    search = searcher(browser).search(PIZZA)
    found, _, _ = gather(search)
    assert len(found) == 4
    assert len(browser.opened) == 3
    assert outcome(search) is Outcome.EXHAUSTED


def test_a_page_that_stays_empty_is_empty_and_says_how_often_it_was_asked() -> None:
    browser = paper.FickleBrowser([["!empty"]])
    search = searcher(browser).search(PIZZA)
    assert gather(search)[0] == {}
    assert outcome(search) is Outcome.EMPTY
    assert len(browser.opened) == 3
    assert "asked 3 times" in search.status.detail


def test_results_that_are_built_after_the_load_are_waited_for_without_a_reload() -> None:
    browser = paper.PaperBrowser(["", paper.rows(1, 4)])
    assert len(gather(searcher(browser).search(PIZZA))[0]) == 4
    assert len(browser.opened) == 1


def test_a_search_that_ends_waits_for_previews_on_their_way() -> None:
    browser = paper.PaperBrowser([paper.rows(1, 1, "https://t.example/1")])
    browser.late["https://t.example/1"] = b"picture"
    _, previews, _ = gather(searcher(browser).search(PIZZA))
    assert previews == {"k1": b"picture"}


def test_stopping_is_the_outcome_limit_and_still_hands_over_the_previews_held() -> None:
    browser = paper.PaperBrowser([paper.rows(1, 3, "https://t.example/1"), paper.rows(4, 6)])
    search = searcher(browser).search(PIZZA)
    pieces = iter(search)
    assert len(next(pieces).candidates) == 3
    browser.held["https://t.example/1"] = b"picture"
    search.stop()
    rest = list(pieces)
    assert [dict(piece.previews) for piece in rest] == [
        {"k1": b"picture", "k2": b"picture", "k3": b"picture"}
    ]
    assert outcome(search) is Outcome.LIMIT
    assert "3 results" in search.status.detail


@pytest.mark.parametrize("seed", range(6))
def test_a_page_of_thousands_costs_what_is_wanted_of_it(seed: int) -> None:
    draw = random.Random(seed)
    shown, wanted = draw.randrange(2_000, 6_000), draw.randrange(1, 200)
    page = "\n".join(
        f"k{n} https://o.example/{n}.jpg https://t.example/{n}" for n in range(1, shown + 1)
    )
    browser = paper.PaperBrowser([page, paper.rows(shown + 1, shown + 50)])
    browser.held = {f"https://t.example/{n}": b"%d" % n for n in range(1, shown + 1)}
    search = searcher(browser).search(PIZZA)
    pieces = iter(search)
    assert len(next(pieces).candidates) == shown
    search.wanted = wanted
    previews = dict(next(pieces).previews)
    search.wanted += 1  # more is asked for while previews are on their way
    search.stop()
    for piece in pieces:
        previews |= piece.previews
    assert set(previews) == {f"k{n}" for n in range(1, wanted + 2)}
    assert len(browser.asked) == wanted + 1
    assert browser.read_whole == 1
    assert outcome(search) is Outcome.LIMIT


def test_a_new_search_ends_the_one_before_and_keeps_the_browser() -> None:
    browser = paper.PaperBrowser([paper.rows(1, 3), paper.rows(4, 6)])
    with searcher(browser) as room:
        first = room.search(PIZZA)
        next(iter(first))
        second = room.search(Query("sushi"))
        assert len(gather(second)[0]) == 6
        list(first)
        assert outcome(first) is Outcome.LIMIT
        assert outcome(second) is Outcome.EXHAUSTED
    assert browser.closed
    assert [url.rpartition("=")[2] for url in browser.opened] == ["pizza", "sushi"]


def test_a_browser_that_dies_is_replaced_once_and_the_search_goes_on_where_it_was() -> None:
    rounds = [paper.rows(1, 3), paper.rows(4, 6), paper.rows(7, 9), paper.rows(10, 12)]
    first, second = paper.DyingBrowser(rounds, dies_at=2), paper.PaperBrowser(rounds)
    search = searcher(first, second).search(PIZZA)
    _, _, pieces = gather(search)
    shown = [candidate.key for piece in pieces for candidate in piece.candidates]
    assert shown == [f"k{n}" for n in range(1, 13)]
    assert outcome(search) is Outcome.EXHAUSTED
    assert first.closed


def test_a_second_loss_ends_the_search_as_browser_lost_with_what_was_found() -> None:
    rounds = [paper.rows(1, 3), paper.rows(4, 6), paper.rows(7, 9)]
    first, second = paper.DyingBrowser(rounds, dies_at=1), paper.DyingBrowser(rounds, dies_at=1)
    search = searcher(first, second).search(PIZZA)
    assert len(gather(search)[0]) == 6
    assert outcome(search) is Outcome.BROWSER_LOST
    assert "killed by the test" in search.status.detail
    assert second.closed


def test_a_page_that_hangs_is_not_tried_in_a_second_browser() -> None:
    rounds = [paper.rows(1, 3), paper.rows(4, 6)]
    first, second = paper.DyingBrowser(rounds, 1, PageHangs), paper.PaperBrowser(rounds)
    search = searcher(first, second).search(PIZZA)
    found, _, _ = gather(search)
    assert len(found) == 6
    assert outcome(search) is Outcome.BLOCKED
    assert "killed by the test" in search.status.detail
    assert first.closed
    assert second.opened == []


def test_a_browser_that_cannot_be_replaced_is_browser_lost() -> None:
    search = searcher(paper.DyingBrowser([paper.rows(1, 3)], dies_at=0)).search(PIZZA)
    assert len(gather(search)[0]) == 3
    assert outcome(search) is Outcome.BROWSER_LOST


def test_no_browser_at_all_is_an_error_and_not_an_outcome() -> None:
    with pytest.raises(DriverError, match="no browser left"):
        list(searcher().search(PIZZA))


def test_after_a_loss_the_next_search_gets_a_browser_of_its_own() -> None:
    dying = [paper.DyingBrowser([paper.rows(1, 3)], dies_at=0) for _ in range(2)]
    room = searcher(*dying, paper.PaperBrowser([paper.rows(1, 3)]))
    lost, again = room.search(PIZZA), None
    gather(lost)
    again = room.search(PIZZA)
    gather(again)
    assert (outcome(lost), outcome(again)) == (Outcome.BROWSER_LOST, Outcome.EXHAUSTED)


class ConsentBrowser(paper.PaperBrowser):
    """Shows results only after its dialog was refused `leaves` times."""

    def __init__(self, leaves: int) -> None:
        super().__init__([paper.rows(1, 3)])
        self.leaves = leaves
        self.buttons = {"reject"}

    def html(self) -> str:
        whole = super().html()
        return "!consent" if self.clicked.count("reject") < self.leaves else whole

    def has(self, css: str) -> bool:
        return bool(css in self.buttons and self.clicked.count("reject") < self.leaves)


@pytest.mark.parametrize("leaves", [1, 2])
def test_a_consent_dialog_is_refused_and_the_search_goes_on(leaves: int) -> None:
    browser = ConsentBrowser(leaves)
    search = searcher(browser).search(PIZZA)
    assert len(gather(search)[0]) == 3
    assert browser.clicked == ["reject"] * leaves


def test_a_consent_dialog_that_cannot_be_refused_is_the_outcome_consent() -> None:
    stubborn, mute = ConsentBrowser(99), ConsentBrowser(1)
    mute.buttons = set()
    for browser in (stubborn, mute):
        search = searcher(browser).search(PIZZA)
        gather(search)
        assert outcome(search) is Outcome.CONSENT
    assert len(stubborn.clicked) == 3


def test_a_banner_over_results_is_refused_too() -> None:
    browser = paper.PaperBrowser([paper.rows(1, 3)])
    browser.buttons = {"reject"}
    assert len(gather(searcher(browser).search(PIZZA))[0]) == 3
    assert browser.clicked[0] == "reject"


class CaptchaBrowser(paper.PaperBrowser):
    """Shows a captcha until it was looked at `looks` times: a person solves it meanwhile."""

    headed = True

    def __init__(self, looks: int) -> None:
        super().__init__([paper.rows(1, 3)])
        self.looks = looks

    def html(self) -> str:
        self.looks -= 1
        return "!captcha" if self.looks >= 0 else str(super().html())


def test_a_captcha_in_a_window_waits_for_the_person_who_is_told() -> None:
    said: list[str] = []
    room = searcher(CaptchaBrowser(2), on_wait=said.append, poll=0.01)
    search = room.search(PIZZA)
    assert len(gather(search)[0]) == 3
    assert "solve it in its window" in said[0]


def test_a_captcha_that_nobody_solves_in_time_is_the_outcome_captcha() -> None:
    search = searcher(CaptchaBrowser(10**9), patience=0.05, poll=0.01).search(PIZZA)
    gather(search)
    assert outcome(search) is Outcome.CAPTCHA


def test_an_unattended_or_windowless_captcha_is_given_up_at_once() -> None:
    for headed, unattended in ((True, True), (False, False)):
        browser = CaptchaBrowser(10**9)
        browser.headed = headed
        said: list[str] = []
        search = searcher(browser, unattended=unattended, on_wait=said.append).search(PIZZA)
        gather(search)
        assert outcome(search) is Outcome.CAPTCHA
        assert not said


def test_a_stop_while_a_person_is_waited_for_ends_the_waiting() -> None:
    room = searcher(CaptchaBrowser(10**9), patience=3600.0, poll=3600.0)
    search = room.search(PIZZA)
    search.stop()
    gather(search)
    assert outcome(search) is Outcome.LIMIT


def test_a_captcha_that_comes_in_the_middle_keeps_what_was_found() -> None:
    class Caught(paper.PaperBrowser):
        def advance(self, pace: object) -> bool:
            moved = bool(super().advance(pace))
            if self.shown == 3:
                self.where, self.unread = "https://paper.example/captcha", []
            return moved

    browser = Caught([paper.rows(1, 3), paper.rows(4, 6), paper.rows(7, 9)])
    browser_search = searcher(browser).search(PIZZA)
    assert len(gather(browser_search)[0]) == 6
    assert outcome(browser_search) is Outcome.CAPTCHA


@pytest.mark.parametrize(
    ("page", "ends"), [("!blocked", Outcome.BLOCKED), ("!consent", Outcome.CONSENT)]
)
def test_a_wall_that_slides_in_again_and_again_ends_the_search(page: str, ends: Outcome) -> None:
    class Walled(paper.PaperBrowser):
        def advance(self, pace: object) -> bool:
            moved = bool(super().advance(pace))
            if self.shown == 2:
                self.rounds, self.unread = [page], []
            return moved

        def open(self, url: str) -> None:
            assert len(self.opened) < 20, "it would go on for ever"
            self.rounds = [paper.rows(1, 3), paper.rows(4, 6)]
            super().open(url)

    search = searcher(Walled([])).search(PIZZA)
    assert len(gather(search)[0]) >= 3
    assert outcome(search) is ends


def test_too_many_requests_is_rate_limited_and_not_asked_again() -> None:
    browser = paper.PaperBrowser(["!blocked"])
    browser.code = 429
    search = searcher(browser).search(PIZZA)
    gather(search)
    assert outcome(search) is Outcome.RATE_LIMITED
    assert len(browser.opened) == 1


@pytest.mark.parametrize(
    ("refused", "ends"),
    [
        ((403, "https://paper.example/more"), Outcome.STUCK),
        ((503, "https://paper.example/more"), Outcome.STUCK),
        ((429, "https://paper.example/more"), Outcome.RATE_LIMITED),
        ((200, "https://paper.example/captcha"), Outcome.CAPTCHA),
        ((200, "https://paper.example/elsewhere"), Outcome.EXHAUSTED),
    ],
)
def test_a_page_that_was_refused_what_it_asked_for_is_not_exhausted(
    refused: tuple[int, str], ends: Outcome
) -> None:
    browser = paper.PaperBrowser([paper.rows(1, 3), paper.rows(4, 6)])
    browser.refused = (Refusal(*refused),)
    search = searcher(browser).search(PIZZA)
    assert len(gather(search)[0]) == 6
    assert outcome(search) is ends


@pytest.mark.parametrize("page", ["!blocked", "!empty", "!layout-changed"])
def test_a_server_error_is_blocked_with_its_status_after_retries(page: str) -> None:
    browser = paper.PaperBrowser([page])
    browser.code = 500
    search = searcher(browser).search(PIZZA)
    gather(search)
    assert outcome(search) is Outcome.BLOCKED
    assert "HTTP 500" in search.status.detail
    assert len(browser.opened) == 3


def test_an_engine_that_never_answers_is_unreachable_and_says_why() -> None:
    browser = paper.UnreachableBrowser([])
    search = searcher(browser, outages=(0.0, 0.0, 0.0)).search(PIZZA)
    gather(search)
    assert outcome(search) is Outcome.UNREACHABLE
    assert "ERR_CONNECTION_REFUSED" in search.status.detail
    assert "tried 4 times" in search.status.detail
    assert len(browser.opened) == 4


def test_an_outage_that_passes_costs_nothing_but_its_time() -> None:
    class Shaky(paper.PaperBrowser):
        def open(self, url: str) -> None:
            super().open(url)
            if len(self.opened) < 3:
                raise PageUnreachable(f"{url}: ERR_CONNECTION_RESET")

    search = searcher(Shaky([paper.rows(1, 3)]), outages=(0.0, 0.0)).search(PIZZA)
    assert len(gather(search)[0]) == 3
    assert outcome(search) is Outcome.EXHAUSTED


def test_a_stop_during_an_outage_opens_no_page_any_more() -> None:
    class Away(paper.UnreachableBrowser):
        def open(self, url: str) -> None:
            threading.Timer(0.05, search.stop).start()
            super().open(url)

    browser = Away([])
    search = searcher(browser, outages=(3600.0,)).search(PIZZA)
    gather(search)
    assert outcome(search) is Outcome.LIMIT
    assert len(browser.opened) == 1


def test_a_stop_while_a_decoy_is_read_opens_no_page_any_more() -> None:
    class Stopping(paper.PaperBrowser):
        def html(self) -> str:
            search.stop()
            return super().html()

    browser = Stopping([LIGHTHOUSES])
    search = searcher(browser).search(PIZZA)
    gather(search)
    assert outcome(search) is Outcome.LIMIT
    assert len(browser.opened) == 1


def test_a_stop_on_the_way_to_the_next_page_counts_what_was_found() -> None:
    class Stopping(paper.BookBrowser):
        def open(self, url: str) -> None:
            super().open(url)
            if len(self.opened) == 2:
                search.stop()

    search = searcher(
        Stopping([f"{paper.rows(1, 4)}\n>https://paper.example/2", paper.rows(5, 8)])
    ).search(PIZZA)
    gather(search)
    assert outcome(search) is Outcome.LIMIT
    assert "stopped at 4 results" in search.status.detail


def test_a_page_that_is_empty_for_the_second_browser_has_shown_what_it_has() -> None:
    first = paper.DyingBrowser([paper.rows(1, 3), paper.rows(4, 6)], dies_at=1)
    search = searcher(first, paper.PaperBrowser(["!empty"])).search(PIZZA)
    assert len(gather(search)[0]) == 6
    assert outcome(search) is Outcome.EXHAUSTED
    assert "6 results and no more" in search.status.detail


def titled(*titles: str) -> str:
    return "\n".join(f"k{n} https://o.example/{n}.jpg - {t}" for n, t in enumerate(titles))


LIGHTHOUSES = titled(*["a lighthouse in Liguria"] * 20)
PIZZAS = titled(*["Pizzas at home", "a slice of pizza"] * 10)


def test_a_decoy_is_loaded_again_once_and_then_suspect_with_nothing_taken() -> None:
    browser = paper.FickleBrowser([[LIGHTHOUSES]])
    search = searcher(browser).search(PIZZA)
    assert gather(search)[0] == {}
    assert outcome(search) is Outcome.SUSPECT
    assert "0 of 20 results speak of 'pizza'" in search.status.detail
    assert "--believe" in search.status.detail
    assert len(browser.opened) == 2


def test_what_comes_after_a_decoy_is_taken() -> None:
    search = searcher(paper.FickleBrowser([[LIGHTHOUSES], [PIZZAS]])).search(PIZZA)
    assert len(gather(search)[0]) == 20
    assert outcome(search) is Outcome.EXHAUSTED


def test_a_believed_term_s_results_are_taken_whatever_they_speak_of() -> None:
    browser = paper.FickleBrowser([[LIGHTHOUSES]])
    search = searcher(browser, believe=[" Pizza"]).search(PIZZA)
    assert len(gather(search)[0]) == 20
    assert outcome(search) is Outcome.EXHAUSTED
    assert len(browser.opened) == 1


def test_a_page_that_says_it_is_the_last_after_one_result_is_asked_again() -> None:
    single = f"{paper.rows(1, 1)}\n>"
    search = searcher(paper.FickleBrowser([[single], [paper.rows(1, 9)]])).search(PIZZA)
    assert len(gather(search)[0]) == 9
    unknown = searcher(paper.FickleBrowser([[single]])).search(PIZZA)
    assert gather(unknown)[0] == {}
    assert outcome(unknown) is Outcome.SUSPECT
    assert "1 in all, and no more" in unknown.status.detail
    known = searcher(paper.FickleBrowser([[f"{titled('one pizza')}\n>"]])).search(PIZZA)
    assert len(gather(known)[0]) == 1
    assert outcome(known) is Outcome.EXHAUSTED


def test_the_pages_that_a_page_names_are_read_one_after_the_other() -> None:
    browser = paper.BookBrowser(
        [
            f"{paper.rows(1, 4)}\n>https://paper.example/2",
            f"{paper.rows(5, 8)}\n>https://paper.example/3",
            paper.rows(9, 12),
        ]
    )
    search = searcher(browser).search(PIZZA)
    found, _, _ = gather(search)
    assert [candidate.rank for candidate in found.values()] == list(range(1, 13))
    assert outcome(search) is Outcome.EXHAUSTED


def test_a_batch_that_comes_after_the_last_look_is_not_jumped_over() -> None:
    """Bing's page names the batch after the one that came: the one that came was never read."""

    class LateBrowser(paper.BookBrowser):
        looks = 0

        def html(self) -> str:
            self.looks += 1
            if self.looks == 3:  # the first page, opened and read to its end, was looked at twice
                self.rounds[0] += f"\n{paper.rows(5, 8)}\n>https://paper.example/3"
            return super().html()

    browser = LateBrowser(
        [
            f"{paper.rows(1, 4)}\n>https://paper.example/2",
            f"{paper.rows(5, 8)}\n>https://paper.example/3",
            paper.rows(9, 12),
        ]
    )
    search = searcher(browser).search(PIZZA)
    found, _, _ = gather(search)
    assert [candidate.rank for candidate in found.values()] == list(range(1, 13))
    assert outcome(search) is Outcome.EXHAUSTED


@pytest.mark.parametrize(
    ("page", "ends"),
    [
        ("!blocked", Outcome.STUCK),
        ("!layout-changed", Outcome.STUCK),
        ("!captcha", Outcome.CAPTCHA),
        ("!empty", Outcome.EXHAUSTED),
        (LIGHTHOUSES.replace("k", "z"), Outcome.SUSPECT),
        (paper.rows(1, 4) + "\n>https://paper.example/3", Outcome.EXHAUSTED),
    ],
)
def test_a_next_page_that_does_not_come_makes_the_search_stuck(page: str, ends: Outcome) -> None:
    browser = paper.BookBrowser([f"{paper.rows(1, 4)}\n>https://paper.example/2", page])
    search = searcher(browser, unattended=True).search(PIZZA)
    assert len(gather(search)[0]) == 4
    assert outcome(search) is ends


def test_a_changed_layout_keeps_a_scrubbed_page_and_names_the_command_to_look_at_it() -> None:
    secret = "data:image/png;base64," + "A" * 4000
    page = (
        f'!layout-changed\n<html><body><img src="{secret}"><a href="/x?sid=1">x</a></body></html>'
    )
    search = searcher(paper.PaperBrowser([page])).search(PIZZA)
    gather(search)
    assert outcome(search) is Outcome.LAYOUT_CHANGED
    assert "pixset inspect" in search.status.detail
    assert search.status.page
    assert "A" * 4000 not in search.status.page


def test_what_is_learned_later_is_shown_again_under_the_same_rank() -> None:
    browser = paper.PaperBrowser(
        [
            "a - -\nb https://o.example/b.jpg -",
            "a - https://t.example/a",
            "a https://o.example/a.jpg -",
        ]
    )
    _, _, pieces = gather(searcher(browser).search(PIZZA))
    readings = [c for piece in pieces for c in piece.candidates if c.key == "a"]
    assert [(c.rank, c.image_url, c.preview) for c in readings] == [
        (1, None, None),
        (1, None, "https://t.example/a"),
        (1, "https://o.example/a.jpg", "https://t.example/a"),
    ]


def test_an_inline_preview_is_handed_over_once_as_a_picture_and_not_kept() -> None:
    inline = "data:image/png;base64,AAAA"
    name = f"data:{hashlib.sha256(bytes(3)).hexdigest()}"
    browser = paper.PaperBrowser(
        [f"a - {inline}", f"a - {inline}", f"a https://o.example/a {inline}"]
    )
    search = searcher(browser).search(PIZZA)
    found, previews, pieces = gather(search)
    readings = [candidate for piece in pieces for candidate in piece.candidates]
    assert [reading.preview for reading in readings] == [name, name]
    assert [dict(piece.previews) for piece in pieces] == [{"a": bytes(3)}, {}]
    assert found["a"].image_url == "https://o.example/a"
    assert previews == {"a": bytes(3)}
    assert inline not in repr(search._results)
    assert browser.asked == []


@pytest.mark.parametrize("seed", range(6))
def test_inline_previews_are_decoded_as_far_as_they_are_wanted(seed: int) -> None:
    draw = random.Random(seed)
    shown, wanted = draw.randrange(300, 900), draw.randrange(1, 200)
    pictures = {f"k{n}": draw.randbytes(9) for n in range(1, shown + 1)}
    inline = {
        key: f"data:image/png;base64,{base64.b64encode(picture).decode()}"
        for key, picture in pictures.items()
    }
    page = "\n".join(f"{key} - {uri}" for key, uri in inline.items())
    search = searcher(paper.PaperBrowser([page, page])).search(PIZZA)
    search.wanted = wanted
    found, previews, _ = gather(search)
    assert previews == {key: pictures[key] for key in list(pictures)[:wanted]}
    assert {key: found[key].preview for key in list(pictures)[wanted:]} == {
        key: inline[key] for key in list(pictures)[wanted:]
    }


def test_an_inline_preview_that_cannot_be_decoded_stays_as_it_is() -> None:
    broken = "data:image/png;base64,%"
    found, previews, _ = gather(searcher(paper.PaperBrowser([f"a - {broken}"])).search(PIZZA))
    assert (found["a"].preview, previews) == (broken, {})


def test_previews_are_taken_once_each_in_pieces_and_asked_for_until_they_are_there() -> None:
    count = 150
    first = "\n".join(f"k{n} - https://t.example/{n}" for n in range(count))

    class LateBrowser(paper.PaperBrowser):
        def advance(self, pace: object) -> bool:
            moved = super().advance(pace)
            self.held = {f"https://t.example/{n}": bytes([n]) for n in range(count - 1)}
            return bool(moved)

    browser = LateBrowser([first, "", ""])
    search = searcher(browser).search(PIZZA)
    _, previews, pieces = gather(search)
    assert previews == {f"k{n}": bytes([n]) for n in range(count - 1)}
    assert sum(len(piece.previews) for piece in pieces) == count - 1
    assert max(len(piece.previews) for piece in pieces) <= 64
    asked = {url: browser.asked.count(url) for url in browser.asked}
    assert asked["https://t.example/0"] == 2
    assert asked[f"https://t.example/{count - 1}"] > 2


def test_without_take_previews_the_browser_is_never_asked_for_one() -> None:
    browser = paper.PaperBrowser([paper.rows(1, 3, "https://t.example/1")])
    gather(searcher(browser, take_previews=False).search(PIZZA))
    assert browser.asked == []


def test_every_outcome_has_one_line_that_says_what_to_do_next() -> None:
    from pixset.scraper.search.outcome import search_status

    lines = {kind: search_status(kind, "google", found=3).detail for kind in Outcome}
    assert len(set(lines.values())) == len(Outcome)
    assert all("{" not in line and "\n" not in line for line in lines.values())


def test_a_search_that_ended_says_what_was_counted() -> None:
    first = titled("one pizza", "two pizzas", "a dog")
    search = searcher(paper.PaperBrowser([first, "z - https://t.example/z pizza"])).search(PIZZA)
    gather(search)
    counts = search.status.counts
    assert (counts.results, counts.originals, counts.previews) == (4, 3, 1)
    assert counts.on_topic == 0.75
