from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from pixset.curation.images import decode
from pixset.curation.images.jpeg import markers
from pixset.datasets.catalogue import decisions, undoing
from pixset.datasets.catalogue import placements as placing
from pixset.datasets.catalogue.decisions import Verdict
from pixset.datasets.curate import curate
from pixset.datasets.errors import UsageError
from pixset.datasets.project import Project
from pixset.datasets.recipe import Label, Recipe, Stratum
from pixset.datasets.recipe.toml import write
from pixset.datasets.split import Ratios, SplitRefused
from pixset.datasets.tree.build_tree import build_tree, check_tree
from pixset.datasets.tree.manifest import read_manifest
from pixset.datasets.tree.settings import SplitOptions
from pixset.datasets.tree.target import Target
from pixset.datasets.verify import verify
from support.catalogues import put
from support.pictures import draw, encode, jpeg, sha_of

if TYPE_CHECKING:
    from pathlib import Path

Make = Callable[[Any], Project]
PLAIN = Recipe(name="test")


def tree(project: Project) -> dict[str, bytes]:
    return {
        path.relative_to(project.ready).as_posix(): path.read_bytes()
        for path in sorted(project.ready.rglob("*"))
        if path.is_file()
    }


def splits(project: Project) -> dict[str, str]:
    return {row["source_sha256"]: row["split"] for row in read_manifest(project.ready)}


def test_of_a_tree_that_is_in_its_place_all_placements_are_known(two_labels: Project) -> None:
    curate(two_labels, PLAIN)
    program = (
        "import os, pathlib, sys\n"
        "from pixset.datasets.project import Project\n"
        "from pixset.datasets.tree.build_tree import build_tree\n"
        "rename = pathlib.Path.rename\n"
        "def killed(self, target):\n"
        "    rename(self, target)\n"
        "    os.kill(os.getpid(), 9)\n"
        "pathlib.Path.rename = killed\n"
        "build_tree(Project(pathlib.Path(sys.argv[1])))\n"
    )
    words = [sys.executable, "-P", "-c", program, str(two_labels.root)]
    assert subprocess.run(words, check=False).returncode == -9
    with two_labels.open_catalogue(write=False) as cat:
        known = {sha: one.split for sha, one in placing.placements(cat).items()}
    assert len(known) == 20
    assert known == splits(two_labels)


def test_the_tree_has_splits_labels_and_ids_and_nothing_else(two_labels: Project) -> None:
    curate(two_labels, PLAIN)
    report = build_tree(two_labels, PLAIN)
    assert report.counts == {
        "not_pizza": {"train": 8, "val": 2},
        "pizza": {"train": 8, "val": 2},
    }
    names = list(tree(two_labels))
    pictures = [name for name in names if "/" in name]
    assert len(pictures) == 20
    for name in pictures:
        split, label, file = name.split("/")
        assert split in {"train", "val"}
        assert label in {"pizza", "not_pizza"}
        assert len(file) == 16 + len(".jpg")
    assert sorted(set(names) - set(pictures)) == [
        "ATTRIBUTION.csv",
        "README.md",
        "SHA256SUMS",
        "class_names.json",
        "classes.txt",
        "dataset.json",
        "manifest.csv",
        "manifest.jsonl",
    ]
    assert (two_labels.root / "contact-sheet.jpg").is_file()


def test_the_tree_passes_its_own_check(two_labels: Project) -> None:
    curate(two_labels, PLAIN)
    build_tree(two_labels, PLAIN)
    assert verify(two_labels.ready).problems == ()


def test_every_source_becomes_a_training_ready_picture(
    dataset: Make,
) -> None:
    odd = [encode(draw(n), kind) for n, kind in ((20, "PNG"), (21, "WEBP"), (22, "GIF"))]
    odd.append(encode(draw(23).convert("CMYK")))
    project = dataset({"pizza": [*odd, jpeg(1)], "cake": [jpeg(n) for n in range(30, 36)]})
    curate(project, PLAIN)
    build_tree(project, PLAIN)
    for name, data in tree(project).items():
        if name.endswith(".jpg"):
            read = markers(data)
            assert read is not None
            assert (read.baseline, read.components, read.clean_end) == (True, 3, True)


