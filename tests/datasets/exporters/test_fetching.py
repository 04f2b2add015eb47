"""Rebuilding a set from its manifest, over real HTTP on loopback."""

from __future__ import annotations

import hashlib
import io
import json
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from pixset.datasets.errors import UsageError
from pixset.datasets.files import write_checksums
from pixset.datasets.project import Project
from pixset.datasets.rebuild.fetch import rebuild
from pixset.datasets.rebuild.restore import restore, target_of
from pixset.datasets.tree.prepare import prepare
from pixset.datasets.tree.target import Target
from pixset.scraper.errors import FetchFailed
from pixset.scraper.fetch import FetchLimits, fetch_all
from support.servers import Host, serving

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pixset.scraper.fetch import Job
    from pixset.scraper.fetch.pool import FetchResults

LIMITS = FetchLimits(allow_private=True, workers=2, max_tries=1)


@pytest.fixture
def site() -> Iterator[Host]:
    with serving(Host()) as host:
        yield host


def source(number: int) -> bytes:
    """A PNG (of random noise), so that the tree's JPEG is another file than the source."""
    data = io.BytesIO()
    Image.effect_noise((40, 30 + number), 60 + number).convert("RGB").save(data, "PNG")
    return data.getvalue()


def manifest(folder: Path, site: Host) -> Path:
    """Six rows: four whole, one gone (404), one changed; one of the four only at its thumb."""
    rows = []
    for number in range(6):
        data = source(number)
        digest = hashlib.sha256(data).hexdigest()
        path = f"/{number}.png"
        site.page(path, data)
        ready = prepare(data, Target())
        rows.append(
            {
                "id": digest[:16],
                "file_name": f"train/rose/{digest[:16]}.jpg",
                "split": "val" if number in (0, 4) else "train",
                "label": "rose" if number % 2 else "tulip",
                "image_url": site.url + path,
                "thumb_url": f"{site.url}/thumb/{number}.png",
                "page_url": f"{site.url}/page",
                "source_sha256": digest,
                "sha256": hashlib.sha256(ready.data).hexdigest(),
                "transform": ready.how,
            }
        )
    site.pages["/hidden/4.png"] = site.pages.pop("/4.png")
    site.page("/5.png", source(99))
    site.pages["/thumb/3.png"] = site.pages.pop("/3.png")
    text = "".join(json.dumps(row) + "\n" for row in rows)
    folder.mkdir(exist_ok=True)
    (folder / "manifest.jsonl").write_text(text, "utf-8")
    (folder / "classes.txt").write_text("rose\ntulip\n", "utf-8")
    return folder / "manifest.jsonl"


def test_a_preview_that_stood_in_its_page_is_named_as_that_and_not_asked_for(
    site: Host, tmp_path: Path
) -> None:
    listed = manifest(tmp_path / "shared", site)
    rows = [json.loads(line) for line in listed.read_text("utf-8").splitlines()]
    rows[1] |= {"thumb_url": None, "final_url": None, "fetched_at": "2026-01-01T00:00:00+00:00"}
    rows[5] |= {"thumb_url": None, "final_url": f"{site.url}/5.png", "fetched_at": "2026-01-01"}
    listed.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    rebuilt = rebuild(listed, tmp_path / "out", limits=LIMITS)
    assert dict(rebuilt.lost) == {"http-404": 1, "changed": 1, "inline": 1}
    assert "/1.png" not in site.paths()
    assert rebuilt.missing() == []


def test_labels_of_which_nothing_came_are_known(site: Host, tmp_path: Path) -> None:
    listed = manifest(tmp_path / "shared", site)
    for number in (1, 3):
        site.pages.pop(f"/{number}.png", None)
        site.pages.pop(f"/thumb/{number}.png", None)
    assert rebuild(listed, tmp_path / "out", limits=LIMITS).missing() == ["rose"]


def test_a_set_is_not_rebuilt_into_a_dataset(site: Host, tmp_path: Path) -> None:
    project = Project(tmp_path / "dataset")
    project.open_catalogue(create=True).close()
    with pytest.raises(UsageError, match="is a dataset; name another folder with --into"):
        rebuild(manifest(tmp_path / "shared", site), project.root, limits=LIMITS)
    assert not site.seen


