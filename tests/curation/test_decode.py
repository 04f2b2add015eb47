"""One decoder: what it believes, what it refuses, and that nobody else opens pictures."""

from __future__ import annotations

import ast
import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms
from pixset.curation.errors import Unreadable
from pixset.curation.images.decode import decode, decode_at_least, orientation_of
from pixset.curation.images.measure import look
from pixset.curation.images.rgb import to_rgb
from support.pictures import encode

ROOT = Path(__file__).parents[2]


def scene(width: int = 320, height: int = 240, seed: int = 1) -> Image.Image:
    """Something with soft shapes and some noise, so that every block has something to say."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (12, 16, 3), dtype=np.uint8))
    soft = np.asarray(small.resize((width, height), Image.Resampling.BICUBIC), dtype=np.int16)
    return Image.fromarray((soft + rng.integers(-9, 10, soft.shape)).clip(0, 255).astype(np.uint8))


def why(data: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        decode(data)
    return caught.value.why


# Places that may open a picture: the decoder, and those that read what pixset itself has made.
OPENERS = {
    "curation/images/decode.py": "the decoder",
    "curation/duplicates/residuals.py": "thumbs of our own making, out of the catalogue",
    "curation/duplicates/coarse_screen.py": "the same thumbs, scaled by the JPEG decoder itself",
    "curation/duplicates/explain_report.py": "the same thumbs",
    "datasets/tree/contact_sheet.py": "the tree's own JPEGs, just written",
    "scraper/replica/pictures.py": "the local replica serves its owner's own folder",
    "scraper/replica/image_hosts.py": "the same pictures, and those it drew itself",
}


def opens_pictures(source: str) -> bool:
    """Whether a module calls `Image.open`, by any name of Image, or Pillow's own registry of it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in {"open", "OPEN"}:
            owner = ast.unparse(node.value)
            if owner.rpartition(".")[2] == "Image":
                return True
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("PIL"):
            names = {name.name for name in node.names}
            if not names.isdisjoint({"open", "OPEN", "ImageFile"}):
                return True
        if isinstance(node, ast.Attribute) and node.attr in {"decode_jpeg", "imread", "imdecode"}:
            return True
    return False


def test_no_module_opens_pictures_but_the_decoder_and_the_readers_of_our_own() -> None:
    files = [
        path for room in ("curation", "datasets", "scraper") for path in (ROOT / room).rglob("*.py")
    ]
    openers = {
        path.relative_to(ROOT).as_posix()
        for path in files
        if opens_pictures(path.read_text(encoding="utf-8"))
    }
    assert openers - {"curation/images/jpeg_pixels.py"} <= set(OPENERS)


@pytest.mark.parametrize(
    "line",
    [
        "import PIL.Image; PIL.Image.open(p)",
        "from PIL import Image; Image.open(p)",
        "from PIL.Image import open as read; read(p)",
        "import simplejpeg; simplejpeg.decode_jpeg(b)",
    ],
)
def test_the_scan_sees_every_way_to_open_a_picture(line: str) -> None:
    assert opens_pictures(line)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 1}])
