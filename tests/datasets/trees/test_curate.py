from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image
from pixset.datasets.catalogue import decisions, undoing
from pixset.datasets.catalogue.decisions import Verdict
from pixset.datasets.curate import CurateReport, PairStatement, curate, kept
from pixset.datasets.curate.reports import check_json, check_text, dedupe_json, dedupe_text
from pixset.datasets.curate.rules import Conflict
from pixset.datasets.project import Project
from pixset.datasets.recipe import Recipe
from support.catalogues import all_facts
from support.pictures import encode, jpeg, sha_of

Make = Callable[[Any], Project]
PLAIN = Recipe(name="test")


def survivors(project: Project) -> dict[str, str]:
    with project.open_catalogue() as cat:
        return {one.sha256: one.label for one in kept(cat)}


def say(project: Project, *verdicts: Verdict) -> None:
    with project.open_catalogue() as cat, cat.transaction():
        decisions.record_verdicts(cat, verdicts)


def verdict_of(project: Project, data: bytes) -> Verdict | None:
    with project.open_catalogue() as cat:
        return decisions.standings(cat)[sha_of(data)].verdict


def test_different_pictures_are_all_kept(two_labels: Project) -> None:
    report = curate(two_labels, PLAIN)
    assert report.kept == {"not_pizza": 10, "pizza": 10}
    assert (report.images, report.measured, report.dropped, report.changed) == (20, 20, {}, 0)


def test_running_again_measures_nothing_and_changes_nothing(dataset: Make) -> None:
    project = dataset({"pizza": [jpeg(1), jpeg(1, quality=60), jpeg(2)]})
    first = curate(project, PLAIN)
    again = curate(project, PLAIN)
    assert first.changed == 1
    assert (again.measured, again.changed) == (0, 0)
    assert again.kept == first.kept


def test_a_copy_is_dropped_with_its_keeper_and_distances_on_record(
    dataset: Make,
) -> None:
    large, small = jpeg(1, (320, 240)), jpeg(1, (160, 120))
    project = dataset({"pizza": [small, large, jpeg(2)]})
    report = curate(project, PLAIN)
    assert report.dropped == {"duplicate": 1}
    verdict = verdict_of(project, small)
    assert verdict is not None
    assert (verdict.decision, verdict.reason) == ("drop", "duplicate")
    assert verdict.detail["keeper"] == sha_of(large)
    assert set(verdict.detail) == {"keeper", "relation", "phash", "dhash", "difference"}
    assert set(survivors(project)) == {sha_of(large), sha_of(jpeg(2))}


def test_no_file_is_touched(dataset: Make) -> None:
    project = dataset({"pizza": [jpeg(1), jpeg(1, quality=60)]})
    before = {path: path.read_bytes() for path in project.images.rglob("*.jpg")}
    curate(project, PLAIN)
    assert {path: path.read_bytes() for path in project.images.rglob("*.jpg")} == before


def test_a_threshold_is_changed_without_looking_again(dataset: Make) -> None:
    project = dataset({"pizza": [jpeg(1, (100, 80)), jpeg(2, (300, 240))]})
    assert curate(project, PLAIN).kept == {"pizza": 2}
    strict = replace(PLAIN, checks={"small": 200.0})
    report = curate(project, strict)
    assert (report.measured, report.kept, report.dropped) == (0, {"pizza": 1}, {"small": 1})
    relaxed = curate(project, PLAIN)
    assert (relaxed.measured, relaxed.kept) == (0, {"pizza": 2})
    assert relaxed.returned == (f"images/pizza/{sha_of(jpeg(1, (100, 80)))[:16]}.jpg",)


def test_a_check_that_is_off_drops_nothing(dataset: Make) -> None:
    blank = encode(Image.new("RGB", (200, 200), "white"))
    project = dataset({"pizza": [jpeg(1), blank]})
    assert curate(project, PLAIN).dropped == {"blank": 1}
    off = replace(PLAIN, checks_off=frozenset({"blank"}))
    assert curate(project, off).kept == {"pizza": 2}


def test_what_cannot_be_decoded_is_recorded_and_nobodys_duplicate(
    dataset: Make,
) -> None:
    project = dataset({"pizza": [jpeg(1), jpeg(2)[:-400], jpeg(3)[:-400]]})
    report = curate(project, PLAIN)
    assert set(report.unreadable.values()) == {"truncated"}
    assert len(report.unreadable) == 2
    assert report.kept == {"pizza": 1}
    assert report.families.families == ()


