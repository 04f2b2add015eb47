"""The session: what a person is shown first, and what is on record when they have spoken."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pixset.datasets.catalogue import decisions, families, images, measurements, undoing
from pixset.datasets.catalogue.decisions import Standing, Verdict
from pixset.datasets.catalogue.families import MemberRow
from pixset.datasets.catalogue.shown import shown as shown_numbers
from pixset.datasets.curate import kept
from pixset.datasets.errors import UsageError
from pixset.datasets.review.answers import answer
from pixset.datasets.review.queues import QUEUES, Queue, ReviewData
from pixset.datasets.review.session import ReviewSession
from pixset.datasets.stats import wilson

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Shelf


def shown(
    session: ReviewSession, view: str, *, open_only: bool = True, label: str | None = None
) -> list[str]:
    entries, onward, total = session.page(
        view, label=label, open_only=open_only, after=-1, count=99
    )
    assert onward is None
    assert total == len(entries)
    return [str(entry["sha"]) for entry in entries]


def reread(shelf: Shelf, view: str) -> list[str]:
    """A queue's pictures as a session that is opened now lists them."""
    return shown(ReviewSession(shelf.project), view, open_only=False)


def standing(shelf: Shelf, sha: str) -> Standing:
    with shelf.project.open_catalogue(write=False) as cat:
        return decisions.standings(cat).get(sha, Standing())


def test_every_kind_of_doubt_has_its_view(shelf: Shelf) -> None:
    session = ReviewSession(shelf.project)
    assert shown(session, "pairs") == [shelf.pair[1]]
    assert shown(session, "conflicts") == [shelf.torn]
    assert shelf.blank in shown(session, "findings")
    assert set(shown(session, "val")) == set(shelf.shas[:2])
    assert set(shown(session, "train")) == set(shelf.shas[2:8])
    assert set(shown(session, "dropped")) == {shelf.torn, shelf.blank}
    assert len(shown(session, "all")) == 10
    assert session.counts().keys() == set(QUEUES)


def test_a_label_narrows_every_view(shelf: Shelf) -> None:
    session = ReviewSession(shelf.project)
    assert shown(session, "val", label="pizza") == [shelf.shas[1]]
    assert shown(session, "train", label="sushi") == []


def test_what_was_looked_at_leaves_the_open_list_and_keeps_its_place_in_the_whole(
    shelf: Shelf,
) -> None:
    session = ReviewSession(shelf.project)
    whole = shown(session, "train", open_only=False)
    session.keep([whole[0]])
    assert shown(session, "train") == whole[1:]
    assert shown(session, "train", open_only=False) == whole


def test_pages_go_on_where_the_last_one_ended_even_when_pictures_left(shelf: Shelf) -> None:
    session = ReviewSession(shelf.project)
    first, onward, total = session.page("train", label=None, open_only=True, after=-1, count=4)
    assert (len(first), total) == (4, 6)
    assert onward is not None
    session.drop([str(entry["sha"]) for entry in first])
    rest, end, _ = session.page("train", label=None, open_only=True, after=onward, count=4)
    assert len(rest) == 2
    assert end is None


def test_every_word_is_in_the_catalogue_at_once(shelf: Shelf) -> None:
    session = ReviewSession(shelf.project)
    session.drop([shelf.shas[0]])
    assert standing(shelf, shelf.shas[0]).dropped
    session.relabel([shelf.shas[1]], "calzone")
    assert standing(shelf, shelf.shas[1]).label == "calzone"
    session.keep([shelf.blank])
    assert not standing(shelf, shelf.blank).dropped
    with shelf.project.open_catalogue(write=False) as cat:
        survivors = {one.sha256: one.label for one in kept(cat)}
    assert shelf.shas[0] not in survivors
    assert survivors[shelf.shas[1]] == "calzone"
    assert shelf.blank in survivors


def test_a_new_desk_remembers_by_content(shelf: Shelf) -> None:
    ReviewSession(shelf.project).keep(shelf.shas[:2])
    again = ReviewSession(shelf.project)
    assert shown(again, "val") == []
    assert again.describe([shelf.shas[0]])[0]["state"] == "kept"


def test_keeping_a_picture_of_two_labels_settles_it_for_the_better_rank(shelf: Shelf) -> None:
    session = ReviewSession(shelf.project)
    session.keep([shelf.torn])
    assert standing(shelf, shelf.torn).label in ("pizza", "not_pizza")
    assert shown(session, "conflicts") == []


def test_a_pair_is_remembered_and_not_asked_again(shelf: Shelf) -> None:
    session = ReviewSession(shelf.project)
    session.pair(*shelf.pair, same=False)
    assert shown(session, "pairs") == []
    with shelf.project.open_catalogue(write=False) as cat:
        assert decisions.links(cat) == (set(), {frozenset(shelf.pair)})
    assert shown(ReviewSession(shelf.project), "pairs", open_only=False) == []


