from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageCms
from pixset.curation.errors import Unreadable
from pixset.curation.images.jpeg import markers
from pixset.curation.images.trainable import trainable
from pixset.datasets.tree.prepare import Prepared, misfit, prepare
from pixset.datasets.tree.target import Target
from support.pictures import draw, encode, jpeg

if TYPE_CHECKING:
    from pathlib import Path


ORIENTATION = 0x0112


def opened(ready: Prepared) -> Image.Image:
    image = Image.open(BytesIO(ready.data))
    image.load()
    return image


def assert_ready(ready: Prepared) -> None:
    read = markers(ready.data)
    assert read is not None
    assert read.baseline
    assert (read.components, read.precision, read.exif, read.clean_end) == (3, 8, False, True)
    assert ready.data.endswith(b"\xff\xd9")
    image = opened(ready)
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (ready.width, ready.height))
    assert min(image.size) >= 10
    assert not image.getexif()


def with_orientation(value: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = value
    return exif


def close(image: Image.Image, other: Image.Image, most: float = 6) -> bool:
    a, b = (np.asarray(one.convert("RGB"), dtype=float) for one in (image, other))
    return a.shape == b.shape and float(np.abs(a - b).mean()) < most


def test_a_plain_jpeg_is_copied_byte_for_byte() -> None:
    data = jpeg(1)
    ready = prepare(data)
    assert (ready.data, ready.how) == (data, "same")


def test_upright_exif_is_cut_out_without_encoding_again() -> None:
    plain = encode(draw(1), quality=90)
    exif = with_orientation(1)
    exif[0x010F] = "camera"
    ready = prepare(encode(draw(1), quality=90, exif=exif))
    assert ready.how == "stripped"
    assert ready.data == plain


@pytest.mark.parametrize("after", [b"", b"after the end"])
@pytest.mark.parametrize("comment", [b"a comment", b"\xff\xd9 is no end here"])
def test_a_file_that_was_looked_at_before_is_cut_the_same(
    comment: bytes,
    after: bytes,
) -> None:
    exif = with_orientation(1)
    data = encode(draw(1), quality=90, exif=exif, comment=comment) + after
    known = trainable(data, markers(data))
    assert known == ("stripped" if after else "stripped-head")
    ready = prepare(data, known=known)
    assert ready == prepare(data) == prepare(data, known="stripped")
    assert ready.data == encode(draw(1), quality=90, comment=comment)


def test_metadata_after_a_scan_are_cut_out_too() -> None:
    data = encode(draw(1), quality=90)
    segment = b"\xff\xe1\x00\x08other!"
    between = data[:-2] + segment + data[-2:]
    known = trainable(between, markers(between))
    assert known == "stripped"
    assert prepare(between, known=known).data == data


def test_trailing_bytes_are_cut_off() -> None:
    ready = prepare(jpeg(1) + b"\0" * 100)
    assert (ready.data, ready.how) == (jpeg(1), "stripped")


@pytest.mark.parametrize("orientation", range(2, 9))
def test_orientation_is_baked_in(orientation: int) -> None:
    upright = draw(2, (160, 96))
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    lying = upright.transpose(back[orientation])
    ready = prepare(encode(lying, quality=95, exif=with_orientation(orientation)))
    assert_ready(ready)
    assert ready.how == "exif;max1024;q90"
    assert close(opened(ready), upright)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "TIFF", "BMP", "GIF", "ICO", "JPEG2000"])
def test_other_formats_become_jpeg(kind: str) -> None:
    ready = prepare(encode(draw(3), kind))
    assert_ready(ready)
    assert kind in {"GIF", "ICO"} or close(opened(ready), draw(3), 8)


@pytest.mark.parametrize("mode", ["L", "P", "1", "CMYK", "LA", "RGBA", "I;16", "I", "F", "LAB"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    image = draw(4)
    if mode in {"I;16", "I", "F"}:
        wide = np.asarray(image.convert("L")).astype(np.uint16) * 257
        kinds = {"I;16": np.uint16, "I": np.int32, "F": np.float32}
        image = Image.fromarray(wide.astype(kinds[mode]))
    elif mode == "LAB":
        image = ImageCms.profileToProfile(
            image, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
        )
    else:
        image = image.convert(mode)
    ready = prepare(encode(image, "TIFF"))
    assert_ready(ready)
    expected = draw(4) if mode in {"CMYK", "RGBA", "LAB"} else draw(4).convert("L")
    assert mode in {"P", "1"} or close(opened(ready), expected, 8)


@pytest.mark.parametrize("white", [255, 1023, 4095, 65535])
def test_sixteen_bits_are_scaled_and_not_clipped(white: int) -> None:
    ramp = np.tile(np.linspace(0, white, 256).astype(np.uint16), (64, 1))
    ready = prepare(encode(Image.fromarray(ramp), "PNG"))
    row = np.asarray(opened(ready).convert("L"))[32].astype(int)
    assert row[0] <= 2
    assert row[-1] >= 253
    assert abs(int(row[128]) - 128) <= 3


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_becomes_white(mode: str) -> None:
    image = draw(5).convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 80, 120))
    ready = prepare(encode(image.convert(mode), "PNG"))
    assert_ready(ready)
    assert opened(ready).getpixel((20, 60)) == (255, 255, 255)


