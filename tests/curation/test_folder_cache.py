"""What a folder's cache holds is read as it was written: today, before, and by who knows whom."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image
from pixset.curation.errors import Unreadable
from pixset.curation.folders.cache import Cache, cache_path
from pixset.curation.folders.folder import look_at_folder
from pixset.curation.images.facts import Facts
from pixset.curation.images.measure import look

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two pictures and a file that is none, looked at."""
    top = tmp_path / "pictures"
    top.mkdir()
    luck = np.random.default_rng(3)
    for name in ("one", "two"):
        patches = luck.integers(0, 256, (6, 8, 3)).astype(np.uint8)
        Image.fromarray(patches).resize((80, 60)).save(top / f"{name}.png")
    (top / "none.jpg").write_bytes(b"no picture")
    look_at_folder(top)
    return top


def seen(folder: Path) -> dict[str, Facts | str | None]:
    with Cache(cache_path(folder), folder) as cache:
        found = {path.name: cache.seen(path) for path in sorted(folder.iterdir())}
    return {name: str(w) if isinstance(w, Unreadable) else w for name, w in found.items()}


def rewrite(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    lines = [json.loads(line) for line in cache_path(folder).read_bytes().splitlines()]
    for line in lines:
        change(line)
    text = "".join(json.dumps(line, indent=None) + "\n" for line in lines)
    cache_path(folder).write_text(text, encoding="ascii")


def test_what_was_seen_is_read_as_it_was_measured(folder: Path) -> None:
    _, first = look_at_folder(folder, cache=False)
    again = seen(folder)
    assert again["none.jpg"] == str(first[folder / "none.jpg"])
    one, before = again["one.png"], first[folder / "one.png"]
    assert isinstance(one, Facts)
    assert isinstance(before, Facts)
    assert one == before
    assert one.versions == before.versions
    assert one.trainable == before.trainable


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line.update(later="a field of a version to come"),
        lambda line: "facts" in line and line["facts"].update(later=[1]),
        lambda line: "facts" in line and line["facts"].update(width=float(line["facts"]["width"])),
        lambda line: "facts" in line and line["facts"].update(gray=int(line["facts"]["gray"])),
    ],
    ids=["a field more", "a measurement more", "a float", "a number for a truth"],
)
def test_lines_of_another_shape_say_the_same(
    folder: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    before = seen(folder)
    rewrite(folder, change)
    assert seen(folder) == before


def test_a_score_that_is_no_number_is_kept_for_what_it_is(folder: Path) -> None:
    rewrite(folder, lambda line: "facts" in line and line["facts"]["scores"].update(blank=np.nan))
    one = seen(folder)["one.png"]
    assert isinstance(one, Facts)
    assert np.isnan(one.scores["blank"])


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line.update(v=2),
        lambda line: line.pop("stamp"),
        lambda line: line.pop("sha256", None) or line.pop("unreadable"),
        lambda line: "facts" in line and line["facts"].pop("thumb"),
        lambda line: "facts" in line and line["facts"].update(thumb="no base64"),
        lambda line: "facts" in line and line["facts"]["fingerprints"].update(phash="no number"),
        lambda line: "facts" in line and line["facts"].update(versions="no=number"),
        lambda line: line.update(facts=None),
    ],
)
def test_a_line_that_says_nothing_is_looked_at_again(
    folder: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    rewrite(folder, change)
    assert seen(folder)["one.png"] is None


def test_a_line_that_is_torn_costs_no_other(folder: Path) -> None:
    before = seen(folder)
    path = cache_path(folder)
    torn = b'{"v":1,"path":"one.p\n\xff\n\n' + b'{"v":' * 50_000 + b"\n" + b"[" * 50_000 + b"\n"
    path.write_bytes(torn + path.read_bytes())
    assert seen(folder) == before


def test_a_name_that_is_no_utf8_is_known_again(folder: Path) -> None:
    odd = folder / os.fsdecode(b"caf\xe9.png")
    try:
        (folder / "two.png").rename(odd)
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    look_at_folder(folder)
    assert seen(folder)[odd.name] is not None


def test_a_file_that_changes_while_it_is_looked_at_is_looked_at_again(folder: Path) -> None:
    cache_path(folder).unlink()
    one, two = folder / "one.png", folder / "two.png"
    before = look(one.read_bytes())
    with Cache(cache_path(folder), folder) as cache:
        assert cache.seen(one) is None
        two.replace(one)
        cache.add(one, before)
        assert cache.seen(one) is None
    _, found = look_at_folder(folder)
    assert found[one] == look(one.read_bytes()) != before