def test_a_jpeg_that_is_broken_inside_is_not_believed(options: dict[str, Any]) -> None:
    data = encode(scene(), quality=90, **options)
    half = data[: len(data) // 2]
    assert why(half + b"\xff\xd9") in {"truncated", "corrupt"}
    assert why(data.replace(b"\n", b"\r\n")) in {"truncated", "corrupt"}
    hole = len(data) * 2 // 3
    assert why(data[:hole] + b"\x55" * 400 + data[hole + 400 :]) in {"truncated", "corrupt"}


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_damage_is_told_in_other_colour_spaces_too(mode: str) -> None:
    data = encode(scene().convert(mode), quality=90)
    assert why(data[: len(data) // 2] + b"\xff\xd9") == "truncated"


@pytest.mark.parametrize("options", [{}, {"progressive": True}])
def test_a_jpeg_that_lacks_only_its_end_marker_is_whole(options: dict[str, Any]) -> None:
    data = encode(scene(), **options)
    assert data.endswith(b"\xff\xd9")
    for target in (None, 128):
        whole, cut = decode(data, target), decode(data[:-2], target)
        assert np.array_equal(np.asarray(whole.picture), np.asarray(cut.picture))


def test_a_progressive_jpeg_that_lacks_its_last_scans_is_truncated() -> None:
    data = encode(scene(), progressive=True)
    last = data.rindex(b"\xff\xc4")  # the tables of the last scan
    assert why(data[:last]) == "truncated"


def test_junk_that_decoders_skip_is_no_damage() -> None:
    data = encode(scene())
    plain = np.asarray(decode(data).picture)
    tables = data.index(b"\xff\xdb")
    for odd in (
        data[:tables] + b"junk\xff\x00junk" + data[tables:],
        data + b"\0" * 5000,
        data[:-2] + b"\0" * 64 + data[-2:],
    ):
        assert np.array_equal(np.asarray(decode(odd).picture), plain)


def test_the_pixels_of_a_jpeg_are_pillow_s_own_at_every_scale() -> None:
    for size in ((320, 240), (1024, 700), (2050, 1301)):
        for mode in ("RGB", "L"):
            data = encode(scene(*size).convert(mode), quality=85)
            for target in (128, 300):
                with Image.open(io.BytesIO(data)) as image:
                    image.draft(None, (target, target))
                    expected = np.asarray(image.convert("RGB"))
                assert np.array_equal(np.asarray(decode(data, target).picture), expected)


def chunk(kind: bytes, body: bytes, wrong: int = 0) -> bytes:
    check = zlib.crc32(kind + body) ^ wrong
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)


def with_chunk(extra: bytes) -> bytes:
    data = encode(scene(), "PNG")
    return data[:33] + extra + data[33:]


@pytest.mark.parametrize(
    "extra",
    [
        chunk(b"zTXt", b"Raw\0\0" + zlib.compress(b"x" * 3_000_000)),
        chunk(b"tEXt", b"Raw\0" + b"x" * 3_000_000),
        chunk(b"iTXt", b"Raw\0\1\0\0\0" + zlib.compress(b"x" * 3_000_000)),
        chunk(b"iCCP", b"p\0\0" + zlib.compress(b"\0" * 2_000_000)),
        chunk(b"tEXt", b"Raw\0text", wrong=1),
        chunk(b"pHYs", struct.pack(">IIB", 3000, 3000, 1), wrong=7),
        *(chunk(kind, b"") for kind in (b"gAMA", b"sRGB", b"cHRM", b"pHYs", b"tRNS")),
        chunk(b"zTXt", b"Raw\0\7packed in a way of its own"),
        chunk(b"iCCP", b"p\0\7packed in a way of its own"),
        chunk(b"tEXt", b"icc_profile\0no profile"),
        chunk(b"tEXt", b"transparency\0none"),
    ],
)
def test_metadata_that_browsers_pass_over_costs_no_png_its_pixels(extra: bytes) -> None:
    plain = np.asarray(decode(encode(scene(), "PNG")).picture)
    assert np.array_equal(np.asarray(decode(with_chunk(extra)).picture), plain)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "TIFF"])
def test_words_beside_a_picture_are_no_part_of_it(kind: str) -> None:
    words = {"GIF": "comment", "WEBP": "xmp", "TIFF": "xmp"}[kind]
    if kind == "TIFF":
        data = encode(scene(), kind, tiffinfo={700: b"x" * 70_000})
    else:
        data = encode(scene(), kind, **{words: b"x" * 70_000})
    assert decode(data).picture.info == {}
    assert look(data).thumb == look(encode(scene(), kind)).thumb


def segment(code: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, code, len(body) + 2) + body