def test_the_first_frame_stands_for_an_animation() -> None:
    frames = [draw(n) for n in (6, 7)]
    ready = prepare(encode(frames[0], "WEBP", save_all=True, append_images=frames[1:], quality=95))
    assert close(opened(ready), frames[0], 8)


def test_a_profile_is_converted_to_srgb() -> None:
    image = draw(8)
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ"))
    ready = prepare(encode(image, "PNG", icc_profile=lab.tobytes()))
    assert_ready(ready)
    assert "icc" in ready.how.split(";") or close(opened(ready), image)


def test_an_srgb_profile_needs_no_encoding() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = encode(draw(8), icc_profile=srgb)
    assert prepare(data).how == "same"


def test_a_broken_profile_is_ignored() -> None:
    ready = prepare(encode(draw(8), icc_profile=b"not a profile at all"))
    assert_ready(ready)
    assert close(opened(ready), draw(8))


def test_a_progressive_jpeg_becomes_baseline() -> None:
    assert_ready(prepare(encode(draw(9), progressive=True)))


def test_a_gray_jpeg_becomes_rgb() -> None:
    assert_ready(prepare(encode(draw(9).convert("L"))))


def test_the_long_side_is_capped_and_nothing_is_enlarged() -> None:
    assert (prepare(jpeg(1, (2000, 1000))).width, prepare(jpeg(1, (2000, 1000))).height) == (
        1024,
        512,
    )
    small = prepare(jpeg(1, (300, 200)), Target(max_side=200))
    assert (small.width, small.height) == (200, 133)
    assert prepare(jpeg(1, (300, 200))).how == "same"
    assert prepare(jpeg(1, (2000, 1000)), Target(max_side=None)).how == "same"


def test_a_square_is_the_largest_centred_crop() -> None:
    image = draw(10, (300, 200))
    ready = prepare(encode(image, "PNG"), Target(size=180))
    assert (ready.width, ready.height) == (180, 180)
    # Keras' smart_resize: (300 - 200) / 2 pixels go on either side.
    cut = image.crop((50, 0, 250, 200)).resize((180, 180), Image.Resampling.BICUBIC)
    assert close(opened(ready), cut)


def test_padding_keeps_the_whole_picture() -> None:
    image = draw(10, (300, 200))
    ready = prepare(encode(image, "PNG"), Target(size=180, pad=True))
    pixels = np.asarray(opened(ready))
    assert pixels.shape == (180, 180, 3)
    assert pixels[:28].mean() < 4
    assert close(
        Image.fromarray(pixels[30:150]), image.resize((180, 120), Image.Resampling.BICUBIC)
    )


def test_scaling_while_decoding_costs_no_quality() -> None:
    large = draw(11, (2400, 1600))
    noise = np.random.default_rng(0).integers(-20, 20, (1600, 2400, 1))
    large = Image.fromarray(np.clip(np.asarray(large) + noise, 0, 255).astype(np.uint8))
    ready = prepare(encode(large, quality=95), Target(max_side=600))
    full = large.resize((600, 400), Image.Resampling.LANCZOS)
    assert close(opened(ready), full, 3)


def test_the_same_bytes_give_the_same_bytes() -> None:
    data = encode(draw(12), "PNG")
    assert prepare(data) == prepare(data)
    again = prepare(prepare(data).data)
    assert again.how == "same"


@pytest.mark.parametrize("size", [(9, 100), (100, 9), (3000, 12)])
def test_a_side_under_ten_pixels_is_refused(size: tuple[int, int]) -> None:
    data = encode(Image.new("RGB", size), "PNG")
    with pytest.raises(Unreadable, match="too-small"):
        prepare(data)
    assert misfit(size, Target()) is not None
    assert misfit((100, 100), Target()) is None


@pytest.mark.parametrize("data", [b"", b"<html></html>", b"\xff\xd8\xff\xe0 and no more"])
def test_what_is_no_picture_is_unreadable(data: bytes) -> None:
    with pytest.raises(Unreadable):
        prepare(data)


def test_a_cut_jpeg_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        prepare(jpeg(1)[:-300])


def test_every_odd_picture_becomes_ready_or_says_why(samples: Path) -> None:
    done = 0
    for path in sorted((samples / "images" / "odd").rglob("*")):
        if path.is_file():
            try:
                ready = prepare(path.read_bytes())
            except Unreadable:
                continue
            assert_ready(ready)
            done += 1
    assert done > 60