def test_a_file_that_is_gone_is_reported_and_may_come_back(dataset: Make) -> None:
    project = dataset({"pizza": [jpeg(1), jpeg(2)]})
    path = project.images / "pizza" / f"{sha_of(jpeg(2))[:16]}.jpg"
    path.unlink()
    assert curate(project, PLAIN).missing == (f"images/pizza/{path.name}",)
    path.write_bytes(jpeg(2))
    assert curate(project, PLAIN).kept == {"pizza": 2}


def test_a_file_with_other_bytes_than_were_fetched_is_no_picture_of_the_set(
    dataset: Make,
) -> None:
    project = dataset({"pizza": [jpeg(1), jpeg(2)]})
    path = project.images / "pizza" / f"{sha_of(jpeg(2))[:16]}.jpg"
    path.write_bytes(jpeg(3))
    assert list(curate(project, PLAIN).unreadable.values()) == ["altered"]


@pytest.mark.parametrize("meanwhile", [jpeg(3), jpeg(2)[:-400], b"", b"no picture"])
@pytest.mark.parametrize("measured", [False, True])
def test_a_file_that_has_its_own_bytes_again_is_a_picture_again(
    dataset: Make, meanwhile: bytes, measured: bool
) -> None:
    project = dataset({"pizza": [jpeg(1), jpeg(2)]})
    if measured:
        curate(project, PLAIN)
        with project.open_catalogue() as cat:  # as an earlier version measured it
            cat.execute("UPDATE measuring SET versions = '{\"decoder\":1}' WHERE versions != '{}'")
    path = project.images / "pizza" / f"{sha_of(jpeg(2))[:16]}.jpg"
    path.write_bytes(meanwhile)
    assert curate(project, PLAIN).kept == {"pizza": 1}
    path.write_bytes(jpeg(2))
    found = curate(project, PLAIN)
    assert (found.kept, found.unreadable) == ({"pizza": 2}, {})


def test_what_was_measured_before_an_interruption_is_kept(two_labels: Project) -> None:
    class StoppedError(Exception):
        pass

    class Stopping:
        """Progress that stops the run after a few pictures, as Ctrl-C would."""

        def __init__(self) -> None:
            self.done = 0

        def __call__(self, description: str, total: int | None = None) -> Stopping:
            return self

        def __enter__(self) -> Callable[[int], None]:
            return self.advance

        def __exit__(self, *_: object) -> None:
            pass

        def advance(self, count: int) -> None:
            self.done += count
            if self.done > 5:
                raise StoppedError

    with pytest.raises(StoppedError):
        curate(two_labels, PLAIN, progress=Stopping())  # type: ignore[arg-type]
    assert curate(two_labels, PLAIN).measured == 15


def both(dataset: Make) -> tuple[Project, bytes]:
    """One picture under two labels: third best for pizza, best for cake."""
    shared = jpeg(50)
    return dataset({"pizza": [jpeg(1), jpeg(2), shared], "cake": [shared, jpeg(3)]}), shared


def test_a_picture_under_two_labels_is_dropped(dataset: Make) -> None:
    project, shared = both(dataset)
    report = curate(project, PLAIN)
    path = f"images/pizza/{sha_of(shared)[:16]}.jpg"
    assert report.conflicts == (Conflict(path, ("cake", "pizza"), "drop"),)
    assert sha_of(shared) not in survivors(project)
    assert report.dropped == {"label-conflict": 1}


def test_or_it_goes_to_the_label_that_ranked_it_best(dataset: Make) -> None:
    project, shared = both(dataset)
    report = curate(project, replace(PLAIN, conflict="best-rank"))
    assert survivors(project)[sha_of(shared)] == "cake"
    assert report.conflicts[0].outcome == "cake"
    assert curate(project, replace(PLAIN, conflict="best-rank")).changed == 0


def test_or_a_person_is_asked(dataset: Make) -> None:
    project, shared = both(dataset)
    ask = replace(PLAIN, conflict="ask")
    assert curate(project, ask).conflicts[0].outcome == "ask"
    assert sha_of(shared) not in survivors(project)
    say(project, Verdict(sha_of(shared), "keep", "person", "seen", label="pizza"))
    assert curate(project, ask).conflicts == ()
    assert survivors(project)[sha_of(shared)] == "pizza"


