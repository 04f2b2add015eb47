"""Forgetting: what goes, what stays, and that it never comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pixset.curation.folders.cache import cache_path
from pixset.curation.folders.pair_cache import pair_cache_path
from pixset.datasets.catalogue import Catalogue, decisions, forgetting, images, searches
from pixset.datasets.collect import image_store as pool
from pixset.datasets.collect.forget import forget, free, going, unused
from pixset.datasets.collect.import_folder import import_folder
from pixset.datasets.curate import curate, kept
from pixset.datasets.errors import DatasetError, DiskFull, UsageError
from pixset.datasets.recipe import Recipe
from pixset.datasets.status import status_of
from pixset.datasets.tree.build_tree import build_tree
from pixset.datasets.verify import verify
from support.catalogues import put
from support.pictures import jpeg, sha_of

if TYPE_CHECKING:
    from pathlib import Path

    from pixset.datasets.project import Project

PLAIN = Recipe("r")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Twelve pizzas, one of them with a smaller copy, and twelve others; curated."""
    from pixset.datasets.project import Project as Dataset

    made = Dataset(tmp_path / "dataset")
    put(made, "pizza", [jpeg(1, (320, 240)), *(jpeg(n) for n in range(1, 12))])
    put(made, "other", [jpeg(n) for n in range(100, 112)])
    curate(made, PLAIN, workers=1)
    return made


def forgotten(project: Project, *names: str) -> set[str]:
    """Forget what the names mean; returns the digests that went."""
    with project.open_catalogue() as cat:
        chosen = going(project, cat, names)
        forget(project, cat, chosen)
    return set(chosen.why)


@pytest.mark.parametrize("length", range(1, 8))
def test_a_files_name_that_begins_an_id_by_chance_names_no_picture(
    project: Project, tmp_path: Path, length: int
) -> None:
    wanted, other = (sha_of(jpeg(n)) for n in (103, 105))
    held = tmp_path / f"{other[:length]}.jpg"
    held.write_bytes(jpeg(103))
    foreign = tmp_path / f"{other[: length + 1]}.jpg"
    foreign.write_bytes(jpeg(500))
    with project.open_catalogue() as cat:
        assert set(going(project, cat, [str(held)]).why) == {wanted}
        for name in (str(foreign), f"{other[:length]}.de", f"{other[:length]}.jpg"):
            with pytest.raises(UsageError, match="no picture of this dataset"):
                going(project, cat, [name])


def test_a_file_of_the_tree_names_its_picture_by_its_name(project: Project) -> None:
    sha = sha_of(jpeg(105))
    (tree := project.ready / "train" / "other").mkdir(parents=True)
    (tree / f"{sha[:16]}.jpg").write_bytes(b"prepared otherwise")
    names = [str(tree / f"{sha[:16]}.jpg"), f"ready/train/other/{sha[:16]}.jpg", f"{sha[:16]}.jpg"]
    with project.open_catalogue() as cat:
        assert [set(going(project, cat, [name]).why) for name in names] == [{sha}] * 3


def test_no_thumb_of_a_picture_stays_with_what_verify_remembers(project: Project) -> None:
    build_tree(project, PLAIN, workers=1)
    verify(project.ready, workers=1)
    remembered = [cache_path(project.ready), pair_cache_path(project.ready)]
    assert all(path.is_file() for path in remembered)
    forgotten(project, sha_of(jpeg(3))[:16])
    assert not any(path.exists() for path in remembered)


def test_a_picture_goes_with_its_copies_and_all_that_was_known_of_it(project: Project) -> None:
    large, small = jpeg(1, (320, 240)), jpeg(1)
    thumbs = thumbs_of(project, large, small)
    assert all(one in project.catalogue.read_bytes() for one in thumbs)
    assert forgotten(project, sha_of(small)[:16]) == {sha_of(large), sha_of(small)}
    assert not list(project.images.glob(f"*/{sha_of(large)[:16]}*"))
    with project.open_catalogue(write=False) as cat:
        assert len(images.images(cat)) == 22
        assert not {sha_of(large), sha_of(small)} & decisions.standings(cat).keys()
        fate = images.fate_of(cat, f"https://example.org/{sha_of(small)}")
        assert fate
        assert (fate.sha256, fate.failure) == (None, images.FORGOTTEN)
        blank = [one for one in searches.sightings(cat) if one.title is None]
        assert {one.key for one in blank} == {sha_of(large), sha_of(small)}
        assert cat.rows("PRAGMA foreign_key_check") == []
    data = project.catalogue.read_bytes()
    assert not any(one in data for one in thumbs)


def thumbs_of(project: Project, *pictures: bytes) -> list[bytes]:
    """What the catalogue's file holds to be seen of pictures."""
    with project.open_catalogue(write=False) as cat:
        numbers = images.numbers(cat, [sha_of(one) for one in pictures])
        rows = cat.rows("SELECT image, rest FROM thumb")
        return [rest for image, rest in rows if image in numbers.values()]


class NoRoom(Catalogue):
    """A catalogue on a disk that has no room for another one."""

    def shrink(self) -> None:
        raise DiskFull("the disk is full")


def test_without_room_to_write_anew_nothing_of_them_is_left_either(
    project: Project, caplog: pytest.LogCaptureFixture
) -> None:
    gone = [jpeg(n) for n in range(3, 9)]
    thumbs = thumbs_of(project, *gone)
    with NoRoom.open(project.catalogue) as cat:
        forget(project, cat, going(project, cat, [sha_of(one) for one in gone]))
    assert "the catalogue keeps its size: the disk is full" in caplog.text
    data = project.catalogue.read_bytes()
    assert len(thumbs) == 6
    assert not any(one in data for one in thumbs)


