from __future__ import annotations

import random
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageDraw
from pixset.curation.errors import UsageError
from pixset.curation.labels.embedding import Classical
from pixset.curation.labels.folder import check_labels
from pixset.curation.labels.issues import label_issues, off_topic, out_of_fold
from pixset.curation.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path


def field(seed: int) -> Image.Image:
    """Green below, blue above, something yellow on it."""
    chance = random.Random(seed)
    image = Image.new("RGB", (160, 120), (90, 150 + chance.randint(0, 40), 230))
    draw = ImageDraw.Draw(image)
    line = chance.randint(40, 80)
    draw.rectangle((0, line, 160, 120), fill=(40, 110 + chance.randint(0, 40), 40))
    for _ in range(20):
        x, y = chance.randint(0, 160), chance.randint(line, 120)
        draw.ellipse((x, y, x + 9, y + 9), fill=(230, 220, 40))
    return image


def street(seed: int) -> Image.Image:
    """Gray boxes with dark windows."""
    chance = random.Random(seed)
    image = Image.new("RGB", (160, 120), (190, 190, 195))
    draw = ImageDraw.Draw(image)
    for x in range(0, 160, 40):
        top = chance.randint(10, 50)
        draw.rectangle((x, top, x + 36, 120), fill=(chance.randint(110, 160),) * 3)
        for y in range(top + 8, 120, 16):
            draw.rectangle((x + 8, y, x + 16, y + 8), fill=(40, 40, 60))
    return image


PICTURES = [field(seed) for seed in range(24)] + [street(seed) for seed in range(24)]
LABELS = ["field"] * 24 + ["street"] * 24
SWAPPED = {3: "street", 40: "field"}


def test_the_classical_descriptor_is_the_same_in_any_company_and_at_any_size() -> None:
    classical = Classical()
    together = classical(PICTURES[:3])
    assert together.shape == (3, 900)
    assert together.dtype == np.float32
    np.testing.assert_array_equal(together[1], classical([PICTURES[1]])[0])
    bigger = classical([PICTURES[0].resize((640, 480), Image.Resampling.BICUBIC)])[0]
    near = np.linalg.norm(bigger - together[0])
    assert near < np.linalg.norm(classical([PICTURES[30]])[0] - together[0]) / 2


def test_planted_swaps_are_the_label_issues() -> None:
    pytest.importorskip("cleanlab", reason="the extra `noise` is not installed")
    labels = [SWAPPED.get(place, label) for place, label in enumerate(LABELS)]
    found = label_issues(Classical()(PICTURES), labels)
    assert {one.place: one.given for one in found} == SWAPPED
    assert all(one.suggested == LABELS[one.place] and one.quality < 0.5 for one in found)


def test_a_copy_never_teaches_the_model_about_its_twin() -> None:
    pytest.importorskip("sklearn", reason="the extra `noise` is not installed")
    vectors = Classical()([*PICTURES, PICTURES[3]])
    # The swapped picture and its copy, both under the wrong label.
    labels = [SWAPPED.get(place, label) for place, label in enumerate(LABELS)] + ["street"]
    groups = [*(str(place) for place in range(48)), "3"]
    confidence = out_of_fold(vectors, labels, groups=groups)
    assert confidence.shape == (49, 2)
    np.testing.assert_allclose(confidence.sum(axis=1), 1)
    assert confidence[3, 0] > 0.5
    assert confidence[48, 0] > 0.5


def test_what_is_far_from_everything_is_off_topic() -> None:
    pytest.importorskip("cleanlab", reason="the extra `noise` is not installed")
    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.integers(0, 256, (120, 160, 3), dtype=np.uint8))
    found = off_topic(Classical()([*PICTURES, noise]), [*LABELS, "street"])
    assert [one.place for one in found] == [48]


def test_class_folders_are_checked_by_their_names(tmp_path: Path) -> None:
    pytest.importorskip("cleanlab", reason="the extra `noise` is not installed")
    for place, (picture, label) in enumerate(zip(PICTURES, LABELS, strict=True)):
        path = tmp_path / SWAPPED.get(place, label) / f"{place}.png"
        path.parent.mkdir(exist_ok=True)
        picture.save(path)
    aside = tmp_path / "_aside"  # no class, as for `split` and `import`
    shutil.copytree(tmp_path / LABELS[0], aside)
    report = check_labels(tmp_path, cache=False)
    assert {one.path.name for one in report.findings if one.check == "label"} == {
        "3.png",
        "40.png",
    }
    assert not any(one.drop for one in report.findings)
    assert "looks more like" in report.to_text()


def test_names_decide_nothing_about_labels(tmp_path: Path) -> None:
    pytest.importorskip("cleanlab", reason="the extra `noise` is not installed")
    noise = np.random.default_rng(3)
    seen = []
    for name in ("one", "two"):
        root = tmp_path / name
        for place, number in enumerate(noise.permutation(len(PICTURES)).tolist()):
            path = root / SWAPPED.get(number, LABELS[number]) / f"{place:02}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            PICTURES[number].save(path)
        findings = check_labels(root, cache=False, share=0.2).findings
        seen.append([(one.path.read_bytes(), one.check, one.score) for one in findings])
    assert seen[0] == seen[1]


def test_features_of_another_decoder_are_computed_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("cleanlab", reason="the extra `noise` is not installed")

    class Counts(Classical):
        seen = 0

        def __call__(self, pictures: Sequence[Image.Image]) -> np.ndarray:
            Counts.seen += len(pictures)
            return super().__call__(pictures)

    for place, picture in enumerate(PICTURES):
        path = tmp_path / "in" / LABELS[place] / f"{place}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path)
    for decoder, seen in ((1, 48), (1, 48), (2, 96)):
        monkeypatch.setattr("pixset.curation.labels.features.VERSION", decoder)
        check_labels(tmp_path / "in", embedder=Counts())
        assert Counts.seen == seen


def test_a_label_of_too_few_pictures_is_left_out_with_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    pytest.importorskip("cleanlab", reason="the extra `noise` is not installed")
    vectors = Classical()([*PICTURES[:2], *PICTURES])
    given = [SWAPPED.get(place, label) for place, label in enumerate(LABELS)]
    found = label_issues(vectors, ["thin"] * 2 + given)
    assert {one.place for one in found if one.suggested != one.given} == {5, 42}
    assert "thin" in caplog.text


def test_mistakes_are_named(tmp_path: Path) -> None:
    pytest.importorskip("cleanlab", reason="the extra `noise` is not installed")
    vectors = Classical()(PICTURES[:8])
    with pytest.raises(UsageError, match="two labels"):
        label_issues(vectors, ["a"] * 8)
    with pytest.raises(UsageError, match="b: fewer than 5"):
        label_issues(vectors, ["a"] * 6 + ["b"] * 2)
    with pytest.raises(UsageError, match="too few"):
        off_topic(vectors[:3], ["a"] * 3)
    with pytest.raises(UsageError, match="no pictures in subfolders"):
        check_labels(tmp_path)


def test_pictures_that_all_went_while_they_were_looked_at_are_one_line(tmp_path: Path) -> None:
    top = tmp_path / "photos"
    for place, label in enumerate(("a", "b")):
        (top / label).mkdir(parents=True)
        PICTURES[place].save(top / label / "1.png")

    @contextmanager
    def taking(description: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        with silent(description, total) as advance:
            yield advance
        if description == "look":
            shutil.rmtree(top)

    with pytest.raises(UsageError, match="no picture could be read any more"):
        check_labels(top, progress=taking)