def test_placements_are_recorded(two_labels: Project) -> None:
    curate(two_labels, PLAIN)
    build_tree(two_labels, PLAIN)
    with two_labels.open_catalogue() as cat:
        placed = placing.placements(cat)
    assert {sha: one.split for sha, one in placed.items()} == splits(two_labels)
    assert all((two_labels.ready / one.path).is_file() for one in placed.values())


def test_running_again_changes_nothing(two_labels: Project) -> None:
    curate(two_labels, PLAIN)
    build_tree(two_labels, PLAIN)
    before, inode = tree(two_labels), two_labels.ready.stat().st_ino
    report = build_tree(two_labels, PLAIN)
    assert (report.changed, report.written) == (False, 0)
    assert tree(two_labels) == before
    assert two_labels.ready.stat().st_ino == inode


def test_the_same_pictures_give_the_same_tree_wherever_they_lie(
    two_labels: Project, tmp_path: Path
) -> None:
    import shutil

    other = Project(tmp_path / "elsewhere")
    shutil.copytree(two_labels.root, other.root)
    for project in (two_labels, other):
        curate(project, PLAIN)
        build_tree(project, PLAIN)
    assert tree(two_labels) == tree(other)


def test_added_pictures_move_none_and_only_they_are_written(
    two_labels: Project,
) -> None:
    curate(two_labels, PLAIN)
    build_tree(two_labels, PLAIN)
    before = splits(two_labels)
    put(two_labels, "pizza", [jpeg(n) for n in range(200, 207)], term="more pizza")
    curate(two_labels, PLAIN)
    report = build_tree(two_labels, PLAIN)
    after = splits(two_labels)
    assert {sha: after[sha] for sha in before} == before
    assert (report.reused, report.written) == (20, 7)
    assert report.counts["pizza"] == {"train": 14, "val": 3}


def test_a_copy_of_a_placed_picture_joins_its_split(two_labels: Project) -> None:
    curate(two_labels, PLAIN)
    build_tree(two_labels, PLAIN)
    before = splits(two_labels)
    put(two_labels, "pizza", [jpeg(n, (320, 240)) for n in range(10)], term="large pizza")
    curate(two_labels, PLAIN)
    with two_labels.open_catalogue() as cat:
        undoing.undo(cat)  # both of each pair are kept
    report = build_tree(two_labels, PLAIN)
    after = splits(two_labels)
    assert report.merged == ()
    assert len(after) == 30
    for n in range(10):
        assert after[sha_of(jpeg(n, (320, 240)))] == before[sha_of(jpeg(n))]


@pytest.mark.parametrize(
    "options",
    [
        SplitOptions(ratios=Ratios.parse("60/20/20")),
        SplitOptions(seed=1),
        SplitOptions(val_reviewed=True),
    ],
)
def test_what_would_move_placements_needs_to_be_said(
    two_labels: Project, options: SplitOptions
) -> None:
    curate(two_labels, PLAIN)
    build_tree(two_labels, PLAIN)
    before = tree(two_labels)
    with pytest.raises(UsageError, match="--afresh"):
        build_tree(two_labels, PLAIN, options)
    assert tree(two_labels) == before
    assert build_tree(two_labels, PLAIN, replace(options, afresh=True)).fresh


def test_afresh_draws_again_and_says_so(two_labels: Project) -> None:
    curate(two_labels, PLAIN)
    assert not build_tree(two_labels, PLAIN).fresh
    options = SplitOptions(ratios=Ratios.parse("60/20/20"), afresh=True)
    report = build_tree(two_labels, PLAIN, options)
    assert report.counts["pizza"] == {"train": 6, "val": 2, "test": 2}
    assert "drawn afresh" in report.to_text()


def test_reviewed_pictures_are_preferred_for_val(two_labels: Project) -> None:
    curate(two_labels, PLAIN)
    seen = [sha_of(jpeg(3)), sha_of(jpeg(7))]
    with two_labels.open_catalogue() as cat, cat.transaction():
        decisions.record_verdicts(cat, [Verdict(one, "keep", "person", "right") for one in seen])
    build_tree(two_labels, PLAIN, SplitOptions(val_reviewed=True))
    placed = splits(two_labels)
    assert [placed[one] for one in seen] == ["val", "val"]
    rows = {row["source_sha256"]: row for row in read_manifest(two_labels.ready)}
    assert rows[seen[0]]["label_verified"] is True
    assert rows[seen[0]]["label_source"] == "human"
    assert rows[sha_of(jpeg(1))]["label_source"] == "query"


