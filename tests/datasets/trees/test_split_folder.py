from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from pixset.curation.progress import silent
from pixset.datasets.errors import UsageError
from pixset.datasets.split import Ratios
from pixset.datasets.tree.manifest import read_manifest
from pixset.datasets.tree.settings import SplitOptions
from pixset.datasets.tree.split_folder import split_folder
from pixset.datasets.tree.unchanged_folder import TICK
from pixset.datasets.verify import verify
from support.pictures import jpeg, sha_of

Folder = Callable[..., Path]


@pytest.fixture
def files() -> dict[str, bytes]:
    return {
        **{f"pizza/photo {n}.JPG": jpeg(n) for n in range(10)},
        **{f"Text document/{n}.jpg": jpeg(100 + n) for n in range(10)},
    }


def sides(tree: Path) -> dict[str, str]:
    return {str(row["source_sha256"]): str(row["split"]) for row in read_manifest(tree)}


def contents(folder: Path) -> Mapping[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_folder_by_a_way_up_becomes_the_same_tree(
    folder: Folder, files: dict[str, bytes], tmp_path: Path
) -> None:
    root = folder(files)
    whole, again = (
        split_folder(given, tmp_path / out / "tree")
        for given, out in ((root, "one"), (root / "pizza" / "..", "two"))
    )
    assert again.counts == whole.counts
    assert contents(tmp_path / "two" / "tree") == contents(tmp_path / "one" / "tree")


def test_class_folders_become_a_tree(
    folder: Folder, files: dict[str, bytes], tmp_path: Path
) -> None:
    root, out = folder(files), tmp_path / "out"
    report = split_folder(root, out)
    assert report.counts == {
        "pizza": {"train": 8, "val": 2},
        "text_document": {"train": 8, "val": 2},
    }
    assert verify(out).problems == ()
    assert (out / "classes.txt").read_text() == "pizza\ntext_document\n"
    assert '"Text document"' in (out / "class_names.json").read_text()
    titles = {row["title"] for row in read_manifest(out)}
    assert "pizza/photo 3.JPG" in titles


def test_a_class_keeps_the_name_that_an_earlier_tree_gave_its_folder(
    folder: Folder, tmp_path: Path
) -> None:
    files = {
        f"{name}/{n}.jpg": jpeg(n + 50 * len(name)) for name in ("øl", "vann") for n in range(4)
    }
    root, out = folder(files), tmp_path / "out"
    assert split_folder(root, out).counts.keys() == {"ol", "vann"}
    names = out / "class_names.json"
    names.write_text(names.read_text().replace('"ol"', '"l"'))
    sums = out / "SHA256SUMS"
    lines = sums.read_text().splitlines()
    lines = [line for line in lines if not line.endswith(names.name)]
    digest = hashlib.sha256(names.read_bytes()).hexdigest()
    sums.write_text("\n".join(sorted([*lines, f"{digest}  {names.name}"])) + "\n")
    assert split_folder(root, out).counts.keys() == {"l", "vann"}
    assert split_folder(root, out, SplitOptions(afresh=True)).counts.keys() == {"ol", "vann"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_in_the_place_of_a_copy_that_was_seen_is_not_waited_for(
    folder: Folder, files: dict[str, bytes], tmp_path: Path
) -> None:
    root = folder({**files, "pizza/copy.jpg": jpeg(0, quality=40)})

    @contextmanager
    def exchanging(description: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        with silent(description, total) as advance:
            yield advance
        if description == "look":
            (root / "pizza/copy.jpg").unlink()
            os.mkfifo(root / "pizza/copy.jpg")

    report = split_folder(root, tmp_path / "out", progress=exchanging)
    assert sum(report.counts["pizza"].values()) == 10


def test_the_source_is_only_read(folder: Folder, files: dict[str, bytes], tmp_path: Path) -> None:
    root = folder(files)
    time.sleep(2 * TICK / 1e9)  # what was just written is not noted
    split_folder(root, tmp_path / "out")
    assert contents(root) == files
    beside = sorted(path.name for path in tmp_path.iterdir())
    caches = [".photos.pairs.pixset-cache.jsonl", ".photos.pixset-cache.jsonl"]
    assert beside == [".out.ready.json", *caches, "out", "photos"]


def test_copies_share_a_side(folder: Folder, tmp_path: Path) -> None:
    files = {f"a/{n}.jpg": jpeg(n) for n in range(12)}
    files |= {f"a/large{n}.jpg": jpeg(n, (320, 240)) for n in range(12)}
    files |= {f"b/{n}.jpg": jpeg(100 + n) for n in range(10)}
    split_folder(folder(files), tmp_path / "out", SplitOptions(ratios=Ratios.parse("50/50")))
    placed = sides(tmp_path / "out")
    assert len(placed) == 34
    for n in range(12):
        assert placed[sha_of(jpeg(n))] == placed[sha_of(jpeg(n, (320, 240)))]


def test_the_same_bytes_are_laid_out_once(
    folder: Folder, files: dict[str, bytes], tmp_path: Path
) -> None:
    report = split_folder(folder({**files, "pizza/again.jpg": jpeg(0)}), tmp_path / "out")
    assert len(sides(tmp_path / "out")) == 20
    assert list(report.left_out.values()) == ["the same bytes as pizza/again.jpg"]


def test_one_picture_under_two_classes_is_left_out(
    folder: Folder, files: dict[str, bytes], tmp_path: Path
) -> None:
    more = {"Text document/x.jpg": jpeg(0), "Text document/y.jpg": jpeg(1, (320, 240))}
    report = split_folder(folder({**files, **more}), tmp_path / "out")
    placed = sides(tmp_path / "out")
    assert sha_of(jpeg(0)) not in placed
    assert sha_of(jpeg(1)) not in placed
    assert sha_of(jpeg(1, (320, 240))) not in placed
    assert "one picture under pizza and text_document" in report.left_out.values()


def test_added_pictures_move_none(folder: Folder, files: dict[str, bytes], tmp_path: Path) -> None:
    out = tmp_path / "out"
    split_folder(folder(files), out)
    before = sides(out)
    split_folder(folder({f"pizza/new{n}.jpg": jpeg(200 + n) for n in range(20)}), out)
    after = sides(out)
    assert {sha: after[sha] for sha in before} == before
    assert len(after) == 40


def test_two_runs_never_mix(folder: Folder, files: dict[str, bytes], tmp_path: Path) -> None:
    root, out = folder(files), tmp_path / "out"
    for seed in range(3):
        split_folder(root, out, SplitOptions(seed=seed, afresh=True))
        assert len(list(out.rglob("*.jpg"))) == 20
        assert verify(out).problems == ()


def test_an_output_that_is_not_ours_is_refused(
    folder: Folder, files: dict[str, bytes], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match="not written by pixset"):
        split_folder(folder(files), out)
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]


def test_an_output_inside_the_source_is_refused(folder: Folder, files: dict[str, bytes]) -> None:
    root = folder(files)
    for out in (root, root / "out", root.parent):
        with pytest.raises(UsageError, match="overlaps"):
            split_folder(root, out)


@pytest.mark.parametrize("name", ["train", "test_tube", "dev board", "val2"])
def test_a_class_that_reads_as_a_split_is_refused(
    name: str, folder: Folder, files: dict[str, bytes], tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=r"rename the folder") as refused:
        split_folder(folder({**files, f"{name}/1.jpg": jpeg(300)}), tmp_path / "out")
    assert "Hugging Face" in str(refused.value)
    assert not (tmp_path / "out").exists()


def test_two_folders_of_one_slug_are_refused(
    folder: Folder, files: dict[str, bytes], tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="would both be class 'pizza'"):
        split_folder(folder({**files, "Pizza/1.jpg": jpeg(300)}), tmp_path / "out")


CATS, DOGS = "кошки", "собаки"


@pytest.fixture
def named_in_cyrillic(folder: Folder) -> Path:
    return folder(
        {f"{name}/{n}.jpg": jpeg(n + 50 * len(name)) for name in (CATS, DOGS) for n in range(5)}
    )


def test_all_folders_whose_names_can_be_no_labels_are_named_at_once(
    named_in_cyrillic: Path, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=f"labels '{CATS}', '{DOGS}': .*--label FOLDER=LABEL"):
        split_folder(named_in_cyrillic, tmp_path / "out")


def test_a_folder_is_given_another_label_and_keeps_it(
    named_in_cyrillic: Path, tmp_path: Path
) -> None:
    out, labels = tmp_path / "out", {CATS: "cat", DOGS: "Big dog"}
    first = split_folder(named_in_cyrillic, out, labels=labels)
    assert first.counts.keys() == {"cat", "big_dog"}
    before = sides(out)
    (named_in_cyrillic / CATS / "new.jpg").write_bytes(jpeg(999))
    assert split_folder(named_in_cyrillic, out).counts.keys() == {"cat", "big_dog"}
    assert sides(out).items() > before.items()
    again = split_folder(named_in_cyrillic, out, labels={DOGS: "dog"})
    assert again.counts.keys() == {"cat", "dog"}


def test_a_new_folder_does_not_slip_into_a_class_that_another_was_given_before(
    named_in_cyrillic: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    split_folder(named_in_cyrillic, out, labels={CATS: "cat", DOGS: "dog"})
    (named_in_cyrillic / "Cat").mkdir()
    (named_in_cyrillic / "Cat" / "1.jpg").write_bytes(jpeg(998))
    with pytest.raises(UsageError, match="would both be class 'cat'"):
        split_folder(named_in_cyrillic, out)


def test_what_is_split_already_is_not_split_again(folder: Folder, tmp_path: Path) -> None:
    root = folder({"train/a/1.jpg": jpeg(1), "val/a/2.jpg": jpeg(2)})
    with pytest.raises(UsageError, match="already split"):
        split_folder(root, tmp_path / "out")


def test_strays_are_left_out_and_said(
    folder: Folder, files: dict[str, bytes], tmp_path: Path
) -> None:
    strays = {"root.jpg": jpeg(300), "pizza/cut.jpg": jpeg(301)[:-300], "pizza/notes.txt": b"x"}
    report = split_folder(folder({**files, **strays}), tmp_path / "out")
    assert report.left_out["root.jpg"] == "in no class folder"
    assert report.left_out["pizza/cut.jpg"].startswith("truncated")
    assert len(sides(tmp_path / "out")) == 20


def test_a_folder_that_is_no_class_for_its_name_is_named(folder: Folder, tmp_path: Path) -> None:
    files = {f"{name}/{n}.jpg": jpeg(n + 40 * k) for k, name in enumerate("ab") for n in range(4)}
    strays = {"_cat/1.jpg": jpeg(301), "_cat/old/2.jpg": jpeg(302), "_3.jpg": jpeg(303)}
    report = split_folder(folder({**files, **strays}), tmp_path / "out")
    why = "in _cat, no class as its name begins with _"
    assert report.left_out == {
        "_3.jpg": "in no class folder", "_cat/1.jpg": why, "_cat/old/2.jpg": why
    }  # fmt: skip
    assert f"left out: {why} (2)" in report.to_text()


def test_no_classes_are_the_callers_mistake(folder: Folder, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no class folders"):
        split_folder(folder({"1.jpg": jpeg(1)}), tmp_path / "out")
    with pytest.raises(UsageError, match="overlaps"):
        split_folder(folder({"a/1.jpg": jpeg(1)}), Path(tmp_path.anchor))
    with pytest.raises(UsageError, match="neither"):
        split_folder(tmp_path / "nowhere", tmp_path / "out")


def test_files_can_be_links_to_their_sources(
    folder: Folder, files: dict[str, bytes], tmp_path: Path
) -> None:
    root = folder(files)
    split_folder(root, tmp_path / "out", SplitOptions(link="sym"))
    for path in (tmp_path / "out").rglob("*.jpg"):
        assert path.is_symlink()
        assert root in path.resolve().parents


def test_a_datasets_own_folders_are_no_place_for_another_tree(
    folder: Folder, files: dict[str, bytes], tmp_path: Path
) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "pixset.sqlite").touch()
    source = folder(files)
    for inside in ("ready", "images", "ready/train", "images/x"):
        with pytest.raises(UsageError, match="elsewhere with --out"):
            split_folder(source, tmp_path / "set" / inside)
    assert [path.name for path in (tmp_path / "set").iterdir()] == ["pixset.sqlite"]
