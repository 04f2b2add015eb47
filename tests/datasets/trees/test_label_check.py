"""A dataset's labels held against a model: what it finds waits on the review page."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from pixset.curation.errors import CurationError
from pixset.curation.labels.embedding import Classical
from pixset.datasets.catalogue import decisions, forgetting, label_findings
from pixset.datasets.curate.label_check import check_labels, propose_pairs, rank_oddness
from pixset.datasets.curate.label_report import label_json
from pixset.datasets.dataset import Dataset
from pixset.datasets.project import Project
from pixset.datasets.review.session import ReviewSession
from support.catalogues import put
from support.command_line import run
from support.models import saved
from support.pictures import sha_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


for name in ("cleanlab", "onnxruntime", "onnx"):
    pytest.importorskip(name, reason="the extra `noise` is not installed")

RED, BLUE, GREEN = (200, 40, 30), (30, 60, 200), (20, 210, 40)


def tinted(colour: tuple[int, int, int], number: int) -> bytes:
    """A picture of patches around a colour, unlike any other number's."""
    rng = np.random.default_rng(number)
    patches = rng.normal(0, 30, (6, 8, 3)) + np.array(colour)
    picture = Image.fromarray(patches.clip(0, 255).astype(np.uint8)).resize((160, 120))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


@dataclass
class Embeds:
    """An embedder that counts the pictures it is shown."""

    head = Classical.head
    identity: str = "counting"
    seen: list[int] = field(default_factory=list)

    def __call__(self, pictures: Sequence[Image.Image]) -> np.ndarray:
        """Embed by the mean colour."""
        self.seen.append(len(pictures))
        rows = [np.asarray(one, np.float32).mean(axis=(0, 1)) / 255 for one in pictures]
        return np.stack(rows)


SWAPPED, STRAY = tinted(BLUE, 900), tinted(GREEN, 901)


@pytest.fixture
def dataset(tmp_path: Path) -> Project:
    """Roses and skies by their colours; one sky among the roses, and something green."""
    project = Project(tmp_path / "colours")
    put(project, "rose", [*(tinted(RED, n) for n in range(14)), SWAPPED])
    put(project, "sky", [*(tinted(BLUE, n) for n in range(100, 114)), STRAY])
    return project


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return saved(
        tmp_path / "means.onnx",
        ["n", 3, 32, 32],
        metadata={"input_mean": "0", "input_std": "255"},
    )


def shown(session: ReviewSession, view: str) -> list[dict[str, object]]:
    return session.page(view, label=None, open_only=True, after=-1, count=99)[0]


def test_findings_are_a_queue_worst_first_with_the_label_to_take(
    dataset: Project, model: Path
) -> None:
    told = json.loads(run("check", dataset.root, "--labels", "--model", model, "--json").stdout)
    assert not any(finding["drop"] for finding in told["findings"])
    found = {one["check"]: one for one in told["findings"]}
    assert found["label"]["suggested"] == "sky"
    assert sha_of(SWAPPED)[:16] in found["label"]["path"]
    assert sha_of(STRAY)[:16] in found["off_topic"]["path"]
    session = ReviewSession(dataset)
    first = shown(session, "labels")[0]
    assert first["sha"] == sha_of(SWAPPED)
    assert first["doubts"] == [
        {"kind": "label", "score": pytest.approx(found["label"]["score"], abs=1e-3),
         "suggested": "sky"},
        {"kind": "odd", "score": pytest.approx(1, abs=1), "suggested": None},
    ]  # fmt: skip
    assert [one["sha"] for one in shown(session, "topics")][:1] == [sha_of(STRAY)]
    scores = [one["doubts"][0]["score"] for one in shown(session, "labels")]  # type: ignore[index]
    assert scores == sorted(scores)
    text = run("check", dataset.root, "--labels", "--model", model).stdout
    assert "rose, looks more like sky" in text
    assert "pixset review" in text


def test_the_class_checks_labels_as_the_command_does(dataset: Project, model: Path) -> None:
    told = json.loads(run("check", dataset.root, "--labels", "--model", model, "--json").stdout)
    from_python = Dataset(dataset.root, progress=None)
    found = from_python.check_labels(model)
    assert label_json(found) == told
    assert "rose, looks more like sky" in repr(found)
    assert from_python.check_labels(share=0.05).images == 30  # without a model: colour and layout


def test_a_label_that_was_taken_is_settled_and_not_found_again(
    dataset: Project, model: Path
) -> None:
    run("check", dataset.root, "--labels", "--model", model)
    session = ReviewSession(dataset)
    session.relabel([sha_of(SWAPPED)], "sky")
    assert sha_of(SWAPPED) not in [one["sha"] for one in shown(session, "labels")]
    assert session.describe([sha_of(SWAPPED)])[0]["doubts"] == []
    run("check", dataset.root, "--labels", "--model", model)
    session.refresh()
    assert sha_of(SWAPPED) not in [one["sha"] for one in shown(session, "labels")]


