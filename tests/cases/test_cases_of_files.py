"""Pictures, folders and manifests that once went wrong, one test a case, named by the case."""

from __future__ import annotations

import json
import os
import struct
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageDraw
from support.pictures import encode, photo, save

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="names and pipes of Linux")


def classes(root: Path, *names: str, each: int = 6) -> Path:
    """Class folders of drawn pictures, all different."""
    for place, name in enumerate(names):
        for number in range(each):
            save(
                photo(1000 * place + number, (240, 180)), root / name / f"{number}.jpg", quality=90
            )
    return root


def findings(run: Run, folder: str) -> dict[str, set[str]]:
    """File name → the checks that found something there."""
    told = json.loads(run("check", folder, "--json").stdout)
    found: dict[str, set[str]] = {}
    for one in told["findings"]:
        found.setdefault(Path(one["path"]).name, set()).add(one.get("why") or one["check"])
    return found


def relations(run: Run, folder: str) -> list[str]:
    """How members of families are related to their keepers."""
    told = json.loads(run("dedupe", folder, "--json").stdout)
    return [one["relation"] for family in told["families"] for one in family["members"]]


def test_animations_one_first_frame(run: Run, tmp_path: Path) -> None:
    first = photo(5, (160, 160))
    for number in range(4):
        more = [photo(50 + number, (160, 160))] * 2
        save(first, tmp_path / "gifs" / f"{number}.gif", save_all=True, append_images=more)
    assert not {"exact", "copy"} & set(relations(run, "gifs"))


def test_brackets_in_the_path(run: Run, tmp_path: Path) -> None:
    classes(tmp_path / "photos", "oak", "elm")
    run("split", "photos", "--out", "trees [old]")
    assert "[old]" in run("verify", "trees [old]", code=1).stdout


def test_colour_only_difference(run: Run, tmp_path: Path) -> None:
    for number in range(4):
        for label, colour in (("red", (210, 30, 30)), ("blue", (40, 60, 200))):
            picture = photo(number, (480, 360))
            ImageDraw.Draw(picture).rectangle((220, 150, 262, 192), fill=colour)
            save(picture, tmp_path / "lamps" / label / f"{number}.jpg", quality=92)
    assert not {"exact", "copy"} & set(relations(run, "lamps"))
    run("split", "lamps", "--out", "tree")
    assert len(list((tmp_path / "tree").rglob("*.jpg"))) == 8


def test_import_merges_classes(run: Run, tmp_path: Path) -> None:
    classes(tmp_path / "code", "F", "F#")
    assert "F" in run("import", "code", "--into", "ds", code=2).stderr
    assert not list(tmp_path.glob("ds/images/*"))


def test_import_takes_hidden_folders(run: Run, tmp_path: Path) -> None:
    photos = classes(tmp_path / "photos", "cat", "dog")
    for hidden in (".cache", ".thumbnails", ".ipynb_checkpoints"):
        save(photo(7, (64, 48)), photos / "cat" / hidden / "0.jpg")
    told = json.loads(run("import", "photos", "--into", "ds", "--json").stdout)
    assert told["added"] == {"cat": 6, "dog": 6}


