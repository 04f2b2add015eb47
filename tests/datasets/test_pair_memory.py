"""What was compared once is remembered in the catalogue of a dataset and beside a folder."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from pixset.curation import find_families, look
from pixset.curation.duplicates.memory import InMemory, Remembered, RememberedPair, version
from pixset.curation.duplicates.pair_result import Kind, PairResult
from pixset.curation.folders.folder import dedupe_folder
from pixset.curation.folders.pair_cache import PairCache, pair_cache_path
from pixset.datasets.catalogue import forgetting, undoing
from pixset.datasets.catalogue.pairs import CataloguePairs
from pixset.datasets.curate import PairStatement, curate
from pixset.datasets.project import Project
from pixset.datasets.recipe import Recipe
from support.catalogues import put
from support.lookalikes import scene
from support.pictures import encode, sha_of

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = Recipe("r")
FILES = [encode(scene(number), quality=quality) for number in (1, 2) for quality in (92, 70)]
DIGESTS = sorted(sha_of(one) for one in FILES)
PAIRS = [
    RememberedPair(*DIGESTS[:2], 3, PairResult(Kind.COPY, 1.0, 12.34, "confirmed")),
    RememberedPair(*DIGESTS[1:3], 16, PairResult(Kind.MAYBE, 0.8765, 0.01, "mirrored or turned")),
    RememberedPair(*DIGESTS[2:], 1, None),
]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "dataset")
    put(made, "scene", FILES)
    return made


def keeps_what_it_is_given(memory) -> None:
    """The contract of a PairMemory."""
    marks = dict.fromkeys(DIGESTS, 7 << 30 | 1)
    memory.remember("1.a", Remembered(marks, PAIRS, {"family": [2, 0]}), ())
    known = memory.recall("1.a")
    assert known.pictures == marks
    assert sorted(known.pairs) == sorted(PAIRS)
    assert not memory.recall("1.b").pictures
    again = RememberedPair(*DIGESTS[2:], 1, PairResult(Kind.LOOSE, 0.0, 255.0, "alike"))
    memory.remember("1.a", Remembered({DIGESTS[0]: 4}, [again], {"other": []}), [DIGESTS[0]])
    known = memory.recall("1.a")
    assert known.better == {"family": [2, 0], "other": []}
    assert known.pictures == marks | {DIGESTS[0]: 4}
    assert sorted(known.pairs) == sorted([PAIRS[1], again])
    memory.remember("2.a", Remembered(marks), ())
    assert memory.recall("2.a").pictures == marks
    assert not list(memory.recall("2.a").pairs)
    assert not memory.recall("2.a").better


def test_the_memory_of_a_process_keeps_pairs() -> None:
    keeps_what_it_is_given(InMemory())


def test_the_memory_beside_a_folder_keeps_pairs(tmp_path: Path) -> None:
    path = tmp_path / "pairs"
    PairCache(path).remember("0.9", Remembered({DIGESTS[0]: 1}), ())
    memory = PairCache(path)
    assert not memory.recall("1.a").pictures
    keeps_what_it_is_given(memory)


def test_what_cannot_be_written_is_kept_until_it_can(tmp_path: Path) -> None:
    path = tmp_path / "pairs"
    path.symlink_to(tmp_path / "away" / "pairs")
    keeps_what_it_is_given(PairCache(path))
    memory = PairCache(path)
    memory.remember("1.a", Remembered({DIGESTS[0]: 1}, PAIRS), ())
    (tmp_path / "away").mkdir()
    memory.remember("1.a", Remembered({DIGESTS[1]: 2}), ())
    for known in (memory.recall("1.a"), PairCache(path).recall("1.a")):
        assert known.pictures == {DIGESTS[0]: 1, DIGESTS[1]: 2}
        assert sorted(known.pairs) == sorted(PAIRS)


def test_the_memory_of_a_catalogue_keeps_pairs(project: Project) -> None:
    with project.open_catalogue() as cat, cat.transaction():
        keeps_what_it_is_given(CataloguePairs(cat))


@pytest.mark.parametrize("torn", [b"", b"{", b'{"v":1}\n', b"\xff\xfe\n", b'{"v":2,"rules":1}\n'])
def test_a_torn_memory_is_begun_anew(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "pairs"
    path.write_bytes(torn)
    memory = PairCache(path)
    assert not memory.recall("1.a").pictures
    memory.remember("1.a", Remembered({DIGESTS[0]: 1}, PAIRS), ())
    assert sorted(PairCache(path).recall("1.a").pairs) == sorted(PAIRS)


def test_a_folder_is_compared_once_and_found_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number, data in enumerate(FILES[:3]):
        (folder / f"{number}.jpg").write_bytes(data)
    first = dedupe_folder(folder, workers=1)
    written = pair_cache_path(folder).read_bytes()
    assert len(first.families) == 1
    assert json.loads(written)["rules"] == version()
    assert dedupe_folder(folder, workers=1) == first
    assert pair_cache_path(folder).read_bytes() == written
    (folder / "3.jpg").write_bytes(FILES[3])
    more = dedupe_folder(folder, workers=1)
    assert more == dedupe_folder(folder, workers=1, cache=False)
    assert len(more.families) == 2
    assert len(pair_cache_path(folder).read_bytes().splitlines()) == 2


def test_a_folder_that_cannot_be_written_beside_is_compared_all_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number, data in enumerate(FILES):
        (folder / f"{number}.jpg").write_bytes(data)
    pair_cache_path(folder).mkdir()
    assert len(dedupe_folder(folder, workers=1).families) == 2


def remembered(project: Project) -> Remembered:
    with project.open_catalogue(write=False) as cat:
        return CataloguePairs(cat).recall(version())


def spoil(project: Project) -> None:
    """Other bytes in every picture's place, which only reading them tells."""
    for path in project.root.glob("images/scene/*"):
        before = path.stat()
        path.write_bytes(b"not to be opened again".ljust(before.st_size))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_a_dataset_compares_what_came_in_and_nothing_twice(tmp_path: Path) -> None:
    grown, whole = Project(tmp_path / "grown"), Project(tmp_path / "whole")
    put(grown, "scene", FILES[:3])
    curate(grown, PLAIN, workers=1)
    assert len(remembered(grown).pictures) == 3
    spoil(grown)
    put(grown, "scene", FILES, term="more")
    for one in FILES:  # what the new one has to be laid over is read; the rest is not
        digest = sha_of(one)
        if digest in {sha_of(data) for data in FILES[2:]}:
            grown.image(f"images/scene/{digest[:16]}.jpg").write_bytes(one)
    put(whole, "scene", FILES)
    found, at_once = (curate(project, PLAIN, workers=1) for project in (grown, whole))
    assert found.families == at_once.families
    assert len(found.families.families) == 2


