"""A dataset from Python: the command line's own functions, as methods."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from pixset.datasets import Dataset
from pixset.datasets.errors import UsageError
from pixset.datasets.image_rows import ImageRow
from pixset.datasets.project import Project
from pixset.datasets.tree.settings import split_options
from support.folders import write_files
from support.lookalikes import scene
from support.pictures import encode

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def classes(root: Path) -> Path:
    """Two classes of ten scenes; of the first cat there is a small copy."""
    files = {f"{label}/{n}.jpg": encode(scene(n + shift), quality=90)
             for shift, label in ((0, "cat"), (100, "dog")) for n in range(10)}  # fmt: skip
    files["cat/again.jpg"] = encode(scene(0).resize((480, 360)), quality=80)
    return write_files(root / "classes", files)


@pytest.fixture(scope="module")
def pets(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """A dataset from class folders: checked, deduped and split."""
    root = tmp_path_factory.mktemp("pets")
    made = Dataset(root / "pets", progress=None)
    made.import_folder(classes(root))
    made.check()
    made.dedupe()
    made.split(ratio="70/30", size=64)
    return made


def test_from_class_folders_to_a_tree(pets: Dataset) -> None:
    held = pets.status()
    assert held.totals["cat"].kept == 10
    assert held.placed == {"cat": {"train": 7, "val": 3}, "dog": {"train": 7, "val": 3}}
    assert len(list(pets.ready.glob("train/cat/*.jpg"))) == 7
    assert "dog" in repr(held)


def test_a_row_a_picture_says_where_it_lies_and_why_it_is_out(pets: Dataset) -> None:
    rows = pets.rows
    assert len(rows) == 21
    assert {row.label for row in rows} == {"cat", "dog"}
    (out,) = (row for row in rows if not row.kept)
    assert (out.relation, out.reason, out.split) == ("copy", "duplicate", None)
    keeper = next(row for row in rows if row.id == out.copy_of)
    assert keeper.kept
    assert (keeper.width, keeper.height, keeper.format) == (640, 480, "jpeg")
    assert sorted(rows[:3].column("bytes")) == sorted(row.bytes for row in rows[:3])
    assert isinstance(rows[-1], ImageRow)


def test_taking_a_rules_word_back_is_no_review(tmp_path: Path) -> None:
    made = Dataset(tmp_path / "pets", progress=None)
    made.import_folder(classes(tmp_path))
    made.dedupe()
    made.undo()
    assert sum(row.kept for row in made.rows) == 21
    assert not any(made.rows.column("reviewed"))


def test_images_are_a_data_frame_where_pandas_is(pets: Dataset) -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    frame = pets.images
    assert isinstance(frame, pandas.DataFrame)
    counts = frame[frame.kept].groupby(["label", "split"]).size().to_dict()
    assert counts == {("cat", "train"): 7, ("cat", "val"): 3,
                      ("dog", "train"): 7, ("dog", "val"): 3}  # fmt: skip


def test_a_notebook_shows_counts_and_the_contact_sheet(pets: Dataset) -> None:
    html = pets._repr_html_()
    assert "<td>cat</td>" in html
    assert 'src="data:image/jpeg;base64,/9j/' in html
    assert "http" not in html
    assert len(html) < 300_000
    assert "10 of 21 pictures" in pets.rows._repr_html_()


def test_what_a_label_is_called_is_no_markup(tmp_path: Path) -> None:
    made = Dataset(tmp_path / "<b>bold", progress=None)
    assert "<b>" not in made._repr_html_()


def test_export_report_and_verify_are_methods_too(pets: Dataset, tmp_path: Path) -> None:
    done = pets.export("csv", tmp_path / "csv")
    assert done.pictures == 20
    assert pets.verify().pictures == 20
    told = pets.report(tmp_path / "page.html")
    assert "1 with copies" in repr(told)
    assert (tmp_path / "page.html").read_text().startswith("<!doctype html>")
    assert pets.undo().text.startswith("takes back")
    pets.dedupe()


def test_mistakes_are_exceptions_and_nothing_is_printed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    none = Dataset(tmp_path / "none")
    assert repr(none).endswith("nothing here yet")
    with pytest.raises(UsageError, match="no dataset here"):
        none.dedupe()
    with pytest.raises(UsageError, match="expected preview or original"):
        none.scrape("pizza", source="large")
    assert not none.folder.exists()
    with pytest.raises(UsageError, match="--pad: needs --size"):
        split_options(pad=True)
    assert capfd.readouterr() == ("", "")


def test_the_class_and_the_command_line_find_the_same(pets: Dataset) -> None:
    words = [sys.executable, "-P", "-m", "pixset.datasets", "status", str(pets.folder), "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == json.loads(json.dumps(pets.status().to_json()))


def test_importing_the_package_loads_nothing_heavy(tmp_path: Path) -> None:
    code = "import sys, pixset.datasets; print({'numpy', 'pydantic', 'tqdm'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout == "set()\n"


@pytest.mark.browser
@pytest.mark.skipif(
    not any(map(shutil.which, ("chromium", "google-chrome", "chrome", "chromium-browser"))),
    reason="no Chromium or Chrome on PATH: see drivers.md",
)
def test_scraping_from_python_brings_pictures_and_shows_bars(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from pixset.scraper.replica import Faults, serve

    pizza = Dataset(tmp_path / "pizza")
    with serve(per_term=20) as replica:
        done = pizza.scrape("pizza", limit=12, replica=replica.url, engines=["bing", "yahoo"])
        assert done.labels == ("pizza",)
        assert done.status.totals["pizza"].fetched == 12
    out, shown = capfd.readouterr()
    assert out == ""
    assert "6/6" in shown
    from pixset.datasets.errors import AllEnginesBlocked

    with (
        serve(faults=Faults(bing="captcha")) as walled,
        pytest.raises(AllEnginesBlocked, match="every engine refused"),
    ):
        Dataset(tmp_path / "other", progress=None).scrape(
            "pizza", replica=walled.url, engines=["bing"], unattended=True
        )
    assert not (tmp_path / "other").exists()


def pictures_on_the_page(made: Dataset) -> int:
    with made.review() as page, urllib.request.urlopen(f"{page.url}api/summary") as answer:
        return int(json.load(answer)["counts"]["all"])


def test_a_review_shows_what_no_step_has_looked_at_yet(tmp_path: Path) -> None:
    made = Dataset(tmp_path / "set")
    made.import_folder(classes(tmp_path / "in"))
    found = len(list((tmp_path / "in").rglob("*.jpg")))
    assert pictures_on_the_page(made) == found > 0


def test_a_review_beside_a_command_that_writes_says_what_it_does_not_show(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = Dataset(tmp_path / "set")
    made.import_folder(classes(tmp_path / "in"))
    with Project(made.folder).open_catalogue():
        assert pictures_on_the_page(made) == 0
    assert "not looked at yet are not shown" in caplog.text
