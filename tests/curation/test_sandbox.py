from __future__ import annotations

import errno
import io
import os
import signal
import struct
import sys
import threading
import time
import zlib
from concurrent.futures import CancelledError, ThreadPoolExecutor
from concurrent.futures.process import _process_chunk
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from pixset.curation.errors import CurationError, Unreadable
from pixset.curation.images.batch import (
    default_workers,
    in_one_task,
    isolated,
    look_all,
    look_at,
    look_some,
    look_some_inside,
)
from pixset.curation.images.facts import Facts
from pixset.curation.images.measure import look
from pixset.curation.images.sandbox import DecodeSandbox

if TYPE_CHECKING:
    from pathlib import Path


def picture(kind: str = "TIFF") -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(out, kind)
    return out.getvalue()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "picture.tif"
    file.write_bytes(picture())
    return file


def test_a_child_sees_what_the_process_itself_sees(path: Path) -> None:
    with DecodeSandbox() as sandbox, ThreadPoolExecutor(3) as pool:
        seen = list(pool.map(lambda one: sandbox.run(look_at, one), [path] * 5))
    assert seen == [look(path.read_bytes())] * 5


def test_a_child_says_why_a_file_is_no_picture(path: Path) -> None:
    path.write_bytes(picture()[:-3000])
    with DecodeSandbox() as sandbox:
        with pytest.raises(Unreadable) as caught:
            sandbox.run(look_at, path)
        with pytest.raises(Unreadable) as here:
            look(path.read_bytes())
    assert (caught.value.why, caught.value.detail) == (here.value.why, here.value.detail)


@pytest.mark.parametrize(
    ("task", "why", "detail"),
    [
        ((os.abort,), "corrupt", "crashed on it (signal 6)"),
        ((os._exit, 3), "corrupt", "crashed on it (exit code 3)"),
        ((os.strerror, "x"), "corrupt", "TypeError"),
        ((bytes, 3_000_000_000), "bomb", "more memory than one picture may"),
        ((sum, range(10**12)), "bomb", "more than 2 s of CPU time"),
        ((time.sleep, 600), "stalled", "no answer within 1 s of wall time"),
    ],
)
def test_what_a_child_does_not_survive_costs_one_picture(
    task: tuple[object, ...], why: str, detail: str
) -> None:
    with DecodeSandbox(seconds=1 if why == "stalled" else 120, cpu_seconds=2) as sandbox:
        with pytest.raises(Unreadable) as caught:
            sandbox.run(*task)  # type: ignore[arg-type]
        assert caught.value.why == why
        assert detail in caught.value.detail
        assert caught.value.settled == (why != "stalled")
        assert sandbox.run(abs, -1) == 1


def test_of_a_group_a_crash_costs_itself_alone() -> None:
    group = partial(_process_chunk, eval)  # each call's answer, in one list
    calls = [("1 + 1",), ("__import__('os').abort()",), ("1 / 0",), ("2 + 2",)]
    with DecodeSandbox() as sandbox:
        outcomes = in_one_task(group, calls, sandbox)
    faults = [one.detail for one in outcomes if isinstance(one, Unreadable)]
    assert [outcomes[0], outcomes[3]] == [2, 4]
    assert "crashed on it (signal 6)" in faults[0]
    assert "ZeroDivisionError" in faults[1]


def test_a_task_may_answer_the_first_few_and_is_asked_for_the_rest() -> None:
    first_two = itemgetter(slice(0, 2))
    with DecodeSandbox() as sandbox:
        assert in_one_task(first_two, list(range(7)), sandbox) == list(range(7))


def test_large_pictures_are_not_held_together(tmp_path: Path) -> None:
    path = tmp_path / "picture.jpg"
    path.write_bytes(picture("JPEG") + bytes(9_000_000))
    some = look_some([(path, None)] * 5)
    assert some == [look(path.read_bytes())] * 2


def test_pictures_inside_an_archive_are_measured_as_files_are(tmp_path: Path) -> None:
    archive, one = tmp_path / "part.tar", picture("JPEG")
    archive.write_bytes(bytes(512) + one + bytes(100) + b"no picture")
    slices = [(archive, 512, len(one)), (archive, 612 + len(one), 10), (tmp_path / "gone", 0, 9)]
    whole, broken, gone = look_some_inside(slices)
    assert whole == look(one)
    assert isinstance(broken, Unreadable)
    assert broken.settled
    assert isinstance(gone, Unreadable)
    assert gone.why == "not-a-file"


def test_a_group_is_measured_in_order_whatever_is_known_of_it(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number:02}.png" for number in range(40)]
    for number, path in enumerate(paths):
        Image.new("RGB", (80, 60), (number, 90, 200)).save(path)
    paths[7].write_bytes(b"no picture")
    fresh = {path: look(path.read_bytes()) for path in paths if path != paths[7]}
    known = {facts.sha256: facts for facts in list(fresh.values())[::3]}
    seen = list(look_all(paths, known=known, workers=1))
    assert [path for path, _ in seen] == paths
    assert {path: what for path, what in seen if isinstance(what, Facts)} == fresh


def test_a_child_that_somebody_kills_says_nothing_of_its_picture() -> None:
    with DecodeSandbox() as sandbox, pytest.raises(Unreadable) as caught:
        sandbox.run(signal.raise_signal, signal.SIGKILL)
    assert not caught.value.settled