def test_undo_takes_back_words_one_by_one_newest_first(shelf: Shelf) -> None:
    session = ReviewSession(shelf.project)
    session.drop([shelf.shas[0]])
    session.pair(*shelf.pair, same=True)
    session.keep(shelf.shas[4:7])
    assert sorted(session.undo()) == sorted(shelf.shas[4:7])
    assert session.describe([shelf.shas[5]])[0]["state"] == "open"
    assert standing(shelf, shelf.shas[0]).dropped
    assert set(session.undo()) == set(shelf.pair)
    with shelf.project.open_catalogue(write=False) as cat:
        assert decisions.links(cat) == (set(), set())
    assert session.undo() == [shelf.shas[0]]
    assert not standing(shelf, shelf.shas[0]).dropped
    assert session.undo() == []


def test_undo_never_touches_what_a_rule_said(shelf: Shelf) -> None:
    assert ReviewSession(shelf.project).undo() == []
    assert standing(shelf, shelf.blank).dropped


def test_undo_reaches_back_into_an_earlier_session_and_only_appends(shelf: Shelf) -> None:
    ReviewSession(shelf.project).drop([shelf.shas[0]])
    with shelf.project.open_catalogue(write=False) as cat:
        before = cat.rows("SELECT id FROM verdict")
    assert ReviewSession(shelf.project).undo() == [shelf.shas[0]]
    with shelf.project.open_catalogue(write=False) as cat:
        assert cat.rows("SELECT id FROM verdict") == before
        assert undoing.steps(cat)[0].undoes == undoing.steps(cat)[1].number
    assert not standing(shelf, shelf.shas[0]).dropped


def test_between_words_other_commands_may_write(shelf: Shelf) -> None:
    session = ReviewSession(shelf.project)
    session.drop([shelf.shas[0]])
    with shelf.project.open_catalogue() as cat, cat.transaction():
        decisions.record_verdicts(cat, [Verdict(shelf.shas[2], "drop", "rule", "blurry")])
    session.keep([shelf.shas[1]])
    assert [standing(shelf, sha).dropped for sha in shelf.shas[:3]] == [True, False, True]


def test_a_word_during_another_commands_writing_is_refused_in_one_line(shelf: Shelf) -> None:
    session = ReviewSession(shelf.project)
    with shelf.project.open_catalogue(), pytest.raises(UsageError):
        session.drop([shelf.shas[0]])
    assert session.describe([shelf.shas[0]])[0]["state"] == "open"


def test_the_tally_counts_drops_and_relabels_as_wrong(shelf: Shelf) -> None:
    session = ReviewSession(shelf.project)
    session.keep([shelf.shas[0]])
    session.relabel([shelf.shas[1]], "not_pizza")
    val = session.tallies()["val"]
    assert (val["not_pizza"].seen, val["not_pizza"].wrong) == (1, 0)
    assert (val["pizza"].seen, val["pizza"].wrong) == (1, 1)


@pytest.mark.parametrize("label", ["../up", "Pizza", "test", ""])
def test_a_label_that_cannot_be_a_folder_is_refused(shelf: Shelf, label: str) -> None:
    with pytest.raises(UsageError):
        ReviewSession(shelf.project).relabel([shelf.shas[0]], label)


def test_a_picture_of_elsewhere_is_refused(shelf: Shelf) -> None:
    session = ReviewSession(shelf.project)
    with pytest.raises(UsageError):
        session.drop(["0" * 64])
    with pytest.raises(UsageError):
        session.pair(shelf.shas[0], shelf.shas[0], same=True)


def test_the_likeliest_pairs_come_first(shelf: Shelf) -> None:
    a, b, c, d, e, keeper, gone = shelf.shas[:7]
    rows = [
        MemberRow(sha, None, keeper, "maybe", *distances)
        for sha, distances in (
            (a, (5, 5, 9.0)), (b, (5, 5, 2.5)), (c, (5, 4, 9.0)), (d, (None, None, None)),
            (gone, (5, 5, 1.0)),
        )
    ]  # fmt: skip
    rows.append(MemberRow(e, None, keeper, "copy", 1, 1, 0.0))
    with shelf.project.open_catalogue() as cat, cat.transaction():
        families.put_members(cat, rows)
        cat.execute("UPDATE image_row SET freed_at = 1 WHERE sha256 = ?", (bytes.fromhex(gone),))
    assert reread(shelf, "pairs") == [d, b, c, a]
    ReviewSession(shelf.project).pair(keeper, a, same=True)
    assert reread(shelf, "pairs") == [d, b, c]
    with shelf.project.open_catalogue() as cat, cat.transaction():
        cat.execute("UPDATE image_row SET freed_at = 1 WHERE sha256 = ?", (bytes.fromhex(keeper),))
    assert reread(shelf, "pairs") == []