def test_a_statement_holds_and_its_undo_compares_nothing_again(project: Project) -> None:
    first = curate(project, PLAIN, workers=1)
    (other, keeper), *_ = first.families.dropped().items()
    parted = curate(
        project, PLAIN, statements=[PairStatement(keeper, other, same=False)], workers=1
    )
    assert other not in parted.families.dropped()
    spoil(project)
    with project.open_catalogue() as cat, cat.transaction():
        undoing.undo(cat, stated=True)
    assert curate(project, PLAIN, workers=1).families == first.families


def test_a_picture_that_is_forgotten_takes_its_pairs_with_it(project: Project) -> None:
    curate(project, PLAIN, workers=1)
    one = next(iter(remembered(project).pairs)).one
    with project.open_catalogue() as cat, cat.transaction():
        forgetting.delete(cat, [one])
    known = remembered(project)
    assert one not in known.pictures
    assert all(one not in pair[:2] for pair in known.pairs)


def test_families_are_the_same_from_a_catalogue_as_from_nothing(project: Project) -> None:
    data = {sha_of(one): one for one in FILES}
    facts = [look(one) for one in FILES]
    plain = find_families(facts, read=data.__getitem__)
    with project.open_catalogue() as cat, cat.transaction():
        for _ in range(2):
            memory = CataloguePairs(cat)
            assert find_families(facts, read=data.__getitem__, memory=memory) == plain
