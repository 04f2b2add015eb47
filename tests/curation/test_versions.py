"""A measurement that is added or changed reaches what was measured before, and only it is made."""

from __future__ import annotations

import io
import json
import tarfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image
from pixset.curation.errors import Unreadable
from pixset.curation.folders.cache import Cache, cache_path
from pixset.curation.folders.folder import check_folder, look_at_folder
from pixset.curation.images import decode
from pixset.curation.images.facts import Facts, from_record, to_record, versions_of, versions_text
from pixset.curation.images.hashes import FINGERPRINTS, Fingerprint
from pixset.curation.images.measure import look, missing, versions
from pixset.curation.images.quality import CHECKS, Check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pixset.curation.images.sample import Sample

DATA = Path(__file__).parents[1] / "data"


@contextmanager
def added(registry: dict[str, Any], name: str, one: object) -> Iterator[None]:
    """A registry with one more entry, or another in its place."""
    before = registry.get(name)
    registry[name] = one
    try:
        yield
    finally:
        if before is None:
            del registry[name]
        else:
            registry[name] = before


def redness(sample: Sample) -> float:
    return float(sample.pixels[..., 0].mean())


RED = Check("red", "the mean of red (0 to 255)", threshold=-1, direction="above", score=redness)


def picture(seed: int = 0) -> bytes:
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8))
    out = io.BytesIO()
    small.resize((160, 120), Image.Resampling.BICUBIC).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def old_folder(tmp_path: Path) -> Path:
    """A folder of pictures whose cache was written by 0.1.0."""
    with tarfile.open(DATA / "folder-0.1.0.tar.gz") as tar:
        tar.extractall(tmp_path, filter="data")
    (folder,) = [one for one in tmp_path.iterdir() if one.is_dir() and one.name[0] != "."]
    assert cache_path(folder).is_file()
    return folder


def test_facts_say_by_which_versions_they_were_measured() -> None:
    facts = look(picture())
    assert facts.versions == versions()
    assert missing(facts.versions) == frozenset()
    assert {"decoder", "thumb", "fingerprint/phash", "check/blank"} <= missing({})
    again = from_record(json.loads(json.dumps(to_record(facts))))
    assert again.versions == facts.versions
    assert versions_of(versions_text(facts.versions)) is again.versions


def test_a_new_check_is_measured_and_nothing_else_is() -> None:
    facts = replace(look(picture()), thumb=b"as it was", fingerprints={"phash": 7})
    with added(CHECKS, "red", RED):
        assert missing(facts.versions) == {"check/red"}
        completed = look(picture(), facts)
        assert completed.scores["red"] > 0
        assert missing(completed.versions) == frozenset()
        assert look(b"not even read", completed) is completed
    assert completed.thumb == b"as it was"
    assert completed.fingerprints == {"phash": 7}
    assert {name: completed.scores[name] for name in facts.scores} == facts.scores


def test_a_file_that_was_replaced_since_its_digest_was_asked_for_is_measured_whole() -> None:
    facts = look(picture(1))
    with added(CHECKS, "red", RED):
        assert look(picture(2), facts) == look(picture(2))


def test_a_new_fingerprint_is_made_and_one_that_does_not_apply_is_not_asked_for_again() -> None:
    facts = look(picture())
    with added(FINGERPRINTS, "mean", Fingerprint(lambda sample: int(sample.luma.mean()))):
        completed = look(picture(), facts)
        assert 0 < completed.fingerprints["mean"] < 256
    with added(FINGERPRINTS, "never", Fingerprint(lambda _: None)):
        completed = look(picture(), facts)
        assert "never" not in completed.fingerprints
        assert missing(completed.versions) == frozenset()


def test_a_check_with_a_higher_version_is_scored_again() -> None:
    facts = replace(look(picture()), scores={"dark": 1.0, "light": 2.0})
    with added(CHECKS, "dark", replace(CHECKS["dark"], version=2)):
        completed = look(picture(), facts)
    assert completed.scores["dark"] == look(picture()).scores["dark"]
    assert completed.scores["light"] == 2.0


def test_a_changed_decoder_changes_everything() -> None:
    measured = dict(look(picture()).versions)
    measured["decoder"] -= 1
    assert missing(measured) == frozenset(versions())


@pytest.mark.parametrize("again", [False, True])
def test_a_new_check_and_fingerprint_reach_a_folder_that_0_1_0_measured(
    old_folder: Path, again: bool
) -> None:
    if again:
        look_at_folder(old_folder)
    with (
        added(CHECKS, "red", RED),
        added(FINGERPRINTS, "mean", Fingerprint(lambda sample: int(sample.luma.mean()))),
    ):
        report = check_folder(old_folder)
        red = {one.path for one in report.findings if one.check == "red"}
        _, seen = look_at_folder(old_folder)
    pictures = {path for path, what in seen.items() if isinstance(what, Facts)}
    assert len(pictures) > 3
    assert red == pictures
    assert all("mean" in what.fingerprints for what in seen.values() if isinstance(what, Facts))


def test_what_0_1_0_measured_is_read_and_measured_again_once(old_folder: Path) -> None:
    with Cache(cache_path(old_folder), old_folder) as memory:
        earlier = dict(memory)
    assert earlier
    assert all(facts.versions == {} for facts in earlier.values())
    _, seen = look_at_folder(old_folder)
    size = cache_path(old_folder).stat().st_size
    for what in seen.values():
        if isinstance(what, Facts):
            before = earlier[what.sha256].fingerprints
            kept = {kind: bits for kind, bits in before.items() if FINGERPRINTS[kind].version == 1}
            assert kept.items() <= what.fingerprints.items()
            assert len(kept) > 5
    _, again = look_at_folder(old_folder)
    assert again == seen
    assert cache_path(old_folder).stat().st_size == size


def test_what_an_earlier_decoder_refused_is_tried_again(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    path = folder / "one.png"
    path.write_bytes(picture())
    with Cache(cache_path(folder), folder) as memory:
        memory.add(path, Unreadable("corrupt", "said the old one"))
    line = json.loads(cache_path(folder).read_bytes())
    for decoder, expected in ((decode.VERSION, Unreadable), (1, Facts)):
        cache_path(folder).write_text(json.dumps({**line, "decoder": decoder}) + "\n")
        _, seen = look_at_folder(folder)
        assert isinstance(seen[path], expected)


def test_what_is_not_settled_is_not_remembered(tmp_path: Path) -> None:
    path = tmp_path / "photos" / "one.png"
    path.parent.mkdir()
    path.write_bytes(picture())
    with Cache(cache_path(path.parent), path.parent) as memory:
        memory.add(path, Unreadable("stalled", "the disk slept"))
        assert memory.seen(path) is None
    assert cache_path(path.parent).stat().st_size == 0