def test_conflicts_held_back_come_before_settled_ones(shelf: Shelf) -> None:
    settled, held, spoken = sorted(shelf.shas[4:7])
    with shelf.project.open_catalogue() as cat, cat.transaction():
        said = [(settled, "keep"), (held, "drop"), (spoken, "drop")]
        verdicts = [Verdict(sha, word, "rule", "label-conflict") for sha, word in said]
        decisions.record_verdicts(cat, verdicts)
    ReviewSession(shelf.project).keep([spoken])
    assert reread(shelf, "conflicts") == [*sorted([held, shelf.torn]), settled]


def test_findings_come_nearest_to_their_limit_first(shelf: Shelf) -> None:
    scores = {"dark": 60.0}, {"dark": 63.0, "blank": 0.2}, {"graphic": 0.3}, {"dark": 64.0}
    with shelf.project.open_catalogue() as cat, cat.transaction():
        for facts in list(measurements.each_facts(cat)):
            at = shelf.shas.index(facts.sha256)
            measurements.put_facts(cat, replace(facts, scores=scores[min(at, 3)]))
    first, second, third = shelf.shas[1], shelf.shas[0], shelf.shas[2]
    assert reread(shelf, "findings") == [first, second, third]
    entries = ReviewSession(shelf.project).describe([first])
    assert [one["check"] for one in entries[0]["findings"]] == ["blank", "dark"]


def test_by_label_means_the_label_that_a_picture_has_now(shelf: Shelf) -> None:
    """A person's label before the best rank's, then by SHA-256; so in every such queue."""
    ReviewSession(shelf.project).relabel([shelf.shas[2]], "zucchini")
    odd, even = shelf.shas[1::2], shelf.shas[::2]
    torn_is = "pizza" if shelf.torn in odd else "not_pizza"  # equal ranks: the first by name
    assert torn_is == "not_pizza"
    rest = [sha for sha in even if sha != shelf.shas[2]]
    assert reread(shelf, "all") == [*sorted(rest), *sorted(odd), shelf.shas[2]]
    assert reread(shelf, "dropped") == [shelf.torn, shelf.blank]


def test_pages_stay_as_they_are_while_their_pictures_are_kept_and_dropped(shelf: Shelf) -> None:
    """Places are fixed when the page opens: a keep on one page moves nothing on another."""
    session = ReviewSession(shelf.project)
    for view in ("all", "train", "val"):
        whole, _, _ = session.page(view, label=None, open_only=False, after=-1, count=99)
        places = {entry["at"]: entry["sha"] for entry in whole}
        for number, entry in enumerate(whole):
            (session.keep if number % 2 else session.drop)([str(entry["sha"])])
            session.relabel([str(whole[0]["sha"])], "aubergine")
            assert session.undo() == [whole[0]["sha"]]
            again, _, _ = session.page(view, label=None, open_only=False, after=-1, count=99)
            assert {entry["at"]: entry["sha"] for entry in again} == places


def test_what_was_forgotten_meanwhile_leaves_the_page_and_ends_nothing(shelf: Shelf) -> None:
    session = ReviewSession(shelf.project)
    gone = shelf.shas[5]
    with shelf.project.open_catalogue() as cat, cat.transaction():
        cat.execute("UPDATE image_row SET freed_at = 1 WHERE sha256 = ?", (bytes.fromhex(gone),))
    entries, _, _ = session.page("all", label=None, open_only=False, after=-1, count=99)
    assert {entry["sha"] for entry in entries} == {*shelf.shas} - {gone}


def test_a_reader_sees_one_state_while_another_command_writes(shelf: Shelf) -> None:
    with shelf.project.open_catalogue(write=False) as cat, cat.snapshot():
        before = len(shown_numbers(cat).by_label)
        with shelf.project.open_catalogue() as other, other.transaction():
            other.execute("UPDATE image_row SET freed_at = 1")
        assert len(shown_numbers(cat).by_label) == before
    with shelf.project.open_catalogue(write=False) as cat:
        assert not shown_numbers(cat).by_label


def test_the_interval_is_wilsons() -> None:
    low, high = wilson(95, 100)
    assert (round(low, 4), round(high, 4)) == (0.8882, 0.9785)
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.fixture
def heavy_files() -> Iterator[str]:
    """A queue of the test's own, in the registry for one test."""

    def heaviest(data: ReviewData) -> list[int]:
        number = images.numbers(data.cat)
        heavy_first = sorted(images.images(data.cat), key=lambda one: -one.bytes)
        return [number[one.sha256] for one in heavy_first]

    QUEUES["heavy"] = Queue("Heavy files", "No file is heavy.", heaviest)
    yield "heavy"
    del QUEUES["heavy"]


def test_a_queue_that_is_registered_is_listed_counted_and_worked_through(
    shelf: Shelf, heavy_files: str
) -> None:
    session = ReviewSession(shelf.project)
    listed = shown(session, heavy_files)
    assert sorted(listed) == sorted(shelf.shas)
    session.keep(listed[:3])
    assert session.counts()[heavy_files] == len(shelf.shas) - 3
    queues = answer(session, "summary", {})["queues"]
    assert {"name": "heavy", "title": "Heavy files"}.items() <= queues[-1].items()