def test_sizes_are_as_asked(two_labels: Project) -> None:
    curate(two_labels, PLAIN)
    build_tree(two_labels, PLAIN, SplitOptions(target=Target(size=64)))
    for path in two_labels.ready.rglob("*.jpg"):
        with Image.open(path) as image:
            assert image.size == (64, 64)


@pytest.mark.parametrize("link", ["hard", "sym"])
def test_links_lead_to_the_pool(link: str, two_labels: Project) -> None:
    curate(two_labels, PLAIN)
    build_tree(two_labels, PLAIN, SplitOptions(link=link))
    (path,) = two_labels.ready.rglob(f"{sha_of(jpeg(1))[:16]}.jpg")
    source = two_labels.images / "pizza" / path.name
    assert path.samefile(source)
    assert path.is_symlink() == (link == "sym")
    if link == "sym":
        assert not path.readlink().is_absolute()  # the dataset can be moved as a whole
    assert verify(two_labels.ready).problems == ()
    # And a copy again does not stay tied to the pool.
    build_tree(two_labels, PLAIN)
    assert not path.samefile(source)


@pytest.mark.parametrize("link", ["hard", "copy"])
def test_a_tree_trusts_digest_size_and_time_and_verify_does_not(
    two_labels: Project, link: str
) -> None:
    curate(two_labels, PLAIN)
    name = f"{sha_of(jpeg(1))[:16]}.jpg"
    source = two_labels.images / "pizza" / name
    before = source.stat()
    source.write_bytes(source.read_bytes()[:-2] + b"\0\0")
    os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns))
    build_tree(two_labels, PLAIN, SplitOptions(link=link))
    assert {problem.check for problem in verify(two_labels.ready).problems} >= {"manifest"}


@pytest.mark.parametrize("link", ["hard", "copy"])
def test_a_source_whose_time_tells_nothing_is_held_against_its_digest(
    two_labels: Project, link: str
) -> None:
    curate(two_labels, PLAIN)
    source = two_labels.images / "pizza" / f"{sha_of(jpeg(1))[:16]}.jpg"
    source.write_bytes(source.read_bytes()[:-2] + b"\0\0")
    later = time.time() + 100
    os.utime(source, (later, later))
    report = build_tree(two_labels, PLAIN, SplitOptions(link=link))
    assert [why.split(":")[0] for why in report.left_out.values()] == ["altered"]


def test_a_source_written_to_since_is_not_linked_unread(two_labels: Project) -> None:
    curate(two_labels, PLAIN)
    source = two_labels.images / "pizza" / f"{sha_of(jpeg(1))[:16]}.jpg"
    later = time.time() + 100
    os.utime(source, (later, later))  # the same bytes: read, and linked
    assert not build_tree(two_labels, PLAIN, SplitOptions(link="hard")).left_out
    source.write_bytes(source.read_bytes()[:-2] + b"\0\0")
    os.utime(source, (later, later))
    report = build_tree(two_labels, PLAIN, SplitOptions(link="sym"))
    assert [why.split(":")[0] for why in report.left_out.values()] == ["altered"]


def test_what_a_trainer_rewrote_is_made_good(two_labels: Project) -> None:
    curate(two_labels, PLAIN)
    build_tree(two_labels, PLAIN)
    before = tree(two_labels)
    victim = next(two_labels.ready.rglob("*.jpg"))
    victim.write_bytes(b"overwritten")
    report = build_tree(two_labels, PLAIN)
    assert (report.written, report.changed) == (1, True)
    assert tree(two_labels) == before


def test_a_tree_killed_between_two_renames_comes_back(two_labels: Project) -> None:
    curate(two_labels, PLAIN)
    build_tree(two_labels, PLAIN)
    before = tree(two_labels)
    two_labels.ready.rename(two_labels.root / ".ready.pixset-old")
    (two_labels.root / ".ready.pixset-new" / "train").mkdir(parents=True)
    report = build_tree(two_labels, PLAIN)
    assert (report.written, report.reused) == (0, 20)
    assert tree(two_labels) == before
    assert not list(two_labels.root.glob(".ready*"))


