"""A run that is killed while it moves files ends, run again, as one that was left alone."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageDraw
from pixset.curation.duplicates.thresholds import PLACEHOLDERS
from pixset.curation.errors import UsageError
from pixset.curation.folders.folder import check_folder, dedupe_folder
from pixset.curation.folders.move import UNDO_NAME, Moved, go_on, move_aside, undo
from pixset.curation.folders.relocate import alone_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAMES = ("a.jpg", "b/a.jpg", "b/link.jpg")
ASKED = {"test": 1}
# Moves as the caller does, and kills itself before the n-th thing that it does to a file.
KILLED = """
import json, os, signal, sys
from pathlib import Path
from pixset.curation.folders.move import move_aside
root, out, last, names = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
steps = {"os.link", "os.rename", "os.remove", "os.mkdir", "os.symlink", "os.truncate", "open"}
done = 0
def count(event, given):
    global done
    if event in steps and any(str(one).startswith((str(root), str(out))) for one in given[:2]):
        done += 1
        if done == last:
            os.kill(os.getpid(), signal.SIGKILL)
files = [(root / name, {"reason": "copy", "keeper": str(root / "kept.jpg")}) for name in names]
sys.addaudithook(count)
move_aside(files, root=root, to=out, asked={"test": 1})
"""


class Stopped(BaseException):
    """What ends a run between two files."""


def stop_after(count: int) -> Callable[..., object]:
    """A progress that ends the run once so many files are moved."""

    @contextmanager
    def progress(description: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        done = 0

        def advance(some: int) -> None:
            nonlocal done
            done += some
            if description == "move" and done >= count:
                raise Stopped

        yield advance

    return progress


def photos(root: Path) -> Path:
    for name in ("kept.jpg", "a.jpg", "b/a.jpg"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(f"bytes of {name}".encode())
    (root / "b/link.jpg").symlink_to("a.jpg")
    return root


def left(top: Path) -> dict[str, str]:
    """Every file and link below a folder, the journal among them."""
    return {
        str(path.relative_to(top)): f"-> {path.readlink()}"
        if path.is_symlink()
        else path.read_text("latin-1")
        for path in top.rglob("*")
        if path.is_symlink() or path.is_file()
    }


def reasons(root: Path) -> list[tuple[Path, dict[str, str]]]:
    """What a caller would decide now: what still is there."""
    return [
        (root / name, {"reason": "copy", "keeper": str(root / "kept.jpg")})
        for name in NAMES
        if os.path.lexists(root / name)
    ]


def run_again(root: Path, out: Path) -> Moved:
    begun = go_on(root=root, to=out, asked=ASKED)
    return move_aside(reasons(root), root=root, to=out, asked=ASKED, onto=begun)


def kill_everywhere(root: Path, out: Path) -> int:
    """Kill before each step in turn until a run ends by itself; returns the number of kills."""
    before = left(photos(root))
    run_again(root, out)
    calm = left(root), left(out)
    for step in range(1, 100):
        shutil.rmtree(root)
        shutil.rmtree(out)
        photos(root)
        ran = subprocess.run(
            [sys.executable, "-P", "-c", KILLED, str(root), str(out), str(step), *NAMES],
            check=False,
        )
        if ran.returncode == 0:
            return step - 1
        assert ran.returncode == -signal.SIGKILL
        run_again(root, out)
        assert (step, left(root), left(out)) == (step, *calm)
        undo(out)
        assert left(root) == before
        assert [path.name for path in out.iterdir()] == [UNDO_NAME + ".done"]
    raise AssertionError("the run never came to its end")


@pytest.mark.skipif(sys.platform == "win32", reason="ends itself by SIGKILL")
def test_a_run_killed_before_any_of_its_steps_ends_as_a_calm_one(tmp_path: Path) -> None:
    assert kill_everywhere(tmp_path / "in", tmp_path / "out") > 2 * len(NAMES)


@pytest.mark.skipif(sys.platform == "win32", reason="ends itself by SIGKILL")
def test_so_does_one_that_moves_to_another_device(tmp_path: Path) -> None:
    shm = Path("/dev/shm")
    if not shm.is_dir() or shm.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("no second device to write to here (/dev/shm)")
    with tempfile.TemporaryDirectory(dir=shm) as out:
        assert kill_everywhere(tmp_path / "in", Path(out, "out")) > 4 * len(NAMES)


@pytest.mark.parametrize("torn", ["head", "line", "intent", "linked"])
def test_a_journal_that_a_crash_has_torn_is_mended(tmp_path: Path, torn: str) -> None:
    root, out = photos(tmp_path / "in"), tmp_path / "out"
    before = left(root)
    with pytest.raises(Stopped):
        move_aside(reasons(root), root=root, to=out, asked=ASKED, progress=stop_after(1))  # type: ignore[arg-type]
    journal = out / UNDO_NAME
    text = journal.read_text()
    if torn == "head":
        (out / "a.jpg").rename(root / "a.jpg")
        journal.write_text('{"pixset')
    else:
        intent = json.dumps({"from": str(root / "b/a.jpg"), "to": str(out / "b/a.jpg")})
        journal.write_text(text + (intent[:20] if torn == "line" else intent + "\n"))
        (out / "b").mkdir()
        if torn == "linked":
            os.link(root / "b/a.jpg", out / "b/a.jpg")
    run_again(root, out)
    assert set(left(root)) == {"kept.jpg"}
    assert set(left(out)) == {*NAMES, UNDO_NAME}
    entries = [json.loads(line) for line in journal.read_text().splitlines()[1:]]
    assert [one["from"] for one in entries] == [str(root / name) for name in NAMES]
    undo(out)
    assert left(root) == before


def test_what_has_changed_since_stays_to_be_judged_anew(tmp_path: Path) -> None:
    root, out = photos(tmp_path / "in"), tmp_path / "out"
    with pytest.raises(Stopped):
        move_aside(reasons(root), root=root, to=out, asked=ASKED, progress=stop_after(1))  # type: ignore[arg-type]
    (root / "b/a.jpg").write_bytes(b"another picture of that name")
    begun = go_on(root=root, to=out, asked=ASKED)
    assert begun is not None
    assert begun.moves == ((root / "b/link.jpg", out / "b/link.jpg"),)
    assert (root / "b/a.jpg").read_bytes() == b"another picture of that name"


def test_no_copy_goes_once_its_keeper_is_gone(tmp_path: Path) -> None:
    root, out = photos(tmp_path / "in"), tmp_path / "out"
    with pytest.raises(Stopped):
        move_aside(reasons(root), root=root, to=out, asked=ASKED, progress=stop_after(1))  # type: ignore[arg-type]
    (root / "kept.jpg").unlink()
    begun = go_on(root=root, to=out, asked=ASKED)
    assert begun is not None
    assert begun.moves == ()
    assert (root / "b/a.jpg").exists()


def test_another_question_and_a_run_that_was_taken_back_are_not_gone_on_with(
    tmp_path: Path,
) -> None:
    root, out = photos(tmp_path / "in"), tmp_path / "out"
    with pytest.raises(Stopped):
        move_aside(reasons(root), root=root, to=out, asked=ASKED, progress=stop_after(2))  # type: ignore[arg-type]
    assert go_on(root=root, to=out, asked={"test": 2}) is None
    assert go_on(root=tmp_path, to=out, asked=ASKED) is None
    undo(out)
    assert go_on(root=root, to=out, asked=ASKED) is None
    assert set(left(root)) == {"kept.jpg", *NAMES}


@pytest.mark.skipif(sys.platform == "win32", reason="locks no folders")
def test_two_runs_do_not_move_into_one_folder_at_once(tmp_path: Path) -> None:
    root, out = photos(tmp_path / "in"), tmp_path / "out"
    out.mkdir()
    with alone_in(out), pytest.raises(UsageError, match="another run moves files there"):
        move_aside(reasons(root), root=root, to=out)
    assert set(left(root)) == {"kept.jpg", *NAMES}


def cards(root: Path) -> Path:
    """Just so many cards of one make that they are a flood; one fewer is none."""
    root.mkdir(parents=True)
    for number in range(PLACEHOLDERS):
        card = Image.new("RGB", (300, 300), (225, 225, 225))
        draw = ImageDraw.Draw(card)
        draw.rectangle((40, 90, 260, 210), outline=(40, 40, 40), width=6)
        draw.ellipse((100, 110, 190, 190), fill=(90, 90, 90))
        card.save(root / f"{number}.jpg", comment=f"card {number}")
    return root


@pytest.mark.parametrize("moved", [1, PLACEHOLDERS - 1, PLACEHOLDERS])
def test_check_decides_by_the_pictures_that_lay_there_when_it_began(
    tmp_path: Path, moved: int
) -> None:
    root, out = cards(tmp_path / "in"), tmp_path / "out"
    drop = ["placeholder"]
    with pytest.raises(Stopped):
        check_folder(root, drop=drop, move_to=out, progress=stop_after(moved))  # type: ignore[arg-type]
    assert len(list(root.iterdir())) == PLACEHOLDERS - moved
    check_folder(root, drop=drop, move_to=out)
    assert list(root.iterdir()) == []
    assert [path.name for path in out.iterdir() if path.suffix != ".jpg"] == [UNDO_NAME]
    undo(out)
    assert len(list(root.iterdir())) == PLACEHOLDERS


@pytest.mark.parametrize("moved", [1, 3])
def test_dedupe_goes_on_in_the_same_journal_and_takes_new_copies_too(
    tmp_path: Path, moved: int
) -> None:
    root, out = tmp_path / "in", tmp_path / "out"
    root.mkdir()
    for shade in (40, 90):
        picture = Image.linear_gradient("L").point(lambda value, by=shade: value * by // 100)
        picture.save(root / f"{shade}.png")
        for number in (1, 2):
            shutil.copy(root / f"{shade}.png", root / f"{shade} ({number}).png")
    with pytest.raises(Stopped):
        dedupe_folder(root, move_to=out, progress=stop_after(moved))  # type: ignore[arg-type]
    shutil.copy(root / "40.png", root / "40 (3).png")
    report = dedupe_folder(root, move_to=out)
    assert {path.name for path in root.iterdir()} == {"40.png", "90.png"}
    assert report.moved is not None
    assert report.moved.undo_file == out / UNDO_NAME
    assert len(report.moved.moves) == 5 - moved
    assert len(undo(out).restored) == 5