def test_confusable_labels_share_by_rank(dataset: Make) -> None:
    project, shared = both(dataset)
    curate(project, replace(PLAIN, confusable=(("pizza", "cake"),)))
    assert survivors(project)[sha_of(shared)] == "cake"


def test_copies_under_two_labels_are_a_conflict_too(dataset: Make) -> None:
    large, small = jpeg(50, (320, 240)), jpeg(50)
    project = dataset({"pizza": [jpeg(1), large], "cake": [small, jpeg(3)]})
    report = curate(project, PLAIN)
    assert [one.labels for one in report.conflicts] == [("cake", "pizza")]
    assert report.dropped == {"label-conflict": 2}


def test_a_person_who_keeps_a_copy_is_obeyed(dataset: Make) -> None:
    large, small = jpeg(1, (320, 240)), jpeg(1)
    project = dataset({"pizza": [large, small, jpeg(2)]})
    curate(project, PLAIN)
    say(project, Verdict(sha_of(small), "keep", "person", "wanted"))
    assert curate(project, PLAIN).kept == {"pizza": 3}


def test_a_copy_of_what_a_person_dropped_takes_its_place(dataset: Make) -> None:
    large, small = jpeg(1, (320, 240)), jpeg(1)
    project = dataset({"pizza": [large, small]})
    curate(project, PLAIN)
    say(project, Verdict(sha_of(large), "drop", "person", "watermark"))
    report = curate(project, PLAIN)
    assert set(survivors(project)) == {sha_of(small)}
    assert len(report.returned) == 1


def test_not_a_duplicate_is_remembered(dataset: Make) -> None:
    large, small = jpeg(1, (320, 240)), jpeg(1)
    project = dataset({"pizza": [large, small]})
    with project.open_catalogue() as cat:
        decisions.state_pair(cat, sha_of(large), sha_of(small), same=False)
    assert curate(project, PLAIN).kept == {"pizza": 2}
    assert curate(project, PLAIN).kept == {"pizza": 2}


def test_duplicate_is_remembered(dataset: Make) -> None:
    project = dataset({"pizza": [jpeg(1), jpeg(2)]})
    with project.open_catalogue() as cat:
        decisions.state_pair(cat, sha_of(jpeg(1)), sha_of(jpeg(2)), same=True)
    assert curate(project, PLAIN).kept == {"pizza": 1}


def test_undo_brings_copies_back_for_good(dataset: Make) -> None:
    project = dataset({"pizza": [jpeg(1, (320, 240)), jpeg(1)]})
    curate(project, PLAIN)
    with project.open_catalogue() as cat:
        assert len(undoing.undo(cat)) == 1
    assert curate(project, PLAIN).kept == {"pizza": 2}


def test_pictures_that_may_be_copies_share_a_family(dataset: Make) -> None:
    project = dataset({"pizza": [jpeg(1, (320, 240)), jpeg(1), jpeg(2)]})
    curate(project, PLAIN)
    with project.open_catalogue() as cat:
        undoing.undo(cat)
        families = {one.sha256: one.split_group for one in kept(cat)}
    assert families[sha_of(jpeg(1))] == families[sha_of(jpeg(1, (320, 240)))]
    assert families[sha_of(jpeg(2))] == sha_of(jpeg(2))


def test_dedupe_undo_dedupe_says_which_of_the_copies_it_lists_are_kept(
    dataset: Make,
) -> None:
    project = dataset({"pizza": [jpeg(1, (320, 240)), jpeg(1), jpeg(2)]})
    curate(project, PLAIN)
    with project.open_catalogue() as cat, cat.transaction():
        assert undoing.undo(cat) == [sha_of(jpeg(1))]
    again = curate(project, PLAIN)
    assert (again.kept, again.dropped, again.changed) == ({"pizza": 3}, {}, 0)
    told = dedupe_json(again)
    assert told["kept_by_person"] == [f"images/pizza/{sha_of(jpeg(1))[:16]}.jpg"]
    assert "1 of the copies is kept" in dedupe_text(again)


def test_a_statement_and_what_follows_from_it_are_one_step(dataset: Make) -> None:
    project = dataset({"pizza": [jpeg(1, (320, 240)), jpeg(1), jpeg(2)]})
    curate(project, PLAIN)
    pair = PairStatement(sha_of(jpeg(1, (320, 240))), sha_of(jpeg(1)), same=False)
    assert curate(project, PLAIN, statements=[pair]).kept == {"pizza": 3}
    with project.open_catalogue() as cat, cat.transaction():
        step = undoing.next_to_undo(cat)
        assert step
        assert (len(step.pairs), step.verdicts) == (1, {("rule", "ok"): 1})
        undoing.take_back(cat, step)
        assert decisions.links(cat) == (set(), set())
        assert len(kept(cat)) == 2
    assert curate(project, PLAIN).kept == {"pizza": 2}


