"""Both wings know pictures by their first bytes, and know the same ones."""

from __future__ import annotations

import io
import random
from typing import TYPE_CHECKING

import pytest
from PIL import Image, features
from pixset.curation import look
from pixset.curation.errors import Unreadable
from pixset.curation.folders.scan import is_meant_as_picture
from pixset.curation.images.formats import ends_early, format_of
from pixset.scraper.fetch import sniff
from support.pictures import photo

if TYPE_CHECKING:
    from pathlib import Path

HEADS = {
    "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "jxl": b"\xff\x0a" + bytes(30),
    "jxl box": b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(30),
    "jp2": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(30),
    "big tiff": b"II+\0" + bytes(30),
    "svg": b"<?xml version='1.0'?>\n<!-- x --><svg xmlns='y'/>",
    "avif as mif1": b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf",
    "film": b"\0\0\0\x18ftypisom\0\0\0\0isomavc1",
    "text": b"a BMW, and GIF8 is no more",
    "page": b"<!doctype html><svg></svg>",
    "nothing": b"",
}
# The scraper says extensions, the curation formats; the latter knows two that only disks have.
CALLED = {"jpeg": "jpg"}


def encoded(kind: str) -> bytes:
    file = io.BytesIO()
    photo(3, (60, 40)).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "ICO", "AVIF"])
def test_both_wings_know_what_pillow_writes(kind: str) -> None:
    if kind in ("WEBP", "AVIF") and not features.check(kind.lower()):
        pytest.skip(f"this Pillow writes no {kind}")
    data = encoded(kind)
    name = format_of(data)
    assert name == kind.lower()
    assert sniff(data) == CALLED.get(name, name)


@pytest.mark.parametrize("name", HEADS)
def test_both_wings_agree_on_a_head(name: str) -> None:
    known = format_of(HEADS[name])
    assert sniff(HEADS[name]) == (CALLED.get(known, known) if known else None)


def test_both_wings_agree_on_ten_thousand_changed_heads() -> None:
    chance = random.Random(1)
    seeds = [
        *HEADS.values(),
        *(encoded(kind)[:80] for kind in ("JPEG", "PNG", "GIF", "BMP", "ICO")),
    ]
    for _ in range(10_000):
        head = bytearray(chance.choice(seeds))
        for _ in range(chance.randrange(3)):
            if head:
                head[chance.randrange(min(32, len(head)))] = chance.randrange(256)
        known = format_of(bytes(head))
        if known not in ("psd", "dds"):
            assert sniff(bytes(head)) == (CALLED.get(known, known) if known else None), head


@pytest.mark.parametrize(
    ("name", "why", "words"),
    [
        ("jxl", "unsupported", "JPEG XL"),
        ("jxl box", "unsupported", "JPEG XL"),
        ("svg", "unsupported", "SVG"),
        ("film", "not-an-image", "a film"),
        ("page", "not-an-image", "a web page"),
        ("text", "not-an-image", "no picture format"),
    ],
)
def test_what_no_decoder_takes_is_named(name: str, why: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words) as unreadable:
        look(HEADS[name])
    assert unreadable.value.why == why


@pytest.mark.parametrize("kind", ["WEBP", "AVIF"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_picture_cut_short_is_truncated_in_young_formats_too(kind: str, share: float) -> None:
    if not features.check(kind.lower()):
        pytest.skip(f"this Pillow writes no {kind}")
    data = encoded(kind)
    assert not ends_early(data)
    cut = data[: int(len(data) * share)]
    assert ends_early(cut)
    with pytest.raises(Unreadable) as unreadable:
        look(cut)
    assert unreadable.value.why == "truncated"


def test_a_file_without_an_ending_is_known_by_its_bytes(tmp_path: Path) -> None:
    for name, head in HEADS.items():
        path = tmp_path / name.replace(" ", "_")
        path.write_bytes(head)
        assert is_meant_as_picture(path) is (name not in ("film", "text", "page", "nothing"))


def test_a_picture_that_says_more_than_it_holds_is_opened_all_the_same() -> None:
    assert Image.open(io.BytesIO(encoded("WEBP"))).size == (60, 40)
    assert look(encoded("WEBP")).width == 60
