from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pixset.curation.errors import CurationError, UsageError
from pixset.curation.folders import move as moving
from pixset.curation.folders.move import move_aside, undo
from pixset.curation.folders.relocate import _copy
from pixset.curation.folders.undo_file import writing

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = st.text(
    alphabet=st.characters(codec="utf-8", exclude_characters="/\0", exclude_categories=("Cs",)),
    min_size=1,
    max_size=8,
).filter(lambda name: name not in {".", ".."} and len(name.encode()) < 60)


def tree(root: Path) -> dict[str, bytes | str]:
    """Every file below a folder with its bytes, every link with its goal."""
    found: dict[str, bytes | str] = {}
    for path in sorted(root.rglob("*")):
        if path.is_symlink():
            found[str(path.relative_to(root))] = f"-> {path.readlink()}"
        elif path.is_file():
            found[str(path.relative_to(root))] = path.read_bytes()
    return found


def photos(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"bytes of " + os.fsencode(name))
    return root


def reasons(paths: list[Path]) -> list[tuple[Path, dict[str, str]]]:
    return [(path, {"reason": "copy"}) for path in paths]


def test_moves_keep_the_folder_structure_and_record_the_reason(tmp_path: Path) -> None:
    root = photos(tmp_path / "in", "a/cat.jpg", "b/cat.jpg")
    moved = move_aside(reasons([root / "a/cat.jpg"]), root=root, to=tmp_path / "out")
    assert (tmp_path / "out/a/cat.jpg").read_bytes() == b"bytes of a/cat.jpg"
    assert set(tree(root)) == {"b/cat.jpg"}
    assert moved.undo_file is not None
    lines = [json.loads(line) for line in moved.undo_file.read_text().splitlines()]
    assert lines[1] == {
        "from": str(root / "a/cat.jpg"),
        "to": str(tmp_path / "out/a/cat.jpg"),
        "reason": "copy",
    }


def test_a_name_that_is_taken_gets_a_number_and_nothing_is_overwritten(tmp_path: Path) -> None:
    root = photos(tmp_path / "in", "cat.jpg")
    photos(tmp_path / "out", "cat.jpg", "cat-2.jpg")
    before = tree(tmp_path / "out")
    moved = move_aside(reasons([root / "cat.jpg"]), root=root, to=tmp_path / "out")
    assert moved.moves == ((root / "cat.jpg", tmp_path / "out/cat-3.jpg"),)
    assert before.items() <= tree(tmp_path / "out").items()


