from __future__ import annotations

import json
import os
import stat
import unicodedata
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageDraw
from pixset.curation.errors import UsageError
from pixset.curation.folders.cache import Cache, cache_path
from pixset.curation.folders.folder import check_folder, look_at_folder, undo
from pixset.curation.folders.scan import scan
from pixset.curation.images.facts import Facts
from pixset.curation.images.measure import look

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path


def photo(path: Path, seed: int = 0, size: tuple[int, int] = (200, 150)) -> Path:
    """Something like a photograph: soft shapes, some noise."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (60, 80, 3), dtype=np.uint8))
    soft = np.asarray(small.resize(size, Image.Resampling.BICUBIC), dtype=np.int16)
    noisy = soft + rng.integers(-12, 13, soft.shape)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(
        path, format=None if path.suffix else "JPEG"
    )
    return path


def findings(folder: Path, **options: object) -> dict[str, dict[str, bool]]:
    found: dict[str, dict[str, bool]] = {}
    for one in check_folder(folder, **options).findings:  # type: ignore[arg-type]
        found.setdefault(one.path.relative_to(folder).as_posix(), {})[one.check] = one.drop
    return found


def test_photographs_have_no_findings(tmp_path: Path) -> None:
    for seed in range(6):
        photo(tmp_path / f"{seed}.jpg", seed)
    report = check_folder(tmp_path)
    assert report.to_json() == {"images": 6, "findings": [], "ok": 6}
    assert report.to_text().endswith("Nothing to drop.")


def test_each_check_says_what_it_sees(tmp_path: Path) -> None:
    photo(tmp_path / "tiny.png", size=(50, 40))
    photo(tmp_path / "wide.png", size=(800, 150))
    with Image.open(photo(tmp_path / "soft.png", size=(40, 32))) as little:
        little.resize((400, 320), Image.Resampling.BICUBIC).save(tmp_path / "soft.png")
    Image.new("RGB", (300, 200), (190, 30, 30)).save(tmp_path / "plain.jpg")
    dim = np.asarray(Image.open(photo(tmp_path / "dim.png")))
    Image.fromarray(dim // 6).save(tmp_path / "dim.png")
    Image.fromarray(dim // 5 + 204).save(tmp_path / "pale.png")
    frames = [Image.open(photo(tmp_path / f"{n}.png", n)) for n in range(3)]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    sign = Image.new("RGB", (300, 300), "white")
    ImageDraw.Draw(sign).rectangle((60, 60, 160, 240), fill="navy")
    ImageDraw.Draw(sign).ellipse((150, 100, 270, 220), fill="red")
    sign.save(tmp_path / "sign.png")
    card = Image.new("RGB", (300, 300), (225, 225, 225))
    ImageDraw.Draw(card).text((90, 140), "no image available", fill=(120, 120, 120))
    card.save(tmp_path / "card.png")
    photo(tmp_path / "liar.png").rename(tmp_path / "liar.jpg")
    (tmp_path / "cut.jpg").write_bytes(photo(tmp_path / "cut.jpg").read_bytes()[:-900])
    (tmp_path / "page.jpg").write_text("<html>404 not found</html>")
    assert findings(tmp_path) == {
        "tiny.png": {"small": True},
        "wide.png": {"odd_shape": False},
        "soft.png": {"blurry": False},
        "plain.jpg": {"blank": True, "placeholder": False},
        "dim.png": {"dark": False},
        "pale.png": {"light": False},
        "moving.gif": {"animated": False},
        "sign.png": {"graphic": False},
        "card.png": {"light": False, "placeholder": False},
        "liar.jpg": {"wrong_type": False},
        "cut.jpg": {"truncated": True},
        "page.jpg": {"undecodable": True},
    }


def test_thresholds_and_what_drops_can_be_changed_and_mistakes_are_named(tmp_path: Path) -> None:
    photo(tmp_path / "a.png", size=(100, 80))
    assert findings(tmp_path, thresholds={"small": 128}) == {"a.png": {"small": True}}
    assert findings(tmp_path, thresholds={"small": 128}, drop=()) == {"a.png": {"small": False}}
    with pytest.raises(UsageError, match="no check named 'smal'"):
        check_folder(tmp_path, thresholds={"smal": 1})
    with pytest.raises(UsageError, match="no such folder"):
        check_folder(tmp_path / "absent")


def test_a_flood_of_one_plain_picture_is_a_placeholder(tmp_path: Path) -> None:
    for number in range(5):
        card = Image.new("RGB", (300, 300), (225, 225, 225))
        draw = ImageDraw.Draw(card)
        draw.rectangle((40, 90, 260, 210), outline=(40, 40, 40), width=6)
        draw.ellipse((100, 110, 190, 190), fill=(90, 90, 90))
        card.save(tmp_path / f"{number}.jpg", comment=f"copy {number}")
    found = findings(tmp_path)
    assert all("placeholder" in checks for checks in found.values())
    (tmp_path / "4.jpg").unlink()
    assert all("placeholder" not in checks for checks in findings(tmp_path).values())


NAMES = (
    "späces and ünïcode.jpg",
    unicodedata.normalize("NFD", "déjà.jpg"),
    "no_extension",
    "UPPER.JPG",
    "-rf.jpg",
    "new\nline.jpg",
    "a.jpg.download",
    "deep/er/b.jpg",
)


def test_any_name_will_do(tmp_path: Path) -> None:
    for seed, name in enumerate(NAMES):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        photo(tmp_path / "x.jpg", seed).rename(path)
    raw = os.fsencode(tmp_path) + b"/not-utf8-\xff.jpg"
    photo(tmp_path / "x.jpg", 99).rename(os.fsdecode(raw))
    report = check_folder(tmp_path)
    assert (report.images, report.ok) == (len(NAMES) + 1, len(NAMES) + 1)
    bad = check_folder(tmp_path, thresholds={"small": 1000})
    assert len(json.loads(json.dumps(bad.to_json()))["findings"]) == len(NAMES) + 1
    assert "not-utf8" in bad.to_text()
    bad.to_text().encode("utf-8")
    assert check_folder(tmp_path, cache=True).to_json() == report.to_json()


def test_what_is_no_picture_is_left_alone_except_what_systems_strew_about(tmp_path: Path) -> None:
    photo(tmp_path / "a.jpg")
    photo(tmp_path / ".hidden.jpg")
    photo(tmp_path / ".git/b.jpg")
    (tmp_path / "labels.csv").write_text("a,b\n")
    (tmp_path / "README").write_text("BMW and GIF notes")
    (tmp_path / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    (tmp_path / "._a.jpg").write_bytes(b"\0\5\x16\7")
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "loop").symlink_to(tmp_path)
    listing = scan(tmp_path)
    assert [path.name for path in listing.pictures] == ["a.jpg"]
    assert [path.name for path in listing.junk] == [".DS_Store", "._a.jpg"]
    report = check_folder(tmp_path)
    assert (report.images, report.ok) == (1, 1)
    assert [one.check for one in report.findings] == ["not_picture", "not_picture"]


def test_move_to_moves_what_would_be_dropped_and_undo_restores(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    photo(folder / "a/good.jpg")
    photo(folder / "a/tiny.png", size=(20, 20))
    photo(folder / "b/tiny.png", size=(30, 30))
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    aside = tmp_path / "aside"
    report = check_folder(folder, move_to=aside)
    assert report.moved is not None
    assert {path.relative_to(aside).as_posix() for path in aside.rglob("*.png")} == {
        "a/tiny.png",
        "b/tiny.png",
    }
    assert "pixset undo" in report.to_text()
    assert check_folder(folder).to_json() == {"images": 1, "findings": [], "ok": 1}
    # What 0.1 moved aside inside the folder is not looked at again.
    aside.rename(folder / "aside")
    assert check_folder(folder).to_json() == {"images": 1, "findings": [], "ok": 1}
    (folder / "aside").rename(aside)
    assert report.moved.undo_file is not None
    undo(report.moved.undo_file)
    assert {
        path: path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "undo" not in path.name
    } == before


class Counting:
    """A progress that counts what was looked at."""

    def __init__(self) -> None:
        self.looked = 0

    def __call__(
        self, description: str, total: int | None = None
    ) -> AbstractContextManager[Callable[[int], None]]:
        from contextlib import contextmanager

        @contextmanager
        def bar() -> Iterator[Callable[[int], None]]:
            def advance(count: int) -> None:
                self.looked += count if description == "look" else 0

            yield advance

        return bar()


def looked(folder: Path) -> int:
    counting = Counting()
    look_at_folder(folder, progress=counting)
    return counting.looked


def test_the_second_look_reads_only_what_changed(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for seed in range(4):
        photo(folder / f"{seed}.jpg", seed)
    (folder / "bad.jpg").write_bytes(b"no picture")
    first = look_at_folder(folder)
    assert cache_path(folder) == tmp_path / ".in.pixset-cache.jsonl"
    assert sorted(path.name for path in folder.iterdir()) == [
        *(f"{seed}.jpg" for seed in range(4)),
        "bad.jpg",
    ]
    assert looked(folder) == 0
    again = look_at_folder(folder)
    assert {path: str(what) for path, what in again[1].items()} == {
        path: str(what) for path, what in first[1].items()
    }
    photo(folder / "2.jpg", 77)
    photo(folder / "new.jpg", 78)
    assert looked(folder) == 2
    assert look_at_folder(folder)[1][folder / "2.jpg"] == look((folder / "2.jpg").read_bytes())


def test_a_torn_or_odd_line_in_the_cache_costs_only_itself(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for seed in range(3):
        photo(folder / f"{seed}.jpg", seed)
    look_at_folder(folder)
    cache = cache_path(folder)
    lines = cache.read_bytes().splitlines(keepends=True)
    cache.write_bytes(b'{"v": 0}\n[]\nnull\n\xff\n' + b"".join(lines)[:-40])
    assert looked(folder) == 1
    assert looked(folder) == 0


def test_the_same_bytes_under_a_new_name_are_not_decoded_again(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    path = photo(folder / "a.jpg")
    look_at_folder(folder)
    path.rename(folder / "b.jpg")
    with Cache(cache_path(folder), folder) as cache:
        assert cache.seen(folder / "b.jpg") is None
        facts = cache[look((folder / "b.jpg").read_bytes()).sha256]
        assert isinstance(facts, Facts)


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_beside_which_nothing_can_be_written_is_checked_all_the_same(
    tmp_path: Path,
) -> None:
    photo(tmp_path / "in/a.jpg")
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert check_folder(tmp_path / "in").ok == 1
    finally:
        tmp_path.chmod(stat.S_IRWXU)


def test_a_cache_that_cannot_be_kept_is_done_without(tmp_path: Path) -> None:
    photo(tmp_path / "in/a.jpg")
    cache_path(tmp_path / "in").mkdir()
    assert check_folder(tmp_path / "in").ok == 1