def test_a_failed_run_leaves_the_tree_as_it_was(two_labels: Project) -> None:
    curate(two_labels, PLAIN)
    build_tree(two_labels, PLAIN)
    before = tree(two_labels)
    refused = Recipe(name="t", labels=(Label("pizza", target=1),))
    with pytest.raises(SplitRefused):
        build_tree(two_labels, refused, SplitOptions(afresh=True))
    assert tree(two_labels) == before
    assert not list(two_labels.root.glob(".ready*"))


def test_a_split_without_a_label_says_what_became_of_its_pictures(two_labels: Project) -> None:
    curate(two_labels, PLAIN)
    for number, path in enumerate(sorted((two_labels.images / "pizza").iterdir())):
        path.unlink() if number else path.write_bytes(b"edited")
    with pytest.raises(SplitRefused, match=r"'pizza' for train .*\(1 altered, 9 missing\)"):
        build_tree(two_labels, PLAIN)


def test_a_foreign_ready_folder_is_not_replaced(two_labels: Project) -> None:
    curate(two_labels, PLAIN)
    two_labels.ready.mkdir()
    (two_labels.ready / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match=r"not written by pixset \(it holds thesis\.txt\)"):
        build_tree(two_labels, PLAIN)
    assert (two_labels.ready / "thesis.txt").is_file()


@pytest.mark.parametrize("mine", ["notes.txt", "train/pizza/mine.jpg"])
def test_what_a_person_put_into_the_tree_stays(two_labels: Project, mine: str) -> None:
    curate(two_labels, PLAIN)
    build_tree(two_labels, PLAIN)
    (two_labels.ready / mine).write_text("mine")
    with pytest.raises(UsageError, match=mine):
        build_tree(two_labels, PLAIN)
    assert (two_labels.ready / mine).read_text() == "mine"
    report = build_tree(two_labels, PLAIN, SplitOptions(replace=True))
    assert report.aside is not None
    assert (report.aside / mine).read_text() == "mine"
    assert str(report.aside) in report.to_text()
    assert not (two_labels.ready / mine).exists()
    assert report.reused == 20


def test_what_trainers_leave_is_no_obstacle_and_is_named_when_it_goes(
    two_labels: Project,
) -> None:
    curate(two_labels, PLAIN)
    build_tree(two_labels, PLAIN)
    (two_labels.ready / "train.cache").write_bytes(b"labels")
    assert not build_tree(two_labels, PLAIN).changed
    assert (two_labels.ready / "train.cache").is_file()
    put(two_labels, "pizza", [jpeg(n) for n in range(200, 203)], term="more pizza")
    curate(two_labels, PLAIN)
    assert "gone with the tree before: train.cache" in build_tree(two_labels, PLAIN).to_text()


@pytest.mark.parametrize("label", ["train", "test_tube", "toy_train", "dev2"])
def test_a_label_that_reads_as_a_split_is_refused(label: str, dataset: Make) -> None:
    project = dataset({label: [jpeg(1), jpeg(2)], "other": [jpeg(3), jpeg(4)]})
    curate(project, PLAIN)
    with pytest.raises(UsageError, match="Hugging Face"):
        build_tree(project, PLAIN)


def test_targets_cap_labels_and_the_rest_stays_in_the_pool(two_labels: Project) -> None:
    curate(two_labels, PLAIN)
    capped = replace(PLAIN, labels=(Label("pizza", target=5), Label("not_pizza", target=12)))
    report = build_tree(two_labels, capped)
    assert report.counts["pizza"] == {"train": 4, "val": 1}
    assert (report.over, report.short) == ({"pizza": 5}, {"not_pizza": 2})
    # The best-ranked five.
    placed = splits(two_labels)
    assert {sha_of(jpeg(n)) for n in range(5)} <= set(placed)
    assert sha_of(jpeg(7)) not in placed