def test_two_runs_never_fetch_into_one_folder(site: Host, tmp_path: Path) -> None:
    listed, out = manifest(tmp_path / "shared", site), tmp_path / "out"

    def beside(jobs: Iterable[Job], limits: FetchLimits | None) -> FetchResults:
        with pytest.raises(UsageError, match="already writes this"):
            rebuild(listed, out, limits=limits)
        rebuild(listed, tmp_path / "other", limits=limits)
        return fetch_all(jobs, limits)

    rebuilt = rebuild(listed, out, limits=LIMITS, fetcher=beside)
    assert rebuilt.fates == rebuild(listed, out, limits=LIMITS).fates
    asked = [json.loads(line)["url"] for line in (out / "fates.jsonl").read_text().splitlines()]
    assert len(asked) == len(set(asked))


def test_every_row_gets_a_fate_and_link_rot_is_reported(site: Host, tmp_path: Path) -> None:
    listed = manifest(tmp_path / "shared", site)
    rebuilt = rebuild(listed, tmp_path / "out", limits=LIMITS)
    assert {label: dict(counts) for label, counts in rebuilt.fates.items()} == {
        "tulip": {"same": 2, "failed": 1},
        "rose": {"same": 2, "changed": 1},
    }
    assert dict(rebuilt.lost) == {"http-404": 1, "changed": 1}
    for wanted, fate in rebuilt.rows:
        if fate.fate == "same":
            data = (tmp_path / "out" / str(fate.file)).read_bytes()
            assert hashlib.sha256(data).hexdigest() == wanted.sha256
    lines = (tmp_path / "out" / "fates.jsonl").read_text("utf-8").splitlines()
    asked = [json.loads(line)["url"].removeprefix(site.url) for line in lines]
    assert sorted(asked) == sorted(site.paths())


