from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from pixset.curation.errors import Unreadable
from pixset.datasets.catalogue import (
    Catalogue,
    decisions,
    families,
    images,
    measurements,
    undoing,
)
from pixset.datasets.catalogue.decisions import Standing, Verdict
from pixset.datasets.catalogue.families import MemberRow
from pixset.datasets.catalogue.shown import shown
from support.catalogues import all_facts
from support.pictures import jpeg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pixset.datasets.project import Project

A, B = "a" * 64, "b" * 64


@pytest.fixture
def cat(dataset: Callable[[Any], Project]) -> Iterator[Catalogue]:
    project = dataset({"pizza": [jpeg(1), jpeg(2)]})
    with project.open_catalogue() as cat:
        yield cat


@pytest.fixture
def shas(cat: Catalogue) -> list[str]:
    return [one.sha256 for one in measurements.unmeasured(cat)]


def drop(sha: str, by: str = "rule", reason: str = "blank") -> Verdict:
    return Verdict(sha, "drop", "rule" if by == "rule" else "person", reason)


def keep(sha: str, label: str | None = None) -> Verdict:
    return Verdict(sha, "keep", "person", "looks right", label=label)


def now(cat: Catalogue, sha: str) -> Standing:
    return decisions.standings(cat).get(sha, Standing())


def test_the_newest_of_a_person_beats_every_rule(cat: Catalogue, shas: list[str]) -> None:
    one = shas[0]
    decisions.record_verdicts(cat, [drop(one)])
    assert now(cat, one).dropped
    decisions.record_verdicts(cat, [keep(one)])
    decisions.record_verdicts(cat, [drop(one)])
    assert not now(cat, one).dropped
    assert now(cat, one).reviewed
    decisions.record_verdicts(cat, [drop(one, by="person", reason="off topic")])
    assert now(cat, one).dropped


def test_undo_takes_back_one_batch_after_the_other(cat: Catalogue, shas: list[str]) -> None:
    one, two = shas
    decisions.record_verdicts(cat, [keep(one), keep(two)])
    decisions.record_verdicts(cat, [drop(one, by="person")])
    assert now(cat, one).dropped
    assert undoing.undo(cat) == [one]
    assert now(cat, one).reviewed
    assert set(undoing.undo(cat)) == {one, two}
    assert now(cat, one) == now(cat, two) == Standing()
    assert undoing.undo(cat) == []


def test_what_a_rule_dropped_and_a_person_took_back_stays_in(
    cat: Catalogue, shas: list[str]
) -> None:
    one = shas[0]
    decisions.record_verdicts(cat, [drop(one)])
    undoing.undo(cat)
    assert not now(cat, one).dropped
    decisions.record_verdicts(cat, [drop(one)])  # the rule says it again
    assert not now(cat, one).dropped
    # Taking back is no look at the picture.
    assert not now(cat, one).reviewed


@pytest.mark.parametrize("word", [keep("", "pie"), drop("", by="person", reason="off topic")])
def test_an_undo_of_a_rule_leaves_a_persons_word_as_it_was(
    cat: Catalogue, shas: list[str], word: Verdict
) -> None:
    one = shas[0]
    decisions.record_verdicts(cat, [replace(word, sha256=one)])
    before = now(cat, one)
    for reason in ("duplicate", "blank"):
        decisions.record_verdicts(cat, [drop(one, reason=reason)])
    for _ in range(2):
        assert undoing.undo(cat) == [one]
        assert now(cat, one).person == before.person
        shown_now = shown(cat)
        (number,) = images.numbers(cat, [one]).values()
        assert (shown_now.label[number] == "pie") == (before.label == "pie")
        assert shown_now.looked[number]
    assert undoing.undo(cat) == [one]  # the person's own, at last
    assert not now(cat, one).dropped
    assert (now(cat, one).label, now(cat, one).looked_at) == (None, False)


def test_undo_puts_back_what_a_rule_let_in(cat: Catalogue, shas: list[str]) -> None:
    one = shas[0]
    decisions.record_verdicts(cat, [drop(one)])
    decisions.record_verdicts(cat, [Verdict(one, "keep", "rule", "ok")])
    undoing.undo(cat)
    assert now(cat, one).dropped


def test_verdicts_are_only_ever_added(cat: Catalogue, shas: list[str]) -> None:
    decisions.record_verdicts(cat, [drop(shas[0])])
    undoing.undo(cat)
    assert len(cat.rows("SELECT * FROM verdict")) == 2


def test_a_persons_label_beats_the_rules(cat: Catalogue, shas: list[str]) -> None:
    one = shas[0]
    decisions.record_verdicts(cat, [Verdict(one, "keep", "rule", "label-conflict", label="pizza")])
    assert now(cat, one).label == "pizza"
    decisions.record_verdicts(cat, [keep(one, label="pie")])
    assert now(cat, one).label == "pie"


def test_an_opinion_is_the_same_whichever_picture_comes_first(
    cat: Catalogue, shas: list[str]
) -> None:
    one, two = shas
    decisions.state_pair(cat, one, two, same=False)
    decisions.state_pair(cat, two, one, same=True)
    assert decisions.links(cat) == ({frozenset(shas)}, set())


def test_what_is_unreadable_is_not_measured_again(cat: Catalogue, shas: list[str]) -> None:
    measurements.put_unreadable(cat, shas[0], Unreadable("truncated", "half of it"))
    assert [one.sha256 for one in measurements.unmeasured(cat)] == shas[1:]
    assert measurements.unreadable(cat) == {shas[0]: "truncated"}
    assert all_facts(cat) == {}


def test_facts_come_back_as_they_went_in(
    cat: Catalogue,
    shas: list[str],
) -> None:
    from pixset.curation.images.measure import look

    found = {facts.sha256: facts for facts in (look(jpeg(1)), look(jpeg(2)))}
    for facts in found.values():
        measurements.put_facts(cat, facts)
    assert all_facts(cat) == found
    assert measurements.measured(cat) == set(shas)


def test_families_replace_those_of_the_run_before(cat: Catalogue, shas: list[str]) -> None:
    one, two = sorted(shas)
    families.put_members(cat, [MemberRow(one, one), MemberRow(two, one, one, "copy", 2, 0, 1.5)])
    families.put_members(cat, [MemberRow(two, two)])
    assert families.members(cat) == {two: MemberRow(two, two)}