def test_checking_again_refreshes_an_open_page(dataset: Project, model: Path) -> None:
    session = ReviewSession(dataset)
    assert not session.lists("labels")
    run("check", dataset.root, "--labels", "--model", model)
    session.refresh()
    assert session.lists("labels")
    with dataset.open_catalogue() as cat, cat.transaction():
        decisions.record_verdicts(
            cat, [decisions.Verdict(sha_of(SWAPPED), "drop", "person", "reviewed")], what="review"
        )
    run("check", dataset.root, "--labels", "--model", model)
    session.refresh()
    assert sha_of(SWAPPED) not in [one["sha"] for one in shown(session, "labels")]


def test_a_picture_is_shown_to_a_model_once(dataset: Project) -> None:
    first, again, other = Embeds(), Embeds(), Embeds("another")
    report = check_labels(dataset, first)
    assert sum(first.seen) == 30
    assert check_labels(dataset, again).findings == report.findings
    assert again.seen == []
    rank_oddness(dataset, other)
    assert sum(other.seen) == 30
    put(dataset, "rose", [tinted(RED, 50)], term="more roses")
    check_labels(dataset, again)
    assert again.seen == [1]


def test_a_forgotten_picture_leaves_no_features(dataset: Project) -> None:
    check_labels(dataset, Embeds())
    with dataset.open_catalogue() as cat, cat.transaction():
        forgetting.delete(cat, [sha_of(SWAPPED)])
        assert sha_of(SWAPPED) not in label_findings.features(cat, "counting", [sha_of(SWAPPED)])
        assert sha_of(SWAPPED) not in {one.sha256 for one in label_findings.label_findings(cat)}


def test_the_oddest_pictures_of_each_label_come_first(dataset: Project, model: Path) -> None:
    assert rank_oddness(dataset, Embeds()) == 30
    listed = [str(one["sha"]) for one in shown(ReviewSession(dataset), "odd")]
    assert set(listed[:2]) == {sha_of(SWAPPED), sha_of(STRAY)}
    assert len(listed) == 30
    assert "no such file" in str(
        run("review", dataset.root, "--model", model.with_name("x"), code=1).exception
    )


def test_pairs_that_a_model_proposes_wait_for_a_person_and_drop_nothing(
    dataset: Project,
) -> None:
    run("dedupe", dataset.root)
    with dataset.open_catalogue(write=False) as cat:
        before = decisions.standings(cat)
    assert propose_pairs(dataset, Embeds()) > 0
    session = ReviewSession(dataset)
    entry = shown(session, "alike")[0]
    assert entry["distance"]["likeness"] > 0.85  # type: ignore[index]
    assert entry["same"] is None
    pair = str(entry["sha"]), str(entry["other"]["sha"])  # type: ignore[index]
    session.pair(*pair, same=False)
    assert pair[0] not in [one["sha"] for one in shown(session, "alike")]
    with dataset.open_catalogue(write=False) as cat:
        assert decisions.standings(cat) == before


def test_each_querys_off_topic_pictures_are_counted_and_reported(dataset: Project) -> None:
    put(dataset, "rose", [tinted(RED, n) for n in range(200, 216)], term="red rose")
    put(dataset, "rose", [tinted(GREEN, n) for n in range(300, 308)], term="rose wine")
    report = check_labels(dataset, Embeds())
    worst = report.topics[0]
    assert (worst.label, worst.query, worst.pictures, worst.off_topic) == (
        "rose",
        "rose wine",
        8,
        8,
    )
    told = json.loads(run("report", dataset.root, "--json").stdout)
    assert {"label": "rose", "query": "rose wine", "off_topic": 8} in told["off_topic"]
    assert "'rose wine'" in run("report", dataset.root).stdout


def test_queries_of_different_things_are_not_held_against_each_other(tmp_path: Path) -> None:
    project = Project(tmp_path / "others")
    for place, colour in enumerate((RED, BLUE, GREEN, (220, 210, 20))):
        pictures = [tinted(colour, 10 * place + n) for n in range(10)]
        put(project, "not_pizza", pictures, term=f"thing {place}")
    put(project, "pizza", [tinted((120, 120, 120), 500 + n) for n in range(10)])
    told = check_labels(project, Embeds()).topics
    assert all(one.off_topic is None for one in told)


def test_a_model_that_gives_no_numbers_is_refused_in_one_line(dataset: Project) -> None:
    class Broken(Embeds):
        def __call__(self, pictures: Sequence[Image.Image]) -> np.ndarray:
            return np.full((len(pictures), 3), np.nan, np.float32)

    with pytest.raises(CurationError, match="NaN"):
        check_labels(dataset, Broken())
