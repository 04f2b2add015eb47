"""Class folders from elsewhere: what is a class, what is a picture, and that nothing is lost."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from pixset.datasets.catalogue import images, searches
from pixset.datasets.cli import app
from pixset.datasets.collect.class_folders import read_class_folders
from pixset.datasets.collect.import_folder import import_folder
from pixset.datasets.errors import UsageError
from pixset.datasets.project import Project
from pixset.datasets.recipe import Asked, Label, Recipe
from pixset.datasets.recipe.toml import read, write
from pixset.scraper.models import Query
from typer.testing import CliRunner

if TYPE_CHECKING:
    from pathlib import Path


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\xff\xd8\xff\xe0" + text.encode() + b"\xff\xd9")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "theirs"
    for name in ("Cats", "dogs"):
        for number in range(3):
            put(home / name / f"{number}.jpg", f"{name} {number}")
    return home


def test_class_folders_become_labels_with_their_pictures(tmp_path: Path, folder: Path) -> None:
    project = Project(tmp_path / "dataset")
    done = import_folder(project, folder, labels={"Cats": "cat"})
    assert done.added == {"cat": 3, "dogs": 3}
    assert read(project.recipe).slugs == ("cat", "dogs")
    with project.open_catalogue(write=False) as cat:
        assert [set(one.labels) for one in images.images(cat)].count({"cat"}) == 3
        assert {source for _, source in images.sources(cat).values()} == {"import"}
        assert {search.outcome for search in searches.searches(cat)} == {"imported"}
        assert all(url == f"import:{fate.sha256}" for url, fate in images.fates(cat).items())


def test_files_are_copied_unless_links_are_asked_for(tmp_path: Path, folder: Path) -> None:
    linked = import_folder(Project(tmp_path / "linked"), folder, link=True)
    copied = import_folder(Project(tmp_path / "copied"), folder)
    assert (linked.linked, copied.linked) == (6, 0)
    inodes = {path.stat().st_ino for path in folder.rglob("*.jpg")}
    assert {p.stat().st_ino for p in tmp_path.glob("linked/images/*/*")} == inodes
    assert not {p.stat().st_ino for p in tmp_path.glob("copied/images/*/*")} & inodes


@pytest.mark.parametrize(("number", "before"), [(1, "1 was"), (3, "3 were")])
def test_one_of_a_thing_is_no_plural(tmp_path: Path, number: int, before: str) -> None:
    for name in range(number):
        put(tmp_path / "theirs" / "cats" / f"{name}.jpg", f"picture {name}")
    into = tmp_path / "dataset"
    words = ["import", str(tmp_path / "theirs"), "--into", str(into)]
    assert "0 were there before" in CliRunner().invoke(app, words).stdout
    assert f"{before} there before" in CliRunner().invoke(app, words).stdout
    (sha, *_) = [path.stem for path in into.glob("images/*/*")]
    shown = CliRunner().invoke(app, ["forget", str(into), sha], input="n\n")
    assert shown.stdout.startswith("1 picture, copies included (0.0 MB) would go:")
    shown = CliRunner().invoke(app, ["forget", str(into), "--unused"])
    assert shown.stdout.startswith("the bytes of 0 pictures that are out (0.0 MB) would go:")


def test_of_a_symbolic_link_the_picture_itself_is_linked(tmp_path: Path) -> None:
    home = tmp_path / "theirs" / "cats"
    home.mkdir(parents=True)
    there = [put(tmp_path / "real" / f"{n}.jpg", f"picture {n}") for n in range(2)]
    (home / "0.jpg").symlink_to(there[0])
    (home / "1.jpg").symlink_to("../../real/1.jpg")
    project = Project(tmp_path / "dataset")
    assert import_folder(project, home.parent, link=True).linked == 2
    held = list(project.images.glob("*/*"))
    assert not any(path.is_symlink() for path in held)
    assert {path.stat().st_ino for path in held} == {path.stat().st_ino for path in there}


def test_split_folders_are_no_classes(tmp_path: Path) -> None:
    for side in ("train", "val", "test"):
        put(tmp_path / "set" / side / "rose" / "1.jpg", side)
    found = read_class_folders(tmp_path / "set", {})
    assert found.labels == {f"{split}/rose": "rose" for split in ("test", "train", "val")}
    done = import_folder(Project(tmp_path / "dataset"), tmp_path / "set")
    assert done.added == {"rose": 3}


def test_a_folder_set_aside_by_its_name_is_a_class_only_where_that_is_said(
    tmp_path: Path, folder: Path
) -> None:
    put(folder / "_cat" / "1.jpg", "aside")
    put(folder / "__old" / "deep" / "2.jpg", "older")
    done = import_folder(Project(tmp_path / "plain"), folder)
    assert done.added == {"cats": 3, "dogs": 3}
    assert done.left_out == {
        "_cat/1.jpg": "in _cat, no class as its name begins with _",
        "__old/deep/2.jpg": "in __old, no class as its name begins with _",
    }
    named = import_folder(Project(tmp_path / "named"), folder, labels={"_cat": "cat"})
    assert named.added == {"cat": 1, "cats": 3, "dogs": 3}


def test_importing_again_adds_nothing(tmp_path: Path, folder: Path) -> None:
    project = Project(tmp_path / "dataset")
    import_folder(project, folder)
    before = read(project.recipe)
    again = import_folder(project, folder)
    assert (sum(again.added.values()), again.known) == (0, 6)
    assert read(project.recipe) == before


def test_what_is_no_picture_is_named_and_left(tmp_path: Path, folder: Path) -> None:
    (folder / "dogs" / "notes.jpg").write_text("<html>not a picture</html>")
    (folder / "dogs" / ".DS_Store").write_text("x")
    done = import_folder(Project(tmp_path / "dataset"), folder)
    assert done.no_picture == ("dogs/notes.jpg",)
    assert (folder / "dogs" / "notes.jpg").is_file()


def test_the_same_picture_in_two_classes_stands_under_both(tmp_path: Path) -> None:
    put(tmp_path / "set" / "a" / "1.jpg", "same")
    put(tmp_path / "set" / "b" / "1.jpg", "same")
    project = Project(tmp_path / "dataset")
    import_folder(project, tmp_path / "set")
    with project.open_catalogue(write=False) as cat:
        (picture,) = images.images(cat)
        assert picture.labels == {"a": 1, "b": 1}


def test_labels_join_a_recipe_that_is_there(tmp_path: Path, folder: Path) -> None:
    project = Project(tmp_path / "dataset")
    there = Recipe("mine", (Label("dogs", definition="Dogs.", queries=(Asked(Query("dog")),)),))
    write(project.recipe, there)
    import_folder(project, folder)
    recipe = read(project.recipe)
    assert recipe.label("dogs") == there.labels[0]
    assert recipe.slugs == ("cats", "dogs")


def test_a_folder_without_classes_is_refused_with_the_shape_expected(tmp_path: Path) -> None:
    put(tmp_path / "flat" / "1.jpg", "x")
    with pytest.raises(UsageError, match="expected class folders"):
        import_folder(Project(tmp_path / "dataset"), tmp_path / "flat")
    with pytest.raises(UsageError, match="no such folder"):
        import_folder(Project(tmp_path / "dataset"), tmp_path / "nowhere")


def test_a_class_named_like_a_split_is_refused_until_it_is_renamed(tmp_path: Path) -> None:
    put(tmp_path / "set" / "train" / "1.jpg", "locomotive")
    put(tmp_path / "set" / "bus" / "1.jpg", "bus")
    with pytest.raises(UsageError, match="split word"):
        read_class_folders(tmp_path / "set", {})
    found = read_class_folders(tmp_path / "set", {"train": "railway"})
    assert found.labels == {"bus": "bus", "train": "railway"}


@pytest.mark.parametrize(
    "names", [("C", "C++", "C#"), ("Cat", "cat"), ("Größe", "Grosse"), ("a b", "a_b")]
)
def test_folders_that_would_become_one_label_are_refused_until_they_are_named(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    for number, name in enumerate(names):
        put(tmp_path / "set" / name / "1.jpg", f"{number}")
    project = Project(tmp_path / "dataset")
    with pytest.raises(UsageError, match=r"would both be class .*--label FOLDER=LABEL") as refused:
        import_folder(project, tmp_path / "set")
    assert "\n" not in str(refused.value)
    assert not project.root.exists()
    given = {name: f"label_{number}" for number, name in enumerate(names)}
    done = import_folder(project, tmp_path / "set", labels=given)
    assert done.added == dict.fromkeys(given.values(), 1)


def test_folders_become_one_label_where_that_is_said(tmp_path: Path) -> None:
    for name in ("cats", "kittens", "dogs"):
        put(tmp_path / "set" / name / "1.jpg", name)
    given = {"cats": "cat", "kittens": "cat"}
    assert import_folder(Project(tmp_path / "dataset"), tmp_path / "set", labels=given).added == {
        "cat": 2,
        "dogs": 1,
    }


def test_a_later_import_does_not_join_the_label_of_another_name(tmp_path: Path) -> None:
    for name in ("C", "C++"):
        put(tmp_path / name / name / "1.jpg", name)
    project = Project(tmp_path / "dataset")
    import_folder(project, tmp_path / "C")
    with pytest.raises(UsageError, match=r"would join label 'c', which is 'C'.*--label C\+\+=c"):
        import_folder(project, tmp_path / "C++")
    again = import_folder(project, tmp_path / "C")
    assert (again.added, again.known) == ({"c": 0}, 1)


def test_a_class_whose_name_is_no_utf8_is_imported_again(tmp_path: Path) -> None:
    put(tmp_path / "set" / os.fsdecode(b"caf\xe9") / "1.jpg", "latin one")
    project = Project(tmp_path / "dataset")
    import_folder(project, tmp_path / "set")
    assert import_folder(project, tmp_path / "set").known == 1


def test_a_label_for_a_folder_that_is_not_there_is_a_mistake(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match="'Cat': there is no such class folder; did you mean 'Cats"
    ):
        import_folder(Project(tmp_path / "dataset"), folder, labels={"Cat": "cat"})


@pytest.mark.parametrize("name", ["con", "AUX", "nul.", "com1", "LPT9"])
def test_a_name_that_windows_takes_for_a_device_is_refused(tmp_path: Path, name: str) -> None:
    put(tmp_path / "set" / name / "1.jpg", name)
    with pytest.raises(UsageError, match="Windows"):
        import_folder(Project(tmp_path / "dataset"), tmp_path / "set")


def test_what_systems_and_programs_leave_beside_pictures_is_left_out(folder: Path) -> None:
    for there in (
        "@eaDir/Cats", "Cats/@eaDir/0.jpg", "Cats/.thumbnails", "dogs/.ipynb_checkpoints",
        "__MACOSX/dogs", "#recycle/dogs", ".hidden/dogs",
    ):  # fmt: skip
        put(folder / there / "THUMB.jpg", there)
    put(folder / "dogs" / "._0.jpg", "resource fork")
    done = import_folder(Project(folder.parent / "dataset"), folder)
    assert (done.added, done.left_out) == ({"cats": 3, "dogs": 3}, {})


def test_what_is_no_file_of_a_class_is_named_and_stalls_nothing(folder: Path) -> None:
    os.mkfifo(folder / "dogs" / "pipe.jpg")
    (folder / "dogs" / "gone.jpg").symlink_to("nowhere.jpg")
    (folder / "dogs" / "more").symlink_to(folder / "Cats")
    (folder / "dogs" / "link.jpg").symlink_to(put(folder.parent / "elsewhere.jpg", "linked"))
    put(folder / "loose.jpg", "loose")
    with (folder / "dogs" / "huge.jpg").open("wb") as file:
        file.truncate(1 << 40)
    done = import_folder(Project(folder.parent / "dataset"), folder)
    assert done.added == {"cats": 3, "dogs": 4}
    assert done.left_out == {
        "dogs/gone.jpg": "link that leads nowhere",
        "dogs/huge.jpg": "larger than 512 MB",
        "dogs/more": "link to a folder, which is not followed",
        "dogs/pipe.jpg": "named pipe",
        "loose.jpg": "in no class folder",
    }


def test_a_name_that_is_no_utf8_comes_in_and_is_shown_escaped(folder: Path) -> None:
    name = os.fsdecode(b"bad\xe9.jpg")
    put(folder / "dogs" / name, "latin one")
    project = Project(folder.parent / "dataset")
    assert import_folder(project, folder).added["dogs"] == 4
    with project.open_catalogue(write=False) as cat:
        assert [one.title for one in searches.sightings(cat) if "bad" in (one.title or "")] == [
            r"bad\xe9"
        ]


def test_a_label_may_be_given_to_a_folder_with_an_equals_sign(tmp_path: Path) -> None:
    put(tmp_path / "set" / "a=b" / "1.jpg", "one")
    words = ["import", str(tmp_path / "set"), "--into", str(tmp_path / "dataset")]
    done = CliRunner().invoke(app, [*words, "--label", "a=b=cat"])
    assert done.stdout.startswith("cat: 1 picture added")


def test_two_labels_for_one_folder_are_a_mistake(tmp_path: Path, folder: Path) -> None:
    words = ["import", str(folder), "--into", str(tmp_path / "dataset")]
    done = CliRunner().invoke(app, [*words, "--label", "Cats=cat", "--label", "Cats=dog"])
    assert "'Cats' is to be 'cat' already" in str(done.exception)
    assert not (tmp_path / "dataset").exists()


def test_an_import_that_is_refused_leaves_the_recipe_as_it_is(tmp_path: Path, folder: Path) -> None:
    project = Project(tmp_path / "dataset")
    put(tmp_path / "first" / "fox" / "1.jpg", "fox")
    import_folder(project, tmp_path / "first")
    before = project.recipe.read_bytes()
    with project.open_catalogue(), pytest.raises(UsageError, match="already writes this dataset"):
        import_folder(project, folder)
    assert project.recipe.read_bytes() == before
    import_folder(project, folder)
    assert {*read(project.recipe).slugs} == {"fox", "cats", "dogs"}


def test_of_many_labels_some_are_named_and_the_rest_counted(tmp_path: Path) -> None:
    for number in range(60):
        put(tmp_path / "set" / f"scene {number:02}" / "1.jpg", f"picture {number}")
    words = ["import", str(tmp_path / "set"), "--into", str(tmp_path / "dataset")]
    told = CliRunner().invoke(app, words).stdout
    assert "scene_00: 1 picture added" in told
    assert "… and 20 more (--json)" in told
    assert told.count(" added") == 40


def test_a_datasets_own_tree_is_no_source_of_its_pictures(tmp_path: Path, folder: Path) -> None:
    project = Project(tmp_path / "dataset")
    import_folder(project, folder)
    put(project.ready / "train" / "cats" / "1.jpg", "cat")
    for own in (project.ready, project.ready / "train", project.images):
        with pytest.raises(UsageError, match="its pictures are in already"):
            import_folder(project, own)
    import_folder(Project(tmp_path / "another"), project.ready)