def test_checking_compares_nothing_and_keeps_what_dedupe_found(dataset: Make) -> None:
    project = dataset({"pizza": [jpeg(1, (320, 240)), jpeg(1), jpeg(2)]})
    assert curate(project, PLAIN, compare=False).kept == {"pizza": 3}
    curate(project, PLAIN)
    assert curate(project, PLAIN, compare=False).kept == {"pizza": 2}


def test_families_are_found_anew_only_where_something_changed(dataset: Make) -> None:
    project = dataset({"pizza": [jpeg(1, (320, 240)), jpeg(1), jpeg(2)]})
    first = curate(project, PLAIN)
    with project.open_catalogue() as cat:
        cat.execute("UPDATE member_row SET difference = 1.25 WHERE keeper NOT NULL")
    read_again = curate(project, PLAIN).families.families
    assert [member.difference for one in read_again for member in one.members] == [1.25]
    assert curate(project, PLAIN, anew=True).families.families == first.families.families


def test_a_thumb_that_was_damaged_in_the_catalogue_is_made_again(dataset: Make) -> None:
    project = dataset({"pizza": [jpeg(1, (320, 240)), jpeg(1), jpeg(2)]})
    curate(project, PLAIN, compare=False)
    with project.open_catalogue() as cat:
        before = all_facts(cat)
        cat.execute("UPDATE thumb SET rest = X'00'")
    assert curate(project, PLAIN).kept == {"pizza": 2}
    with project.open_catalogue(write=False) as cat:
        assert all_facts(cat) == before


@pytest.mark.parametrize("now", [None, jpeg(7)])
def test_a_picture_whose_thumb_is_damaged_and_whose_file_is_another_is_left_out(
    dataset: Make, now: bytes | None
) -> None:
    project = dataset({"pizza": [jpeg(1, (320, 240)), jpeg(1), jpeg(2)]})
    curate(project, PLAIN, compare=False)
    with project.open_catalogue() as cat:
        cat.execute("UPDATE thumb SET rest = X'00'")
    file = project.image(f"images/pizza/{sha_of(jpeg(2))[:16]}.jpg")
    if now is None:
        file.unlink()
    else:
        file.write_bytes(now)
    assert curate(project, PLAIN).kept == {"pizza": 1}
    file.write_bytes(jpeg(2))
    if now is None:  # it has come back
        assert curate(project, PLAIN).kept == {"pizza": 2}


@pytest.fixture
def report(dataset: Make) -> CurateReport:
    blank = encode(Image.new("RGB", (200, 200), "white"))
    pictures = [jpeg(1, (320, 240)), jpeg(1), jpeg(2), jpeg(4)[:-300], blank]
    return curate(dataset({"pizza": pictures}), PLAIN)


def test_families_are_told_in_the_shape_of_a_folders(report: CurateReport) -> None:
    told = dedupe_json(report)
    large, small = (f"images/pizza/{sha_of(jpeg(1, s))[:16]}.jpg" for s in ((320, 240), (160, 120)))
    (family,) = told["families"]  # type: ignore[misc]
    assert told["images"] == 5
    assert family["keeper"] == large
    assert [member["path"] for member in family["members"]] == [small]
    assert set(family["members"][0]) == {"path", "relation", "phash", "dhash", "difference"}
    assert told["unreadable"] == [
        {"path": f"images/pizza/{sha_of(jpeg(4)[:-300])[:16]}.jpg", "why": "truncated"}
    ]
    assert "keep" in dedupe_text(report)


def test_findings_are_told_with_score_and_drop(report: CurateReport) -> None:
    told = check_json(report)
    findings = told["findings"]
    assert isinstance(findings, list)
    assert {"truncated", "blank"} <= {finding["check"] for finding in findings}
    assert all({"path", "check", "score", "drop"} <= set(finding) for finding in findings)
    assert told["images"] == 5
    assert told["ok"] == 5 - len({finding["path"] for finding in findings})
    assert "blank: 1 (dropped)" in check_text(report)
