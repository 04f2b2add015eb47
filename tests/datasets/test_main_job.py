"""The main job, as its user runs it: the installed command, a real Chromium, a real local site."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from pixset.datasets.tree.unchanged import NOTE
from pixset.scraper.replica import Replica, serve
from support.models import saved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not any(map(shutil.which, ("chromium", "google-chrome", "chrome", "chromium-browser"))),
        reason="no Chromium or Chrome on PATH: see drivers.md",
    ),
]
ENGINES = ("google", "bing", "yahoo")
COMMAND = [sys.executable, "-P", "-m", "pixset.datasets"]


@pytest.fixture(scope="module")
def replica() -> Iterator[Replica]:
    with serve(per_term=40) as running:
        yield running


def pixset(*words: str, cwd: Path, code: int = 0) -> str:
    done = subprocess.run(
        [*COMMAND, *words], cwd=cwd, capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == code, done.stderr[-3000:]
    assert "Traceback" not in done.stderr
    return done.stdout


def shown(replica: Replica, term: str) -> dict[str, list[dict[str, Any]]]:
    searches = replica.truth()["searches"]
    return {one["engine"]: one["results"] for one in searches if one["term"] == term}


def contents(root: Path) -> dict[str, Any]:
    """What a dataset holds, without times: the same for any run that ended well."""
    with sqlite3.connect(root / "pixset.sqlite") as cat:
        held = {
            table: cat.execute(f"SELECT {columns} FROM {table} ORDER BY {columns}").fetchall()
            for table, columns in {
                "search": "label, engine, query, outcome, asked, found",
                "sighting": "label, engine, query, key, rank, preview_url, image_url",
                "image": "sha256, path, bytes",
                "labelled": "sha256, label, engine, query, key, rank, source",
                "fetched": "url, sha256, failure",
            }.items()
        }
    held["files"] = sorted(p.relative_to(root).as_posix() for p in root.glob("images/*/*"))
    return held


def test_build_ends_in_a_tree_for_training_and_nothing_is_asked_twice(tmp_path: Path) -> None:
    with serve(per_term=30) as replica:
        build = (
            "build", "binary", "--positive", "pizza", "--negative", "sushi",
            "--negative", "frittata", "--per-class", "12", "--replica", replica.url, "--json",
        )  # fmt: skip
        told = json.loads(pixset(*build, cwd=tmp_path))
        asked = replica.requests()
        ready = tmp_path / "dataset" / "ready"
        sides = Counter(
            tuple(path.relative_to(ready).parts[:2]) for path in ready.glob("*/*/*.jpg")
        )
        assert sum(sides.values()) == 24
        assert {side for side, _ in sides} == {"train", "val"}
        assert {label for _, label in sides} == {"pizza", "not_pizza"}
        # What it found is what the site showed, in the site's order.
        with sqlite3.connect(tmp_path / "dataset" / "pixset.sqlite") as cat:
            for engine, results in shown(replica, "pizza").items():
                found = cat.execute(
                    "SELECT image_url FROM sighting WHERE engine = ? AND term = 'pizza' "
                    "ORDER BY rank",
                    (engine,),
                ).fetchall()
                assert found
                assert [url for (url,) in found] == [r["image_url"] for r in results[: len(found)]]
        previews = {
            result["preview"]
            for one in replica.truth()["searches"]
            for result in one["results"]
            if not result["preview"].startswith("data:")
        }
        twice = [url for url in previews if asked.get(url, 0) > 1]
        assert not twice
        totals = told["labels"]["pizza"]
        assert totals["found"] == totals["fetched"]
        assert totals["kept"] <= totals["unique"] <= totals["valid"] <= totals["fetched"]
        # Again: nothing is asked, nothing changes.
        before = contents(tmp_path / "dataset")
        again = json.loads(pixset(*build, cwd=tmp_path))
        assert again["idle"]
        assert replica.requests() == asked
        assert contents(tmp_path / "dataset") == before
        # The tree was known by its note, which says what the whole way does.
        (tmp_path / "dataset" / NOTE).unlink()
        assert json.loads(pixset(*build, cwd=tmp_path)) == again
        victim = next(ready.rglob("*.jpg"))
        good = victim.read_bytes()
        victim.write_bytes(b"damaged")
        assert not json.loads(pixset(*build, cwd=tmp_path))["idle"]
        assert victim.read_bytes() == good


def test_build_with_a_model_counts_what_looks_off_topic_and_drops_nothing(tmp_path: Path) -> None:
    for name in ("cleanlab", "onnxruntime"):
        pytest.importorskip(name, reason="the extra `noise` is not installed")
    model = saved(tmp_path / "means.onnx", ["n", 3, 32, 32], metadata={"input_std": "255"})
    with serve(per_term=30) as replica:
        told = pixset(
            "build", "binary", "--positive", "pizza", "--negative", "sushi", "--per-class", "12",
            "--model", str(model), "--replica", replica.url, "--pace", "none", cwd=tmp_path,
        )  # fmt: skip
    kept = re.findall(r"^(?:not_)?pizza +(?:\d+ +){5}(\d+) +12 ", told, flags=re.MULTILINE)
    assert f"{sum(map(int, kept))} pictures held against their labels: " in told
    assert re.search(r"^(of no query's|of each query's|too few) pictures", told, re.MULTILINE)
    status = json.loads(pixset("status", "--json", cwd=tmp_path))
    assert not {"label", "off_topic"} & set(status["dropped"].get("pizza", ()))
    shown = json.loads(pixset("report", "--json", cwd=tmp_path))["off_topic"]
    assert {one["label"] for one in shown} <= {"pizza", "not_pizza"}


def test_a_set_that_was_split_in_three_is_built_on_in_three(tmp_path: Path) -> None:
    recipe = tmp_path / "two.toml"
    queries = "".join(f'[label.{one}]\nqueries = ["{one}"]\n' for one in ("pizza", "sushi"))
    recipe.write_text(f'name = "two"\nper_class = 12\n[split]\nratio = "80/20"\n{queries}')
    with serve(per_term=20) as replica:
        build = ("build", "two.toml", "--replica", replica.url, "--pace", "none", "--json")
        assert json.loads(pixset(*build, cwd=tmp_path))["layout"]["ratio"] == "80/20"
        pixset("split", "--ratio", "60/20/20", cwd=tmp_path, code=2)
        first = json.loads(
            pixset("split", "--ratio", "60/20/20", "--afresh", "--json", cwd=tmp_path)
        )
        again = json.loads(pixset(*build, cwd=tmp_path))
    assert again["idle"]
    assert again["layout"]["labels"] == first["labels"]
    assert again["placed"]["pizza"]["test"] > 0


def test_a_second_terms_label_joins_the_first_and_both_survive(
    tmp_path: Path, replica: Replica
) -> None:
    where = ("--replica", replica.url, "--limit", "6", "--engine", "bing")
    pixset("scrape", "--term", "pizza", *where, cwd=tmp_path)
    pixset("scrape", "--term", "frittata", "--label", "not_pizza", *where, cwd=tmp_path)
    status = json.loads(pixset("status", "--json", cwd=tmp_path))
    assert {slug: one["fetched"] for slug, one in status["labels"].items()} == {
        "pizza": 6,
        "not_pizza": 6,
    }
    text = (tmp_path / "dataset" / "recipe.toml").read_text()
    assert "[label.pizza]" in text
    assert "[label.not_pizza]" in text


def test_originals_and_walls_are_reported_and_the_others_go_on(tmp_path: Path) -> None:
    from pixset.scraper.replica import Faults

    with serve(per_term=20, faults=Faults(google="captcha", dead=0.3, referer=0.3)) as replica:
        told = pixset(
            "scrape", "--term", "pizza", "--limit", "12", "--source", "original",
            "--unattended", "--replica", replica.url, cwd=tmp_path,
        )  # fmt: skip
    assert "google: 'pizza': captcha" in told
    assert "http-404" in told
    status = json.loads(pixset("status", "--json", cwd=tmp_path))
    assert status["engines"]["google"]["found"] == 0
    assert status["labels"]["pizza"]["found"] == 12
    assert status["labels"]["pizza"]["fetched"] == 12  # a dead original fell back


def test_every_engine_refusing_leaves_with_4_and_a_changed_layout_with_5(tmp_path: Path) -> None:
    from pixset.scraper.replica import Faults

    with serve(faults=Faults(google="captcha", bing="challenge", yahoo="captcha")) as replica:
        words = ("scrape", "--term", "pizza", "--unattended", "--replica", replica.url)
        assert "next:" not in pixset(*words, cwd=tmp_path, code=4)
        assert not (tmp_path / "dataset").exists(), "nothing was found, so nothing is left"
        replica.control(dict.fromkeys(ENGINES, "layout-changed"))
        pixset(*words, "--into", "other", cwd=tmp_path, code=5)
    pages = list((tmp_path / "other" / "pages").glob("*.html"))
    assert len(pages) == 3


def kill_when(
    words: list[str], root: Path, ripe: Callable[[sqlite3.Connection], bool], log: Path
) -> None:
    """Run the command in its own process group and kill all of it as soon as `ripe` says so."""
    with log.open("w") as out:
        run = subprocess.Popen(
            [*COMMAND, *words], cwd=root, stdout=out, stderr=out, start_new_session=True
        )
    path = root / "dataset" / "pixset.sqlite"
    wait = threading.Event()
    try:
        for _ in range(10_000):
            assert run.poll() is None, f"ended before it could be killed: {log.read_text()}"
            if path.is_file() and path.stat().st_size:
                cat = sqlite3.connect(path)
                try:
                    if ripe(cat):
                        return
                except sqlite3.OperationalError:
                    pass  # its tables are being made
                finally:
                    cat.close()
            wait.wait(0.02)
        pytest.fail("never got there")
    finally:
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()


def count(table: str) -> Callable[[sqlite3.Connection], int]:
    return lambda cat: cat.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_killed_while_looking_and_while_bringing_it_ends_with_the_undisturbed_set(
    tmp_path: Path,
) -> None:
    with serve(per_term=40) as replica:
        words = [
            "scrape", "--term", "pizza", "--term", "sushi", "--label", "food", "--limit", "45",
            "--source", "original", "--replica", replica.url,
        ]  # fmt: skip
        calm, rough = tmp_path / "calm", tmp_path / "rough"
        calm.mkdir()
        rough.mkdir()
        pixset(*words, cwd=calm)
        replica.control({"slow": 0.3, "slow_seconds": 0.5})
        kill_when(words, rough, lambda cat: count("sighting")(cat) >= 5, tmp_path / "look.log")
        assert not list(rough.glob("dataset/images/*/*"))
        kill_when(words, rough, lambda cat: count("image")(cat) >= 5, tmp_path / "bring.log")
        seen = contents(rough / "dataset")
        assert len(seen["image"]) < len(contents(calm / "dataset")["image"])
        pixset(*words, cwd=rough)
        assert contents(rough / "dataset") == contents(calm / "dataset")


def test_the_demo_runs_by_itself_and_a_second_time_finds_all_there(tmp_path: Path) -> None:
    demo = ("demo", "--per-class", "8")
    told = pixset(*demo, cwd=tmp_path)
    assert "loaded by the browser itself" in told
    assert (tmp_path / "pixset-demo" / "contact-sheet.jpg").is_file()
    assert len(list((tmp_path / "pixset-demo" / "ready").glob("*/*/*.jpg"))) == 16
    before = contents(tmp_path / "pixset-demo")
    assert "all is there: nothing was asked, fetched or written" in pixset(*demo, cwd=tmp_path)
    assert contents(tmp_path / "pixset-demo") == before
