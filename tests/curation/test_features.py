"""Features computed once, and what they say of nearness: without any model's file."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pixset.curation.labels.feature_file import FeatureFile, feature_path
from pixset.curation.labels.features import features
from pixset.curation.labels.issues import HISTOGRAMS
from pixset.curation.labels.nearness import near_pairs, oddness
from pixset.curation.labels.topics import query_topics
from support import pictures

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from PIL import Image


class Counts:
    """An embedder by the mean colour that counts what it is shown."""

    head = HISTOGRAMS
    identity = "counts"

    def __init__(self) -> None:
        self.seen = 0

    def __call__(self, batch: Sequence[Image.Image]) -> np.ndarray:
        self.seen += len(batch)
        return np.stack([np.asarray(one, np.float32).mean(axis=(0, 1)) / 255 for one in batch])


def folder(root: Path, numbers: Sequence[int]) -> dict[str, Path]:
    """Pictures by their digest."""
    found = {}
    for number in numbers:
        path = pictures.save(pictures.draw(number), root / "photos" / f"{number}.png")
        found[hashlib.sha256(path.read_bytes()).hexdigest()] = path
    return found


def test_a_folders_features_are_remembered_beside_it(tmp_path: Path) -> None:
    there = folder(tmp_path, range(5))
    embed = Counts()
    memory = FeatureFile(feature_path(tmp_path / "photos", embed.identity))
    first = features(there, embed, memory)
    again = features(folder(tmp_path, range(7)), embed, memory)
    assert embed.seen == 7
    assert list(first) == list(there)
    assert all((again[one] == first[one]).all() for one in first)
    assert feature_path(tmp_path / "photos", "other") != feature_path(tmp_path / "photos", "counts")


def test_a_file_that_holds_another_picture_by_now_has_no_features(tmp_path: Path) -> None:
    there = folder(tmp_path, range(3))
    digest, path = list(there.items())[1]
    pictures.save(pictures.draw(9), path)
    memory = FeatureFile(feature_path(tmp_path / "photos", "counts"))
    found = features(there, Counts(), memory)
    assert list(found) == [one for one in there if one != digest]
    assert digest not in memory.recall(there)


def test_a_torn_record_is_cut_off_and_computed_again(tmp_path: Path) -> None:
    there = folder(tmp_path, range(4))
    path = feature_path(tmp_path / "photos", "counts")
    embed = Counts()
    whole = features(there, embed, FeatureFile(path))
    path.write_bytes(path.read_bytes()[:-5])
    again = features(there, embed, FeatureFile(path))
    assert embed.seen == 5
    assert all((again[one] == whole[one]).all() for one in whole)
    features(there, embed, FeatureFile(path))
    assert embed.seen == 5
    path.write_bytes(b"\x03")
    features(there, embed, FeatureFile(path))
    assert embed.seen == 9


@pytest.mark.parametrize("length", [2**20, 2**31, 2**32 - 1])
def test_a_file_of_a_damaged_length_is_begun_anew(tmp_path: Path, length: int) -> None:
    there = folder(tmp_path, range(4))
    path = feature_path(tmp_path / "photos", "counts")
    embed = Counts()
    whole = features(there, embed, FeatureFile(path))
    path.write_bytes(length.to_bytes(4, "little") + path.read_bytes()[4:])
    for _ in range(2):
        again = features(there, embed, FeatureFile(path))
        assert all((again[one] == whole[one]).all() for one in whole)
    assert embed.seen == 8


def test_a_picture_that_is_gone_is_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    there = folder(tmp_path, range(3))
    gone = next(iter(there))
    there[gone].unlink()
    assert list(features(there, Counts())) == list(there)[1:]
    assert "left out" in caplog.text


def test_oddness_is_the_distance_from_the_labels_other_pictures() -> None:
    rng = np.random.default_rng(0)
    red, blue = np.array([1.0, 0, 0]), np.array([0, 0, 1.0])
    rows = np.concatenate([red + 0.1 * rng.normal(size=(8, 3)), [blue], [blue]])
    labels = ["red"] * 9 + ["alone"]
    groups = [str(place) for place in range(10)]
    found = oddness(rows.astype(np.float32), labels, groups)
    assert found[8] == pytest.approx(1, abs=0.1)
    assert found[:8].max() < 0.1
    assert np.isnan(found[9])
    copies = oddness(rows.astype(np.float32), labels, ["same"] * 10)
    assert np.isnan(copies).all()


def test_pairs_of_one_group_are_no_proposals_and_crowds_stay_small() -> None:
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(40, 16)).astype(np.float32)
    rows[1] = rows[0]
    rows[3] = rows[2]
    groups = [str(place) for place in range(40)]
    groups[3] = "2"
    assert [(one.one, one.other) for one in near_pairs(rows, groups)] == [(0, 1)]
    crowd = np.ones((300, 16), np.float32)
    assert len(near_pairs(crowd, [str(place) for place in range(300)])) <= 900
    assert near_pairs(rows[:1], ["a"]) == ()


def test_a_query_with_too_little_beside_it_is_not_spoken_of() -> None:
    rows = {str(n): np.ones(4, np.float32) for n in range(12)}
    queries = {("a", "one"): list("01234"), ("a", "two"): ["8", "9"]}
    told = {topic.query: topic.off_topic for topic in query_topics(rows, queries)}
    assert told == {"one": None, "two": None}