@pytest.mark.parametrize(
    "numbers",
    [(1, 2), (0, 0), (7, 1), (1, 1, 1, 1)],
    ids=["one of two", "of none", "seventh of one", "twice"],
)
def test_a_profile_in_disorder_costs_no_jpeg_its_pixels(numbers: tuple[int, ...]) -> None:
    data = encode(scene())
    parts = zip(numbers[::2], numbers[1::2], strict=True)
    profile = b"".join(segment(0xE2, b"ICC_PROFILE\0" + bytes(one) + b"p" * 99) for one in parts)
    mixed = data[:20] + profile + data[20:]
    assert np.array_equal(np.asarray(decode(mixed).picture), np.asarray(decode(data).picture))
    assert why(mixed[: len(mixed) // 2] + b"\xff\xd9") == "truncated"


def test_half_a_jpeg_of_an_unknown_revision_is_not_believed() -> None:
    data = bytearray(encode(scene()))
    data[11] = 7  # JFIF 7.01
    decode(bytes(data))
    assert why(bytes(data[: len(data) // 2]) + b"\xff\xd9") == "truncated"


def test_a_wrong_checksum_of_pixels_is_damage() -> None:
    data = bytearray(encode(scene(), "PNG"))
    place = data.index(b"IDAT") + 4
    length = int.from_bytes(data[place - 8 : place - 4], "big")
    data[place + length] ^= 1
    assert why(bytes(data)) in {"corrupt", "truncated"}


def wide_profile() -> bytes:
    """A profile unlike sRGB: its red and green are exchanged in a copy of Pillow's sRGB."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for offset in range(128 + 4, 128 + 4 + 12 * int.from_bytes(profile[128:132], "big"), 12):
        tag = bytes(profile[offset : offset + 4])
        profile[offset : offset + 4] = {b"rXYZ": b"gXYZ", b"gXYZ": b"rXYZ"}.get(tag, tag)
    return bytes(profile).replace("sRGB".encode("utf-16-be"), "wide".encode("utf-16-be"))


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_profile_changes_what_is_measured_as_it_changes_the_tree(kind: str) -> None:
    from pixset.datasets.tree.prepare import prepare
    from pixset.datasets.tree.target import Target

    red = Image.new("RGB", (200, 200), (220, 20, 20))
    decoded = decode(encode(red, kind, icc_profile=wide_profile()))
    assert "icc" in decoded.steps
    tree = prepare(encode(red, kind, icc_profile=wide_profile()), Target())
    made = np.asarray(Image.open(io.BytesIO(tree.data))).reshape(-1, 3).mean(0)
    seen = np.asarray(decoded.picture).reshape(-1, 3).mean(0)
    assert np.abs(made - seen).max() < 4
    assert seen[1] > seen[0]


def test_a_large_profile_of_a_png_is_honoured() -> None:
    packed = zlib.compress(wide_profile() + b"\0" * 3_000_000)
    red = encode(Image.new("RGB", (200, 200), (220, 20, 20)), "PNG")
    assert "icc" in decode(red[:33] + chunk(b"iCCP", b"p\0\0" + packed) + red[33:]).steps


@pytest.mark.parametrize(
    ("values", "black", "white"),
    [
        (np.linspace(0, 1, 256, dtype=np.float32), 0, 255),
        (np.linspace(0, 255, 256, dtype=np.float32), 0, 255),
        (np.linspace(-5, 5, 256, dtype=np.float32), 0, 255),
        (np.linspace(0, 1e30, 256, dtype=np.float32), 0, 255),
        (np.array([0, np.nan, np.inf, 1] * 64, dtype=np.float32), 0, 255),
        (np.arange(256, dtype=np.int32) * 257, 0, 255),
        (np.zeros(256, dtype=np.float32), 0, 0),
    ],
)
def test_values_of_any_range_become_eight_bits(
    values: np.ndarray[Any, Any], black: int, white: int
) -> None:
    levels = np.asarray(to_rgb(Image.fromarray(values.reshape(16, 16))).picture)
    assert (int(levels.min()), int(levels.max())) == (black, white)


@pytest.mark.parametrize(
    ("depth", "colour", "line", "level"),
    [
        (1, 0, b"\x0f", (0,)),
        (2, 0, b"\x55\xaa", (1,)),
        (4, 0, b"\x77\x77\x99\x99", (7,)),
        (4, 0, b"\x77\x77\x99\x99", (0xFF07,)),  # only as many bits count as a level has
        (8, 0, b"\x77" * 4 + b"\x99" * 4, (0x77,)),
        (16, 0, b"\x12\x34" * 4 + b"\x99\x99" * 4, (0x1234,)),
        (8, 2, b"\x77\x10\x00" * 4 + b"\x99" * 12, (0x77, 0x10, 0)),
        (16, 2, b"\x12\x34\x56\x78\x9a\xbc" * 4 + b"\x99" * 24, (0x1234, 0x5678, 0x9ABC)),
    ],
)
def test_one_transparent_level_is_flattened_on_white_at_every_depth(
    depth: int, colour: int, line: bytes, level: tuple[int, ...]
) -> None:
    header = struct.pack(">IIBBBBB", 8, 8, depth, colour, 0, 0, 0)
    lines = zlib.compress((b"\0" + line) * 8)
    parts = (b"IHDR", header), (b"tRNS", struct.pack(f">{len(level)}H", *level)), (b"IDAT", lines)
    data = b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts) + chunk(b"IEND", b"")
    found = decode(data)
    assert found.has_alpha
    assert found.picture.getpixel((0, 0)) == (255, 255, 255)
    right = found.picture.getpixel((7, 7))
    assert (right == (255, 255, 255)) == (depth == 1)  # what is not transparent keeps its level


@pytest.mark.parametrize("depth", [1, 2, 4, 8])
@pytest.mark.parametrize("alphas", [b"\xff\0", b"\0", b"\x80\0"])
def test_a_transparent_entry_of_a_palette_is_that_entry_at_every_depth(
    depth: int, alphas: bytes
) -> None:
    colours = np.arange(3 << min(depth, 8), dtype=np.uint8)[: 3 << depth].tobytes()
    header = struct.pack(">IIBBBBB", 8, 8, depth, 3, 0, 0, 0)
    entries = [0, 1] * 4
    bits = "".join(f"{entry:0{depth}b}" for entry in entries)
    line = b"\0" + int(bits, 2).to_bytes(depth, "big")
    parts = (
        (b"IHDR", header),
        (b"PLTE", colours),
        (b"tRNS", alphas),
        (b"IDAT", zlib.compress(line * 8)),
    )
    data = b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts) + chunk(b"IEND", b"")
    found = decode(data)
    assert found.has_alpha
    alpha = (*alphas, 255)[:2]
    for entry in (0, 1):
        own = colours[3 * entry : 3 * entry + 3]
        expected = [255 - (255 - one) * alpha[entry] / 255 for one in own]
        assert found.picture.getpixel((entry, 0)) == pytest.approx(expected, abs=1)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["TIFF", "JPEG", "PNG", "WEBP"])
def test_every_format_is_turned_upright_once(kind: str, orientation: int) -> None:
    back = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]
    upright = scene(120, 240)
    lying = upright if back is None else upright.transpose(Image.Transpose(back))
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = decode(encode(lying, kind, exif=exif))
    assert (found.width, found.height) == (120, 240)
    assert found.picture.size == (120, 240)
    apart = np.asarray(found.picture).astype(int) - np.asarray(upright)
    assert np.abs(apart).mean() < 9


@pytest.mark.parametrize(
    ("size", "mode"),
    [((90_000_000, 1), "L"), ((1, 3_000_000), "RGB"), ((20_000, 10_000), "RGBA")],
)
def test_thin_and_deep_pictures_are_refused_by_their_header(
    size: tuple[int, int], mode: str
) -> None:
    kinds = {"L": 0, "RGB": 2, "RGBA": 6}
    header = struct.pack(">IIBBBBB", *size, 8, kinds[mode], 0, 0, 0)
    lines = chunk(b"IDAT", zlib.compress(b"\0" * 100))
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + lines + chunk(b"IEND", b"")
    assert why(data) == "bomb"


def test_thousands_of_scans_are_refused_by_counting_them() -> None:
    data = encode(scene(64, 64), progressive=True)
    start = data.rindex(b"\xff\xda")
    assert why(data[:-2] + data[start:-2] * 600 + data[-2:]) == "bomb"


def test_a_picture_of_two_hundred_megapixels_is_measured() -> None:
    data = encode(Image.new("L", (16320, 12240), 90), quality=30)
    assert (look(data).width, look(data).height) == (16320, 12240)


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (2, 2), (3, 1000), (20_000, 3)])
def test_pictures_of_any_shape_are_measured(size: tuple[int, int]) -> None:
    assert (look(encode(scene(*size), "PNG")).width) == size[0]


def bands(*levels: int, across: bool = False) -> Image.Image:
    rows = np.repeat(np.array(levels, np.uint8), 240 // len(levels))
    plain = np.tile(rows[:, None], (1, 240))
    return Image.fromarray(plain.T.copy() if across else plain)


@pytest.mark.parametrize("across", [False, True])
@pytest.mark.parametrize(
    "levels", [(255, 60), (200, 190), (0, 255, 0), (10, 128, 240), tuple(range(0, 240, 2))]
)
def test_flags_and_gradients_are_measured(levels: tuple[int, ...], across: bool) -> None:
    facts = look(encode(bands(*levels, across=across), "PNG"))
    assert facts.trimmed[0] >= 72
    assert facts.trimmed[1] >= 72


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_what_is_decoded_smaller_is_shown_where_it_lies(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(scene(1199, 941), kind, exif=exif, **({"quality": 95} if kind == "JPEG" else {}))

    def squeezed(target: int | None, *, shown: bool = True) -> np.ndarray[Any, Any]:
        found = decode(data, target)
        box = found.shown if shown else None
        return np.asarray(found.picture.resize((64, 64), Image.Resampling.BILINEAR, box=box), float)

    whole = squeezed(None)
    for target in (470, 235, 128):
        apart = np.abs(squeezed(target) - whole).mean()
        assert apart < 1.0
        assert apart < np.abs(squeezed(target, shown=False) - whole).mean()


def test_only_as_much_is_decoded_as_is_needed() -> None:
    data = encode(scene(1600, 1200))
    assert decode_at_least(data, lambda _: (400, 300)).picture.size == (400, 300)
    assert decode_at_least(data, lambda _: (401, 300)).picture.size == (800, 600)
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = encode(scene(1600, 1200), exif=exif)
    asked = []
    found = decode_at_least(turned, lambda size: asked.append(size) or (300, 400))
    assert asked == [(1200, 1600)]
    assert found.picture.size == (300, 400)
    assert orientation_of(turned) == 6


@pytest.mark.parametrize("kind", ["WEBP", "AVIF", "PNG", "JPEG", "GIF", "BMP", "TIFF"])
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_a_picture_cut_short_is_truncated_or_corrupt_and_never_no_picture(
    kind: str, kept: float
) -> None:
    data = encode(scene(), kind)
    assert why(data[: int(len(data) * kept)]) in {"truncated", "corrupt"}


@pytest.mark.parametrize("kind", ["WEBP", "AVIF"])
def test_what_says_it_is_longer_is_truncated(kind: str) -> None:
    data = encode(scene(), kind)
    assert why(data[: len(data) // 2]) == "truncated"


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b"\xff\x0a\xfa\x7f", "JPEG XL"),
        (b"\0\0\0\x0cJXL \r\n\x87\n\0\0", "JPEG XL"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"%!PS-Adobe-3.0", "PostScript"),
        (b"qoif\0\0\1\0\0\0\1\0\4\0", "QOI"),
        (b"icns\0\0\1\0", "ICNS"),
        (b"\x76\x2f\x31\x01\x02\0\0\0", "OpenEXR"),
        (b"IIU\0\x18\0\0\0", "raw"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "raw"),
        (b"\x8bJNG\r\n\x1a\n", "JNG"),
    ],
)
def test_formats_without_a_decoder_are_named(data: bytes, detail: str) -> None:
    with pytest.raises(Unreadable, match=f"unsupported: .*{detail}"):
        decode(data)


@pytest.mark.parametrize("kind", ["TIFF", "GIF"])
def test_of_several_pages_that_end_early_the_first_is_read_or_none(kind: str) -> None:
    luck = np.random.default_rng(5)
    first, *others = (
        Image.fromarray(luck.integers(0, 256, (24, 32, 3), dtype=np.uint8)) for _ in range(4)
    )
    out = io.BytesIO()
    first.save(out, kind, save_all=True, append_images=others)
    whole = out.getvalue()
    expected, read = decode(whole, None).picture.tobytes(), 0
    for end in range(8, len(whole), 97):
        try:
            found = decode(whole[:end], None).picture.tobytes()
        except Unreadable:
            continue
        assert found == expected
        read += 1
    assert read > 3


def raw_tiff(picture: Image.Image, tags: dict[int, Any]) -> bytes:
    """What a camera's raw file begins with: the small preview as a TIFF, and tags of its own."""
    return encode(picture.resize((160, 120)), "TIFF", tiffinfo=tags)


@pytest.mark.parametrize(
    "tags",
    [
        pytest.param({254: 1, 330: 8}, id="NEF, ARW: a preview, with the picture below it"),
        pytest.param({50706: b"\x01\x04\x00\x00"}, id="DNG"),
    ],
)
def test_a_raw_pictures_preview_is_not_taken_for_it(tags: dict[int, Any]) -> None:
    data = raw_tiff(scene(), tags)
    with pytest.raises(Unreadable, match="unsupported: a camera's raw picture"):
        decode(data)
    for end in range(8, 200, 7):
        with pytest.raises(Unreadable):
            decode(data[:end])


def test_a_raw_picture_without_a_preview_is_no_corrupt_tiff() -> None:
    canon = b"II*\0\x10\0\0\0CR\x02\0" + bytes(500)
    sensor = bytearray(encode(scene().convert("L"), "TIFF"))
    at = sensor.index(struct.pack("<HHI", 262, 3, 1)) + 8
    sensor[at : at + 2] = struct.pack("<H", 32803)
    for data in (canon, bytes(sensor)):
        assert why(data) == "unsupported"


def test_pages_and_a_thumbnail_of_its_own_are_no_raw_picture() -> None:
    pages = encode(scene(), "TIFF", save_all=True, append_images=[scene(seed=2)])
    assert decode(pages).frames == 2
    assert decode(encode(scene(), "TIFF", tiffinfo={254: 1})).width == 320
    assert decode(encode(scene(), "TIFF", tiffinfo={330: 8})).width == 320
