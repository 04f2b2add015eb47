"""A measurement that is added reaches datasets that were measured before, and only it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pixset.curation.images.hashes import FINGERPRINTS, Fingerprint
from pixset.curation.images.quality import CHECKS, Check
from pixset.datasets.curate.measuring import measure
from support.catalogues import all_facts

if TYPE_CHECKING:
    from pixset.datasets.project import Project

RED = Check(
    "red",
    "the mean of red (0 to 255)",
    threshold=300,
    direction="above",
    score=lambda sample: float(sample.pixels[..., 0].mean()),
)


def test_a_new_check_and_fingerprint_reach_a_dataset_that_0_1_0_measured(old: Project) -> None:
    with old.open_catalogue() as cat:
        before = all_facts(cat)
        CHECKS["red"] = RED
        FINGERPRINTS["mean"] = Fingerprint(lambda sample: int(sample.luma.mean()))
        try:
            measured, missing = measure(old, cat)
            assert measure(old, cat) == (0, ())
        finally:
            del CHECKS["red"], FINGERPRINTS["mean"]
        after = all_facts(cat)
    assert (measured, missing) == (len(after), ())
    for sha, facts in after.items():
        assert facts.scores["red"] > 0
        assert facts.fingerprints["mean"] < 256
        kept = {k: v for k, v in before[sha].fingerprints.items() if FINGERPRINTS[k].version == 1}
        assert len(kept) > 5
        assert facts.fingerprints.items() >= kept.items()


def test_only_what_is_new_is_measured_where_the_rest_is_of_today(old: Project) -> None:
    with old.open_catalogue() as cat:
        measure(old, cat)
        before = all_facts(cat)
        assert measure(old, cat) == (0, ())
        CHECKS["red"] = RED
        try:
            assert measure(old, cat)[0] == len(before)
        finally:
            del CHECKS["red"]
        after = all_facts(cat)
    assert {sha: one.thumb for sha, one in after.items()} == {
        sha: one.thumb for sha, one in before.items()
    }