def test_jpeg_damaged_inside(run: Run, tmp_path: Path) -> None:
    data = encode(photo(3, (640, 480)), quality=90)
    at = len(data) * 3 // 5
    broken = {
        "half": data[: len(data) * 2 // 5] + b"\xff\xd9",
        "crlf": data.replace(b"\n", b"\r\n"),
        "hole": data[:at] + bytes(600) + data[at + 600 :],
        "whole": data,
    }
    (tmp_path / "jpegs").mkdir()
    for name, content in broken.items():
        (tmp_path / "jpegs" / f"{name}.jpg").write_bytes(content)
    found = findings(run, "jpegs")
    for name in ("half", "crlf", "hole"):
        assert any("truncated" in why or "corrupt" in why for why in found[f"{name}.jpg"]), name
    assert found.get("whole.jpg", set()) <= {"blurry"}


def test_manifest_with_bom(run: Run, tmp_path: Path) -> None:
    row = {"id": "a" * 16, "label": "cat", "split": "train", "source_sha256": "a" * 64,
           "image_url": "http://127.0.0.1:9/x.jpg"}  # fmt: skip
    text = json.dumps(row) + "\n"
    (tmp_path / "bom.jsonl").write_text(text, "utf-8-sig")
    (tmp_path / "wide.jsonl").write_text(text, "utf-16")
    done = run("fetch", "bom.jsonl", "--into", "a", code=6)  # read; its one host is private
    assert "unsafe-port" in done.stdout
    refused = run("fetch", "wide.jsonl", "--into", "b", code=2).stderr
    assert len(refused.splitlines()) == 1


@LINUX
def test_name_not_utf8(run: Run, tmp_path: Path) -> None:
    photos = classes(tmp_path / "photos", "cat", "dog")
    os.rename(photos / "dog" / "0.jpg", os.fsencode(photos / "dog") + b"/\xfcber.jpg")  # noqa: PTH104  # bytes
    run("split", "photos", "--out", "tree")
    run("import", "photos", "--into", "ds")
    assert len(list((tmp_path / "tree").rglob("*.jpg"))) == 12


def test_nas_thumbnail_folders(run: Run, tmp_path: Path) -> None:
    photos = classes(tmp_path / "photos", "cat", "dog")
    data = (photos / "dog" / "1.jpg").read_bytes()
    for there in ("@eaDir/dog", "dog/@eaDir/1.jpg"):
        (photos / there).mkdir(parents=True)
        (photos / there / "SYNOPHOTO_THUMB_XL.jpg").write_bytes(data)
    run("split", "photos", "--out", "tree")
    assert len(list((tmp_path / "tree").rglob("*.jpg"))) == 12
    told = json.loads(run("import", "photos", "--into", "ds", "--json").stdout)
    assert told["added"] == {"cat": 6, "dog": 6}


def test_phone_200_megapixels(run: Run, tmp_path: Path) -> None:
    picture = Image.new("RGB", (16_384, 12_288), (70, 110, 150))
    picture.paste(photo(8, (3000, 2000)), (4000, 4000))
    save(picture, tmp_path / "big" / "phone.jpg", quality=50)
    assert not any(
        "bomb" in why or "corrupt" in why for why in findings(run, "big").get("phone.jpg", ())
    )


def test_png_large_metadata(run: Run, tmp_path: Path) -> None:
    def chunk(kind: bytes, body: bytes, wrong: int = 0) -> bytes:
        crc = zlib.crc32(kind + body) ^ wrong
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)

    data = encode(photo(9), "PNG")
    extra = {
        "text": chunk(b"iTXt", b"Raw\0\1\0\0\0" + zlib.compress(b"y" * 5_000_000)),
        "profile": chunk(b"iCCP", b"p\0\0" + zlib.compress(bytes(3_000_000))),
        "sum": chunk(b"tEXt", b"Title\0cat", wrong=1),
    }
    (tmp_path / "pngs").mkdir()
    for name, one in extra.items():
        (tmp_path / "pngs" / f"{name}.png").write_bytes(data[:33] + one + data[33:])
    told = json.loads(run("check", "pngs", "--json").stdout)
    assert not [one for one in told["findings"] if one["drop"]]


def test_reason_named_wrong(run: Run, tmp_path: Path) -> None:
    (tmp_path / "cut").mkdir()
    for kind in ("WEBP", "AVIF"):
        data = encode(photo(12, (320, 240)), kind)
        (tmp_path / "cut" / f"half.{kind.lower()}").write_bytes(data[: len(data) * 3 // 5])
    (tmp_path / "cut" / "new.jxl").write_bytes(b"\xff\x0a" + b"\x05" * 200)
    film = b"\0\0\0\x20ftypmp42\0\0\0\0isommp42" + bytes(64)
    (tmp_path / "cut" / "film.jpg").write_bytes(film)
    found = findings(run, "cut")
    for name in ("half.webp", "half.avif"):
        assert all(why.startswith("truncated") for why in found[name])
    assert any("JPEG XL" in why for why in found["new.jxl"])
    assert any("not-an-image" in why for why in found["film.jpg"])


def test_red_thing_moves(run: Run, tmp_path: Path) -> None:
    for number in range(4):
        picture = photo(21, (640, 480))
        at = 80 + 70 * number
        ImageDraw.Draw(picture).ellipse((at, 260, at + 32, 292), fill=(215, 35, 45))
        save(picture, tmp_path / "frames" / f"{number}.jpg", quality=90)
    assert not {"exact", "copy"} & set(relations(run, "frames"))


def test_reserved_names(run: Run, tmp_path: Path) -> None:
    classes(tmp_path / "devices", "prn", "lpt1")
    refused = run("split", "devices", "--out", "tree", code=2).stderr
    assert "Windows" in refused
    assert not (tmp_path / "tree").exists()


def test_split_leaves_all_out(run: Run, tmp_path: Path) -> None:
    for number in range(3):
        for label, quality in (("left", 92), ("right", 84)):
            save(photo(number), tmp_path / "same" / label / f"{number}.jpg", quality=quality)
    refused = run("split", "same", "--out", "tree", code=2).stderr
    assert "one picture under left and right (6)" in refused.splitlines()[-1]
    assert not (tmp_path / "tree").exists()


def test_tiff_orientation_6(run: Run, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    for place, label in enumerate(("a", "b")):
        for number in range(6):
            upright = photo(100 * place + number, (180, 240))
            lying = upright.transpose(Image.Transpose.ROTATE_90)
            save(lying, tmp_path / "scans" / label / f"{number}.tif", exif=exif)
    run("split", "scans", "--out", "tree")
    sizes = set()
    for path in (tmp_path / "tree").rglob("*.jpg"):
        with Image.open(path) as picture:
            sizes.add(picture.size)
    assert sizes == {(180, 240)}


@LINUX
def test_verify_waits_for_a_pipe(run: Run, tmp_path: Path) -> None:
    photos = classes(tmp_path / "photos", "cat", "dog", each=2)
    os.mkfifo(photos / "dog" / "pipe.jpg")
    assert "pipe.jpg" in run("verify", "photos", code=1).stdout
