from __future__ import annotations

import io
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image
from pixset.curation.errors import Unreadable
from pixset.curation.images.facts import look
from pixset.curation.images.sandbox import Aside, is_unusual


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(out, kind)
    return out.getvalue()


def test_what_browsers_decode_is_usual_and_the_rest_is_not() -> None:
    assert [is_unusual(picture(kind)) for kind in ("JPEG", "PNG", "GIF", "WEBP", "BMP")] == [
        *[False] * 5
    ]
    assert is_unusual(picture("TIFF"))
    assert not is_unusual(b"")


def test_a_child_sees_what_the_process_itself_sees() -> None:
    data = picture("TIFF")
    with Aside() as aside, ThreadPoolExecutor(3) as pool:
        assert list(pool.map(aside.look, [data] * 5)) == [look(data)] * 5


def test_a_child_says_why_a_file_is_no_picture() -> None:
    with Aside() as aside:
        with pytest.raises(Unreadable) as caught:
            aside.look(picture("TIFF")[:-3000])
        with pytest.raises(Unreadable) as here:
            look(picture("TIFF")[:-3000])
    assert str(caught.value) == str(here.value)


@pytest.mark.parametrize(
    "death",
    [
        "import os; os.kill(os.getpid(), 11)",
        "import sys; sys.stdin.buffer.read(9); raise SystemExit",
        "print('no JSON', flush=True); input()",
        "import threading; threading.Event().wait()",
    ],
)
def test_a_child_that_dies_or_hangs_costs_one_picture(death: str) -> None:
    with Aside((sys.executable, "-c", death), seconds=1.0) as aside:
        for _ in range(2):
            with pytest.raises(Unreadable, match="crashed"):
                aside.look(picture("TIFF") * 10)