def test_a_picture_whose_child_died_gets_another(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    mark.touch()
    script = f"import os; os.remove({str(mark)!r}); os._exit(9)"
    # The second time the mark is gone: an error instead of a death.
    with DecodeSandbox() as sandbox, pytest.raises(Unreadable, match="FileNotFoundError"):
        sandbox.run(exec, script)


def test_work_in_other_threads_ends_when_the_sandbox_is_closed() -> None:
    sandbox = DecodeSandbox()
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(sandbox.run, time.sleep, 600) for _ in range(2)]
        assert sandbox.run(os.strerror, errno.ENOENT) == os.strerror(errno.ENOENT)
        sandbox.close()
        for one in waiting:
            with pytest.raises(CancelledError):
                one.result()


def test_children_that_do_not_start_are_an_error_and_no_picture_s_fault() -> None:
    with (
        DecodeSandbox(command=(sys.executable, "-c", "raise SystemExit(1)")) as sandbox,
        pytest.raises(CurationError, match="does not start"),
    ):
        sandbox.run(os.getpid)


def test_a_system_that_starts_no_more_processes_is_one_line(tmp_path: Path) -> None:
    with (
        DecodeSandbox(command=(str(tmp_path / "none"),)) as sandbox,
        pytest.raises(CurationError, match=r"cannot be started: .*; end other programs"),
    ):
        sandbox.run(os.getpid)


def test_one_bad_file_of_each_kind_leaves_the_others_as_they_are(tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"{number:02}.png").write_bytes(picture("PNG"))
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "zero.png").symlink_to("/dev/zero")
    paths = sorted(tmp_path.iterdir())
    seen = dict(look_all(paths))
    faults = {path.name: what for path, what in seen.items() if not isinstance(what, Facts)}
    assert {name: fault.why for name, fault in faults.items()} == {
        "pipe.png": "not-a-file",
        "zero.png": "not-a-file",
    }
    assert len(seen) == 14


def test_crashes_hangs_and_floods_in_the_middle_cost_themselves_alone() -> None:
    def work(item: tuple[object, ...], sandbox: DecodeSandbox) -> object:
        return sandbox.run(*item)  # type: ignore[arg-type]

    good = [(abs, -number) for number in range(20)]
    bad = [(os.abort,), (bytes, 3_000_000_000)]
    items = [*good[:7], bad[0], *good[7:12], bad[1], *good[12:]]
    outcomes = [outcome for _, outcome in isolated(work, items, name="work", workers=3)]
    assert [one for one in outcomes if not isinstance(one, Unreadable)] == list(range(20))
    assert [one.why for one in outcomes if isinstance(one, Unreadable)] == ["corrupt", "bomb"]


def test_large_and_cut_pictures_leave_memory_to_those_after_them(tmp_path: Path) -> None:
    header = struct.pack(">IIBBBBB", 10_000, 9_000, 16, 6, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(9_000))), (b"IEND", b"")]
    cut = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    for number in range(48):
        bad = number in {1, 9, 40}
        data = cut if bad else picture("PNG" if number % 2 else "WEBP")
        (tmp_path / f"{number:02}").write_bytes(data)
    seen = [one for _, one in look_all(sorted(tmp_path.iterdir()), workers=1)]
    faults = {place: one.why for place, one in enumerate(seen) if isinstance(one, Unreadable)}
    assert faults == {1: "truncated", 9: "truncated", 40: "truncated"}


def test_a_child_that_keeps_what_a_task_took_gets_no_other() -> None:
    keep = "import sys\nsys.kept = bytearray(50_000_000)"
    with DecodeSandbox(memory=100_000_000) as sandbox:
        first = sandbox.run(os.getpid)
        assert sandbox.run(os.getpid) == first
        sandbox.run(exec, keep)
        assert sandbox.run(os.getpid) != first
        assert len(sandbox.run(bytes, 80_000_000)) == 80_000_000


def test_closing_early_ends_what_is_at_work(tmp_path: Path) -> None:
    script = f"""
import os, time
open({str(tmp_path)!r} + f"/{{seconds}}-{{os.getpid()}}", "w").close()
time.sleep(seconds)
"""

    def work(item: int, sandbox: DecodeSandbox) -> None:
        sandbox.run(exec, script, {"seconds": item})

    working = isolated(work, [0, *[600] * 8], name="work", workers=1)
    next(working)
    while not (at_work := list(tmp_path.glob("600-*"))):
        time.sleep(0.01)
    working.close()
    for child in at_work:
        with pytest.raises(ProcessLookupError):
            os.kill(int(child.name.partition("-")[2]), 0)
    assert not [one for one in threading.enumerate() if one.name.startswith("work")]


def test_an_idle_child_serves_the_next_sandbox_too() -> None:
    with DecodeSandbox() as sandbox:
        first = sandbox.run(os.getpid)
    with DecodeSandbox() as sandbox:
        again = {sandbox.run(os.getpid) for _ in range(3)}
    assert first in again
    with DecodeSandbox(cpu_seconds=7) as other:
        assert other.run(os.getpid) != first


def test_workers_fit_the_machine() -> None:
    assert 1 <= default_workers() <= (os.cpu_count() or 1)