def test_what_is_too_thin_to_be_ready_is_left_out_and_said(
    dataset: Make,
) -> None:
    thin = encode(draw(40, (1500, 12)), quality=90)
    project = dataset({"pizza": [jpeg(1), jpeg(2), thin], "cake": [jpeg(3), jpeg(4)]})
    curate(project, replace(PLAIN, checks_off=frozenset({"small"})))
    report = build_tree(project, PLAIN)
    assert list(report.left_out) == [f"images/pizza/{sha_of(thin)[:16]}.jpg"]
    assert "too-small" in report.to_text()


def test_an_empty_dataset_has_nothing_to_split(dataset: Make) -> None:
    project = dataset({"pizza": [jpeg(1)[:-300]]})
    curate(project, PLAIN)
    with pytest.raises(UsageError, match="nothing to split"):
        build_tree(project, PLAIN)


def test_manifest_rows_tell_where_pictures_came_from(two_labels: Project) -> None:
    curate(two_labels, PLAIN)
    build_tree(two_labels, PLAIN)
    rows = {row["source_sha256"]: row for row in read_manifest(two_labels.ready)}
    row = rows[sha_of(jpeg(4))]
    assert row["id"] == sha_of(jpeg(4))[:16]
    assert row["file_name"].endswith(f"/pizza/{row['id']}.jpg")
    assert (row["query"], row["engine"], row["rank"]) == ("pizza", "bing", 5)
    assert row["image_url"] == row["final_url"] == f"https://example.org/{sha_of(jpeg(4))}"
    assert (row["host"], row["license"], row["license_source"]) == (
        "example.org",
        "unknown",
        "none",
    )
    assert (row["source_width"], row["source_height"], row["width"]) == (160, 120, 160)
    assert (row["transform"], row["sha256"]) == ("same", row["source_sha256"])
    assert row["label_id"] == 1
    assert row["http_status"] == 200
    assert row["caption"] is None
    assert len(row["phash"]) == 16


def test_hits_name_the_other_places(two_labels: Project) -> None:
    put(two_labels, "pizza", [jpeg(300), jpeg(4)], term="pizza slice")
    curate(two_labels, PLAIN)
    build_tree(two_labels, PLAIN)
    rows = {row["source_sha256"]: row for row in read_manifest(two_labels.ready)}
    row = rows[sha_of(jpeg(4))]
    assert (row["query"], row["rank"]) == ("pizza slice", 2)
    assert row["hits"] == [{"query": "pizza", "engine": "bing", "rank": 5, "label": "pizza"}]


def test_strata_keep_their_shares(dataset: Make) -> None:
    project = dataset({"pizza": [jpeg(n) for n in range(10)]})
    labels = (Label("pizza", target=6, strata=(Stratum("hard", 0.5), Stratum("easy", 0.5))),)
    curate(project, PLAIN)
    with project.open_catalogue() as cat, cat.transaction():
        cat.execute(
            "UPDATE sighting_row SET stratum = CASE WHEN rank <= 5 THEN 'easy' ELSE 'hard' END"
        )
    build_tree(project, replace(PLAIN, labels=labels))
    strata = [row["stratum"] for row in read_manifest(project.ready)]
    assert sorted(strata) == ["easy"] * 3 + ["hard"] * 3


def test_checksums_cover_every_file(two_labels: Project) -> None:
    curate(two_labels, PLAIN)
    build_tree(two_labels, PLAIN)
    files = tree(two_labels)
    sums = dict(
        reversed(line.split("  ", 1)) for line in files.pop("SHA256SUMS").decode().splitlines()
    )
    assert sums == {name: sha_of(data) for name, data in files.items()}


def test_the_record_says_how_the_tree_was_made(two_labels: Project) -> None:
    curate(two_labels, PLAIN)
    build_tree(two_labels, PLAIN, SplitOptions(seed=7))
    record = json.loads((two_labels.ready / "dataset.json").read_text())
    assert record["name"] == "test"
    assert (record["ratio"], record["seed"], record["output"]) == ("80/20", 7, "max1024;q90")
    assert record["pictures"]["pizza"] == {"train": 8, "val": 2}
    assert record["classes"] == ["not_pizza", "pizza"]