def test_the_tree_comes_back_with_its_sides_and_bytes(site: Host, tmp_path: Path) -> None:
    listed = manifest(tmp_path / "shared", site)
    rebuilt = rebuild(listed, tmp_path / "out", limits=LIMITS)
    restored = restore(rebuilt, listed, tmp_path / "out")
    assert restored is not None
    assert (restored.exact, restored.again) == (4, 0)
    assert restored.empty == ()
    ready = tmp_path / "out" / "ready"
    text = (ready / "manifest.jsonl").read_text("utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    files = {path.relative_to(ready).as_posix() for path in ready.rglob("*.jpg")}
    assert {row["file_name"] for row in rows} == files
    assert len(files) == 4
    assert (ready / "classes.txt").read_text("utf-8") == "rose\ntulip\n"


def test_a_label_that_lost_a_whole_side_is_said(site: Host, tmp_path: Path) -> None:
    listed = manifest(tmp_path / "shared", site)
    del site.pages["/0.png"]
    rebuilt = rebuild(listed, tmp_path / "out", limits=LIMITS)
    restored = restore(rebuilt, listed, tmp_path / "out")
    assert restored is not None
    assert restored.empty == (("tulip", "val"),)


def test_a_second_run_asks_nothing_that_has_a_fate(site: Host, tmp_path: Path) -> None:
    listed = manifest(tmp_path / "shared", site)
    first = rebuild(listed, tmp_path / "out", limits=LIMITS)
    site.seen.clear()
    again = rebuild(listed, tmp_path / "out", limits=LIMITS)
    assert site.paths() == []
    assert again == first


def test_retry_asks_again_for_what_failed_and_only_that(site: Host, tmp_path: Path) -> None:
    listed = manifest(tmp_path / "shared", site)
    rebuild(listed, tmp_path / "out", limits=LIMITS)
    site.seen.clear()
    site.pages["/4.png"] = site.pages["/hidden/4.png"]
    again = rebuild(listed, tmp_path / "out", limits=LIMITS, retry=True)
    assert again.fates["tulip"]["same"] == 3
    assert sorted(site.paths()) == ["/4.png", "/5.png", "/thumb/5.png"]


def test_a_picture_lost_from_disk_is_fetched_again(site: Host, tmp_path: Path) -> None:
    listed = manifest(tmp_path / "shared", site)
    first = rebuild(listed, tmp_path / "out", limits=LIMITS)
    lost = next(tmp_path / "out" / str(f.file) for _, f in first.rows if f.file)
    lost.unlink()
    rebuild(listed, tmp_path / "out", limits=LIMITS)
    assert lost.is_file()


def test_a_line_torn_by_a_kill_is_asked_again(site: Host, tmp_path: Path) -> None:
    listed = manifest(tmp_path / "shared", site)
    first = rebuild(listed, tmp_path / "out", limits=LIMITS)
    fates = tmp_path / "out" / "fates.jsonl"
    fates.write_bytes(fates.read_bytes()[:-9])
    site.seen.clear()
    again = rebuild(listed, tmp_path / "out", limits=LIMITS)
    assert len(site.paths()) == 1
    assert again.fates == first.fates
    assert [json.loads(line) for line in fates.read_text("utf-8").splitlines()]


def test_the_restored_tree_is_listed_and_summed_as_every_tree_is(
    site: Host, tmp_path: Path
) -> None:
    """In order of the files, each once, also where the manifest lists a picture twice."""
    listed = manifest(tmp_path / "shared", site)
    lines = listed.read_text("utf-8").splitlines(keepends=True)
    listed.write_text("".join([*lines, lines[0]]), "utf-8")
    out = tmp_path / "out"
    restored = restore(rebuild(listed, out, limits=LIMITS), listed, out)
    assert restored is not None
    ready = out / "ready"
    rows = [json.loads(line) for line in (ready / "manifest.jsonl").read_text("utf-8").splitlines()]
    names = [row["file_name"] for row in rows]
    assert names == sorted(names)
    assert len(names) == len(set(names)) + 1
    sums = (ready / "SHA256SUMS").read_text("utf-8")
    write_checksums(ready, {})
    assert sums == (ready / "SHA256SUMS").read_text("utf-8")


def test_memory_does_not_grow_with_the_list(site: Host, tmp_path: Path) -> None:
    """Of a row that was asked for, the run keeps less than a tenth of what the row takes."""

    def peak(number: int) -> int:
        """Bytes that are kept at the end of a run over that many rows, none of which comes."""
        row = {"label": "rose", "split": "train", "title": "T" * 2_000}
        listed = tmp_path / f"{number}.jsonl"
        with listed.open("w") as file:
            for n in range(number):
                digest = hashlib.sha256(b"%d" % n).hexdigest()
                url = f"http://host.test/{n}.jpg"
                file.write(json.dumps(row | {"source_sha256": digest, "image_url": url}) + "\n")

        def nothing(
            jobs: Iterable[Job], limits: FetchLimits | None
        ) -> Iterator[tuple[Job, FetchFailed]]:
            del limits
            yield from ((job, FetchFailed("http-404", "gone", 404)) for job in jobs)

        tracemalloc.start()
        rebuilt = rebuild(listed, tmp_path / f"out-{number}", fetcher=nothing)
        kept = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert rebuilt.lost == {"http-404": number}
        return kept

    assert (peak(3_000) - peak(1_000)) / 2_000 < 250


def test_a_row_without_an_address_says_so(site: Host, tmp_path: Path) -> None:
    listed = manifest(tmp_path / "shared", site)
    row = json.loads(listed.read_text("utf-8").splitlines()[0])
    row |= {"image_url": None, "thumb_url": "data:0123"}
    listed.write_text(json.dumps(row) + "\n", "utf-8")
    rebuilt = rebuild(listed, tmp_path / "out", limits=LIMITS)
    assert dict(rebuilt.lost) == {"no-address": 1}
    assert restore(rebuilt, listed, tmp_path / "out") is None


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("label", "../../etc"),
        ("label", "test"),
        ("source_sha256", "../../x"),
        ("source_sha256", None),
        ("split", "/tmp"),
    ],
)
def test_a_strangers_manifest_names_no_path(
    site: Host, tmp_path: Path, column: str, value: object
) -> None:
    listed = manifest(tmp_path / "shared", site)
    row = json.loads(listed.read_text("utf-8").splitlines()[0]) | {column: value}
    listed.write_text(json.dumps(row) + "\n", "utf-8")
    with pytest.raises(UsageError, match=column):
        rebuild(listed, tmp_path / "out", limits=LIMITS)
    assert site.paths() == []


@pytest.mark.parametrize(
    ("how", "target"),
    [
        ("exif;icc;rgb;max1024;q90", Target(max_side=1024, quality=90)),
        ("rgb;crop180;q85", Target(max_side=None, size=180, quality=85)),
        ("pad96;q90", Target(max_side=None, size=96, pad=True)),
        ("full;q90", Target(max_side=None)),
        ("same", Target(max_side=None)),
        (None, Target(max_side=None)),
    ],
)
def test_a_transform_is_read_back_as_its_target(how: str | None, target: Target) -> None:
    assert target_of(how) == target


def test_a_folder_in_place_of_its_manifest_is_pointed_into(site: Host, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is a folder; name the manifest\.jsonl in it"):
        rebuild(tmp_path, tmp_path / "into", limits=LIMITS)