@pytest.mark.parametrize("name", ["address", "file", "host"])
def test_it_is_found_by_address_file_and_host(project: Project, name: str, tmp_path: Path) -> None:
    one = jpeg(5)
    file = tmp_path / "somebodys.jpg"
    file.write_bytes(one)
    names = {"address": f"https://example.org/{sha_of(one)}", "file": str(file)}
    with project.open_catalogue() as cat:
        if name == "host":
            assert len(going(project, cat, ["example.org"]).why) == 24
        else:
            assert set(going(project, cat, [names[name]]).why) == {sha_of(one)}
        with pytest.raises(UsageError, match=r"nowhere\.example"):
            going(project, cat, ["nowhere.example"])


def test_it_never_comes_back_by_web_folder_or_as_another_file(
    project: Project, tmp_path: Path
) -> None:
    one, again = jpeg(5), jpeg(5, quality=60)
    forgotten(project, sha_of(one))
    with project.open_catalogue() as cat, cat.transaction(), pytest.raises(pool.Forgotten):
        pool.keep(project, cat, "pizza", one, "jpg")
    folder = tmp_path / "photos" / "pizza"
    folder.mkdir(parents=True)
    (folder / "a.jpg").write_bytes(one)
    (folder / "b.jpg").write_bytes(again)
    done = import_folder(project, tmp_path / "photos")
    assert "forgotten" in done.left_out["pizza/a.jpg"]
    curate(project, PLAIN, workers=1)
    with project.open_catalogue(write=False) as cat:
        assert decisions.standings(cat)[sha_of(again)].dropped
        assert not {sha_of(one), sha_of(again)} & {picture.sha256 for picture in kept(cat)}


def test_the_tree_loses_it_too(project: Project) -> None:
    build_tree(project, PLAIN)
    one = jpeg(7)
    assert list(project.ready.glob(f"*/*/{sha_of(one)[:16]}*"))
    forgotten(project, sha_of(one))
    assert not list(project.ready.glob(f"*/*/{sha_of(one)[:16]}*"))
    build_tree(project, PLAIN)
    assert sha_of(one) not in (project.ready / "manifest.jsonl").read_text("utf-8")


def test_a_killed_forget_is_run_again_to_the_end(project: Project) -> None:
    one = jpeg(5)
    with project.open_catalogue() as cat:
        with cat.transaction():
            forgetting.put_tombstones(cat, [sha_of(one)])  # killed here: its row is there still
        assert images.image_path(cat, sha_of(one))
    assert forgotten(project, sha_of(one)) == {sha_of(one)}
    assert not list(project.images.glob(f"*/{sha_of(one)[:16]}*"))


def test_unused_pictures_lose_their_bytes_and_keep_their_records(project: Project) -> None:
    small = jpeg(1)
    with project.open_catalogue() as cat:
        chosen = unused(project, cat)
        assert dict(chosen.why) == {sha_of(small): "duplicate"}
        free(project, cat, chosen)
        assert unused(project, cat).why == {}
    assert not list(project.images.glob(f"*/{sha_of(small)[:16]}*"))
    report = curate(project, PLAIN, workers=1, anew=True)
    assert (report.kept, report.missing, report.changed) == ({"other": 12, "pizza": 11}, (), 0)
    with project.open_catalogue() as cat, cat.transaction():
        assert decisions.standings(cat)[sha_of(small)].dropped
        assert pool.keep(project, cat, "pizza", small, "jpg") == sha_of(small)
    assert not list(project.images.glob(f"*/{sha_of(small)[:16]}*"))


def test_bytes_that_a_killed_run_left_are_freed_by_the_next(project: Project) -> None:
    sha = sha_of(jpeg(1))
    with project.open_catalogue() as cat:
        with cat.transaction():
            forgetting.mark_freed(cat, [sha])  # killed here: the file is there still
        assert set(unused(project, cat).why) == {sha}
        free(project, cat, unused(project, cat))
        assert unused(project, cat).why == {}
    assert not list(project.images.glob(f"*/{sha[:16]}*"))


def test_status_says_of_an_imported_picture_that_it_was_forgotten(tmp_path: Path) -> None:
    from pixset.datasets.project import Project as Dataset

    made = Dataset(tmp_path / "dataset")
    folder = tmp_path / "from" / "pizza"
    folder.mkdir(parents=True)
    for number in range(3):
        (folder / f"{number}.jpg").write_bytes(jpeg(number))
    import_folder(made, tmp_path / "from")
    forgotten(made, sha_of(jpeg(1)))
    assert status_of(made, PLAIN).missing == {"pizza": {"forgotten": 1}}


def test_one_file_that_cannot_be_deleted_keeps_no_other(tmp_path: Path) -> None:
    from pixset.datasets.project import Project as Dataset

    project = Dataset(tmp_path / "set")
    for number in range(3):
        file = tmp_path / "theirs" / "cat" / f"{number}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(jpeg(number))
    import_folder(project, tmp_path / "theirs")
    held, *rest = sorted(project.images.glob("*/*"))
    data = held.read_bytes()
    held.unlink()
    (held / "in the way").mkdir(parents=True)  # a folder is no file to delete
    names = [file.stem for file in (held, *rest)]
    with project.open_catalogue() as cat:
        chosen = going(project, cat, names)
        with pytest.raises(DatasetError, match=f"1 file could not be deleted .*{held.name}"):
            forget(project, cat, chosen)
        assert not any(file.exists() for file in rest)
    (held / "in the way").rmdir()
    held.rmdir()
    held.write_bytes(data)
    with project.open_catalogue() as cat:
        forget(project, cat, going(project, cat, names))
        assert list(images.images(cat)) == []
    assert not held.exists()