def test_the_same_again_writes_nothing_and_what_changed_in_secret_is_made_good(
    two_labels: Project,
) -> None:
    curate(two_labels, PLAIN)
    build_tree(two_labels, PLAIN)
    before = tree(two_labels)
    assert not build_tree(two_labels, PLAIN).changed
    victim = next(iter(sorted(two_labels.ready.rglob("*.jpg"))))
    data = victim.read_bytes()
    victim.write_bytes(bytes(reversed(data)))  # of the same size
    report = build_tree(two_labels, PLAIN)
    assert (report.written, report.changed) == (1, True)
    (two_labels.ready / "manifest.csv").write_text("")
    assert build_tree(two_labels, PLAIN).changed
    (two_labels.ready / "classes.txt").unlink()
    assert build_tree(two_labels, PLAIN).changed
    assert tree(two_labels) == before


def test_what_another_decoder_has_made_is_made_again(two_labels: Project) -> None:
    curate(two_labels, PLAIN)
    build_tree(two_labels, PLAIN)
    before = tree(two_labels)
    file = two_labels.ready / "dataset.json"
    record = json.loads(file.read_text())
    today = f"decoder {decode.VERSION}"
    record["encoder"] = record["encoder"].replace(today, f"decoder {decode.VERSION - 1}")
    file.write_text(json.dumps(record))
    assert build_tree(two_labels, PLAIN).written == 20
    assert tree(two_labels) == before


@pytest.mark.parametrize("link", ["hard", "sym"])
def test_links_are_used_again(link: str, two_labels: Project) -> None:
    curate(two_labels, PLAIN)
    options = SplitOptions(link=link)
    build_tree(two_labels, PLAIN, options)
    report = build_tree(two_labels, PLAIN, options)
    assert (report.changed, report.written, report.reused) == (False, 0, 20)
    victim = next(iter(sorted(two_labels.ready.rglob("*.jpg"))))
    data = victim.read_bytes()
    victim.unlink()
    victim.write_bytes(data)  # no link any more
    assert build_tree(two_labels, PLAIN, options).written == 1
    assert build_tree(two_labels, PLAIN, options).reused == 20


ASKED = Recipe("test", (Label("pizza"), Label("not_pizza")))


def test_a_split_remembers_its_options_until_the_recipe_says_otherwise(two_labels: Project) -> None:
    write(two_labels.recipe, ASKED)
    curate(two_labels, ASKED)
    build_tree(two_labels, ASKED)
    ratios = Ratios.parse("60/20/20")
    given = SplitOptions(ratios, 3, Target(size=64), "hard", "valid", val_reviewed=True)
    first = build_tree(two_labels, ASKED, replace(given, afresh=True))
    again = build_tree(two_labels, ASKED)
    assert (again.ratio, again.seed, again.changed) == ("60/20/20", 3, False)
    assert again.counts == first.counts
    record = json.loads((two_labels.ready / "dataset.json").read_text())
    assert (record["link"], record["val_name"], record["val_reviewed"]) == ("hard", "valid", True)

    larger = replace(ASKED, size=80)
    assert build_tree(two_labels, larger).ratio == "60/20/20"
    with Image.open(next(two_labels.ready.rglob("*.jpg"))) as image:
        assert image.size == (80, 80)
    with pytest.raises(UsageError, match="ratio 60/20/20, not 50/50"):
        check_tree(two_labels, replace(ASKED, split=Ratios.parse("50/50")))


def test_afresh_draws_by_the_recipe_and_keeps_what_moves_no_picture(two_labels: Project) -> None:
    write(two_labels.recipe, ASKED)
    curate(two_labels, ASKED)
    ratios = Ratios.parse("60/20/20")
    build_tree(two_labels, ASKED, SplitOptions(ratios, 3, val_name="valid"))
    report = build_tree(two_labels, ASKED, SplitOptions(afresh=True))
    assert (report.ratio, report.seed) == ("80/20", 0)
    assert (two_labels.ready / "valid").is_dir()


def test_a_tree_whose_recipe_was_damaged_is_built_by_the_recipe(two_labels: Project) -> None:
    write(two_labels.recipe, ASKED)
    curate(two_labels, ASKED)
    build_tree(two_labels, ASKED, SplitOptions(target=Target(size=64)))
    (two_labels.ready / "recipe.toml").write_text("not a recipe")
    build_tree(two_labels, ASKED)
    record = json.loads((two_labels.ready / "dataset.json").read_text())
    assert record["output"].startswith("max1024")