@settings(max_examples=60)
@given(
    files=st.dictionaries(st.tuples(NAMES, NAMES), st.binary(max_size=20), max_size=8),
    chosen=st.sets(st.integers(0, 7)),
    taken=st.booleans(),
)
def test_undo_restores_exactly(
    files: dict[tuple[str, str], bytes], chosen: set[int], taken: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root, out = Path(folder, "in"), Path(folder, "out")
        for (parent, name), data in files.items():
            path = root / f"d{parent}" / f"f{name}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        if taken:
            shutil.copytree(root, out, dirs_exist_ok=True) if root.exists() else None
        before, before_out = tree(root), tree(out)
        paths = [root / name for index, name in enumerate(before) if index in chosen]
        moved = move_aside(reasons(paths), root=root, to=out)
        assert len(moved.moves) == len(paths)
        assert set(tree(root)) == set(before) - {str(path.relative_to(root)) for path in paths}
        if moved.undo_file is not None:
            done = undo(moved.undo_file)
            assert len(done.restored) == len(paths)
            assert done.refused == done.missing == ()
        assert tree(root) == before
        kept = {name: data for name, data in tree(out).items() if "pixset-undo" not in name}
        assert kept == before_out


def test_undo_refuses_to_overwrite_and_goes_on_when_the_way_is_free(tmp_path: Path) -> None:
    root = photos(tmp_path / "in", "a.jpg", "b.jpg")
    paths = [root / "a.jpg", root / "b.jpg"]
    moved = move_aside(reasons(paths), root=root, to=tmp_path / "out")
    (root / "a.jpg").write_bytes(b"somebody's new picture")
    first = undo(tmp_path / "out")
    assert first.restored == (root / "b.jpg",)
    assert [path for path, _ in first.refused] == [root / "a.jpg"]
    assert (root / "a.jpg").read_bytes() == b"somebody's new picture"
    assert moved.undo_file is not None
    assert moved.undo_file.exists()
    (root / "a.jpg").unlink()
    second = undo(moved.undo_file)
    assert second.restored == (root / "a.jpg",)
    assert second.already == (root / "b.jpg",)
    assert (root / "a.jpg").read_bytes() == b"bytes of a.jpg"
    assert not moved.undo_file.exists()


def stop_after(root: Path, out: Path, crash: str) -> None:
    """Leave the folders as a run killed at `crash` would."""
    undo_file = out / moving.UNDO_NAME
    out.mkdir()
    lines = [{"pixset-undo": 1}, {"from": str(root / "a.jpg"), "to": str(out / "a.jpg")}]
    undo_file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    if crash == "linked":
        os.link(root / "a.jpg", out / "a.jpg")
    elif crash == "half copied":
        (out / ".a.jpg.pixset-part").write_bytes(b"byt")
    elif crash == "name taken":
        shutil.copy(root / "a.jpg", out / ".a.jpg.pixset-part")
        (out / "a.jpg").touch()
    elif crash == "copied":
        shutil.copy(root / "a.jpg", out / "a.jpg")
    elif crash == "torn line":
        undo_file.write_text(undo_file.read_text() + '{"from": "/x')


@pytest.mark.parametrize(
    "crash", ["intended", "linked", "half copied", "name taken", "copied", "torn line"]
)
def test_a_run_killed_anywhere_can_be_undone(tmp_path: Path, crash: str) -> None:
    root, out = photos(tmp_path / "in", "a.jpg"), tmp_path / "out"
    before = tree(root)
    stop_after(root, out, crash)
    undo(out)
    assert tree(root) == before
    assert {name for name in tree(out) if "undo" not in name} == set()


def test_links_are_moved_as_links(tmp_path: Path) -> None:
    root = photos(tmp_path / "in", "a.jpg")
    (root / "link.jpg").symlink_to("a.jpg")
    before = tree(root)
    moved = move_aside(reasons([root / "link.jpg"]), root=root, to=tmp_path / "out")
    assert (tmp_path / "out/link.jpg").readlink() == Path("a.jpg")
    assert moved.undo_file is not None
    undo(moved.undo_file)
    assert tree(root) == before


def other_device(near: Path) -> Path:
    """A folder on another device than `near`, or a skip."""
    shm = Path("/dev/shm")
    if not shm.is_dir() or shm.stat().st_dev == near.stat().st_dev or not os.access(shm, os.W_OK):
        pytest.skip("no second device to write to here (/dev/shm)")
    return Path(tempfile.mkdtemp(dir=shm))


def test_moving_to_another_device_copies_syncs_and_then_removes(tmp_path: Path) -> None:
    out = other_device(tmp_path)
    try:
        root = photos(tmp_path / "in", "a/a.jpg", "b.jpg")
        (root / "link.jpg").symlink_to("b.jpg")
        os.utime(root / "b.jpg", (1_000_000_000, 1_000_000_000))
        with pytest.raises(OSError, match=os.strerror(errno.EXDEV)):
            os.link(root / "b.jpg", out / "b.jpg")
        before = tree(root)
        moved = move_aside(reasons([root / name for name in before]), root=root, to=out)
        assert tree(root) == {}
        assert (out / "b.jpg").stat().st_mtime == 1_000_000_000
        assert moved.undo_file is not None
        undo(moved.undo_file)
        assert tree(root) == before
    finally:
        shutil.rmtree(out)


def test_moving_into_the_folder_itself_is_the_callers_mistake(tmp_path: Path) -> None:
    root = photos(tmp_path / "in", "a.jpg")
    with pytest.raises(UsageError, match="the folder itself"):
        move_aside(reasons([root / "a.jpg"]), root=root, to=tmp_path / "x" / ".." / "in")


def test_what_is_no_undo_file_is_refused_before_anything_moves(tmp_path: Path) -> None:
    head = '{"pixset-undo": 1}\n'
    moved = ('{"void": true}', '{"from": "a"}', "7", "[]", '{"from":' * 50_000)
    for text in ("", "{}\n", "not json\n", "[]\n", *(f"{head}{line}\n" for line in moved)):
        path = tmp_path / "pixset-undo.jsonl"
        path.write_text(text)
        with pytest.raises(UsageError, match="no undo file"):
            undo(path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="holds no"):
        undo(tmp_path / "empty")
    with pytest.raises(UsageError, match="cannot be read"):
        undo(tmp_path / "absent.jsonl")
    os.mkfifo(tmp_path / "pipe.jsonl")
    with pytest.raises(UsageError, match="no regular file"):
        undo(tmp_path / "pipe.jsonl")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_no_mistake_of_the_caller(tmp_path: Path) -> None:
    root, to = photos(tmp_path / "photos", "a.jpg"), tmp_path / "away"
    to.mkdir()
    (to / ".pixset-undo.jsonl.plan-part").symlink_to("/dev/full")
    with pytest.raises(CurationError, match="the disk is full; make room") as caught:
        move_aside(reasons([root / "a.jpg"]), root=root, to=to)
    assert caught.value.exit_code == 1
    assert (root / "a.jpg").is_file()


def test_nothing_to_move_makes_no_folder(tmp_path: Path) -> None:
    assert move_aside([], root=tmp_path / "in", to=tmp_path / "out").undo_file is None
    assert not (tmp_path / "out").exists()


def test_a_file_in_the_place_of_the_folder_to_move_to_is_left_as_it_is(tmp_path: Path) -> None:
    root = photos(tmp_path / "photos", "a.jpg", "b.jpg")
    (tmp_path / "aside").write_text("mine")
    before = tree(tmp_path)
    with pytest.raises(UsageError, match="aside: is a file; expected a folder to make"):
        move_aside([(root / "a.jpg", {})], root=root, to=tmp_path / "aside")
    assert tree(tmp_path) == before


@pytest.mark.parametrize("linked", [False, True])
def test_what_vanishes_before_its_turn_ends_no_move(tmp_path: Path, linked: bool) -> None:
    root, out = photos(tmp_path / "in", "a.jpg", "gone/b.jpg", "c.jpg"), tmp_path / "out"
    if linked:
        (root / "gone/b.jpg").unlink()
        (root / "gone/b.jpg").symlink_to("nowhere")  # is there, and is moved as it is
    else:
        shutil.rmtree(root / "gone")
    files = [root / "a.jpg", root / "gone/b.jpg", root / "c.jpg"]
    moved = move_aside(reasons(files), root=root, to=out)
    assert [old for old, _ in moved.moves] == [file for file in files if linked or file != files[1]]
    assert (out / "gone").exists() == linked
    back = undo(out)
    assert back.missing == ()
    assert len(back.restored) == len(moved.moves)


def test_undo_goes_past_a_file_in_the_place_of_a_folder(tmp_path: Path) -> None:
    root, out = photos(tmp_path / "in", "a/1.jpg", "b/2.jpg", "c/3.jpg"), tmp_path / "out"
    files = sorted(root.rglob("*.jpg"))
    move_aside(reasons(files), root=root, to=out)
    (root / "b").rmdir()
    (root / "b").write_bytes(b"somebody's note")
    first = undo(out)
    assert set(first.restored) == {files[0], files[2]}
    assert [path for path, _ in first.refused] == [files[1]]
    assert (out / "b/2.jpg").is_file()
    (root / "b").unlink()
    assert undo(out).restored == (files[1],)


def test_a_copy_whose_name_is_taken_leaves_no_half_of_itself(tmp_path: Path) -> None:
    photos(tmp_path, "a.jpg", "b.jpg")
    before = tree(tmp_path)
    with pytest.raises(FileExistsError):
        _copy(tmp_path / "a.jpg", tmp_path / "b.jpg")
    assert tree(tmp_path) == before


@pytest.mark.parametrize("letter", ["a", "\N{LATIN SMALL LETTER E WITH ACUTE}", "\udce9"])
def test_a_name_as_long_as_names_may_be_is_moved_back_and_copied_too(
    tmp_path: Path, letter: str
) -> None:
    name = letter * (250 // len(os.fsencode(letter))) + ".jpg"  # 254 bytes
    try:
        root = photos(tmp_path / "in", name)
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    before = tree(root)
    photos(tmp_path / "out", name)  # has the name: a number has no room beside it
    move_aside(reasons([root / name]), root=root, to=tmp_path / "out")
    assert undo(tmp_path / "out").restored == (root / name,)
    assert tree(root) == before
    _copy(root / name, root / f"{name[1:]}2")
    assert tree(root) == dict.fromkeys((name, f"{name[1:]}2"), b"bytes of " + os.fsencode(name))


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder of a user whom permissions hold: root acts as nobody for the while."""
    top = Path(tempfile.mkdtemp())
    top.chmod(0o755)
    is_root = os.geteuid() == 0
    if is_root:
        os.chown(top, 65534, 65534)
        os.seteuid(65534)
    try:
        yield top
    finally:
        if is_root:
            os.seteuid(0)
        for folder, _, _ in os.walk(top):
            Path(folder).chmod(0o755)
        shutil.rmtree(top)


@pytest.mark.parametrize("by", ["copy", "link"])
def test_a_file_that_cannot_be_moved_is_named_and_the_rest_goes(
    unprivileged: Path, by: str
) -> None:
    root = photos(unprivileged / "in", "a/1.jpg", "held/2.jpg", "held/3.jpg", "z/4.jpg")
    (root / "held").chmod(0o555)
    if by == "copy":
        other = other_device(unprivileged)
        other.chmod(0o755)
        out = other / "out"
    else:
        out = unprivileged / "out"
    before, files = tree(root), sorted(root.rglob("*.jpg"))
    moved = move_aside(reasons(files), root=root, to=out)
    assert [path for path, _ in moved.moves] == [files[0], files[3]]
    assert [(path, why) for path, why in moved.left] == [
        (path, os.strerror(errno.EACCES)) for path in files[1:3]
    ]
    assert set(tree(out)) == {"a/1.jpg", "z/4.jpg", moving.UNDO_NAME}
    with pytest.raises(CurationError, match="2 files could not be moved") as caught:
        moved.refuse_left()
    assert caught.value.exit_code == 1
    (root / "held").chmod(0o755)
    assert len(move_aside(reasons(files[1:3]), root=root, to=out).moves) == 2
    for _ in range(2):
        assert not undo(out).refused
    assert tree(root) == before
    if by == "copy":
        shutil.rmtree(other)


def test_where_nothing_can_be_moved_nothing_is_left_to_take_back(unprivileged: Path) -> None:
    root = photos(unprivileged / "in", "1.jpg")
    root.chmod(0o555)
    moved = move_aside(reasons([root / "1.jpg"]), root=root, to=unprivileged / "out")
    assert (moved.undo_file, moved.moves, len(moved.left)) == (None, (), 1)
    assert tree(unprivileged / "out") == {}


def test_a_run_killed_at_a_file_that_cannot_be_moved_goes_on(unprivileged: Path) -> None:
    root, out = photos(unprivileged / "in", "a.jpg", "b.jpg"), unprivileged / "out"
    before = tree(root)
    stop_after(root, out, "linked")
    root.chmod(0o555)
    with writing(out / moving.UNDO_NAME, new=False):
        pass
    assert tree(root) == before
    assert set(tree(out)) == {moving.UNDO_NAME}


def test_undo_goes_past_what_the_system_refuses(unprivileged: Path) -> None:
    root, out = photos(unprivileged / "in", "a/1.jpg", "b/2.jpg", "c/3.jpg"), unprivileged / "out"
    files = sorted(root.rglob("*.jpg"))
    move_aside(reasons(files), root=root, to=out)
    (root / "b").chmod(0o555)
    first = undo(out)
    assert set(first.restored) == {files[0], files[2]}
    assert [path for path, _ in first.refused] == [files[1]]
    (root / "b").chmod(0o755)
    assert undo(out).restored == (files[1],)


def test_a_place_that_may_not_be_written_is_refused_before_all_else(unprivileged: Path) -> None:
    (unprivileged / "theirs").mkdir(mode=0o555)
    for to in (unprivileged / "theirs", unprivileged / "theirs" / "a" / "b"):
        with pytest.raises(UsageError, match="theirs may not be written; name another place"):
            moving.refuse_inside(unprivileged / "in", to)
    moving.refuse_inside(unprivileged / "in", unprivileged / "a" / "b")
