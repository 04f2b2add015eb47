"""One look: what is read from good, odd and hostile files."""

from __future__ import annotations

import hashlib
import io
import logging
import pickle
import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image, ImageDraw
from pixset.curation import CurationError, Facts, Unreadable, from_record, look, look_all, to_record
from pixset.curation.images.borders import content_window
from pixset.curation.images.measure import jpeg_quality


def photo(width: int = 400, height: int = 300, seed: int = 1) -> Image.Image:
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (8, 10, 3), dtype=np.uint8))
    return small.resize((width, height), Image.Resampling.BICUBIC)


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def mean(facts: Facts) -> list[float]:
    thumb = Image.open(io.BytesIO(facts.thumb))
    return np.asarray(thumb.convert("RGB")).reshape(-1, 3).mean(0).tolist()


def test_a_look_reads_size_type_digest_and_fingerprints():
    data = encoded(photo(), "JPEG", quality=83)
    facts = look(data)
    assert (facts.width, facts.height, facts.format, facts.mode) == (400, 300, "jpeg", "RGB")
    assert (facts.sha256, facts.bytes) == (hashlib.sha256(data).hexdigest(), len(data))
    assert facts.jpeg_quality == 83
    assert (facts.frames, facts.orientation, facts.has_alpha, facts.gray) == (1, 1, False, False)
    assert {"phash", "dhash", "phash_crop05", "phash_crop20"} <= set(facts.fingerprints)
    assert all(0 <= bits < 2**64 for bits in facts.fingerprints.values())
    assert Image.open(io.BytesIO(facts.thumb)).size == (64, 64)


def exif(orientation: int) -> Image.Exif:
    made = Image.Exif()
    made[0x0112] = orientation
    return made


@pytest.mark.parametrize(
    ("data", "needs"),
    [
        (encoded(photo(), "JPEG"), "same"),
        (encoded(photo(), "JPEG") + b"after the end", "stripped"),
        (encoded(photo(), "JPEG", exif=exif(1)), "stripped-head"),
        (encoded(photo(), "JPEG", exif=exif(1)) + b"after the end", "stripped"),
        (encoded(photo(), "JPEG", exif=exif(6)), None),
        (encoded(photo(), "JPEG", progressive=True), None),
        (encoded(photo().convert("L"), "JPEG"), None),
        (encoded(photo(), "JPEG", icc_profile=b"no profile"), None),
        (encoded(photo()), None),
    ],
)
def test_a_look_says_what_a_file_needs_before_training(data, needs):
    facts = look(data)
    assert facts.trainable == needs
    assert from_record(to_record(facts)).trainable == needs


def test_facts_of_older_records_do_not_say_what_training_needs():
    record = to_record(look(encoded(photo(), "JPEG")))
    del record["trainable"]
    assert from_record(record).trainable is None


@pytest.mark.parametrize("orientation", range(2, 9))
def test_every_exif_orientation_gives_the_same_upright_picture(orientation):
    upright = photo()
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    facts = look(encoded(upright.transpose(Image.Transpose(undo)), "PNG", exif=exif))
    assert facts.orientation == orientation
    assert (facts.width, facts.height) == (400, 300)
    assert facts.fingerprints["phash"] == look(encoded(upright)).fingerprints["phash"]


def test_an_orientation_that_does_not_exist_counts_as_upright():
    exif = Image.Exif()
    exif[0x0112] = 77
    assert look(encoded(photo(), "JPEG", exif=exif)).orientation == 1


def test_broken_exif_is_ignored():
    data = encoded(photo(), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff garbage")
    assert look(data).orientation == 1


def test_transparency_is_flattened_on_white():
    image = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((30, 30, 70, 70), fill=(200, 0, 0, 255))
    facts = look(encoded(image))
    assert facts.has_alpha
    assert min(mean(facts)) > 200


def test_an_opaque_alpha_channel_is_no_alpha():
    assert not look(encoded(photo().convert("RGBA"))).has_alpha


def test_a_palette_with_a_transparent_colour_is_flattened_on_white():
    image = Image.new("P", (80, 80), 0)
    image.putpalette([0, 0, 0, 255, 0, 0] + [0] * 762)
    ImageDraw.Draw(image).rectangle((20, 20, 40, 40), fill=1)
    facts = look(encoded(image, transparency=0))
    assert facts.has_alpha
    assert min(mean(facts)) > 200


@pytest.mark.parametrize("white", [255, 1023, 4095, 65535])
def test_sixteen_bits_are_scaled_and_not_clipped(white):
    ramp = np.linspace(0, white, 128 * 128).reshape(128, 128).astype(np.uint16)
    facts = look(encoded(Image.fromarray(ramp)))
    assert facts.gray
    assert mean(facts)[0] == pytest.approx(127, abs=4)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_png_mode_is_read(mode):
    assert look(encoded(photo().convert(mode))).mode == mode


def test_cmyk_is_read_as_colours():
    facts = look(encoded(Image.new("RGB", (90, 90), (250, 20, 20)).convert("CMYK"), "JPEG"))
    assert facts.mode == "CMYK"
    red, green, blue = mean(facts)
    assert red > 200
    assert max(green, blue) < 90


def test_an_animation_is_judged_by_its_first_frame():
    frames = [photo(seed=seed) for seed in (1, 2, 3)]
    facts = look(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert facts.frames == 3
    still = look(encoded(frames[0].convert("P", palette=Image.Palette.ADAPTIVE), "GIF"))
    assert (facts.fingerprints["phash"] ^ still.fingerprints["phash"]).bit_count() <= 6


def test_gray_pictures_are_known_in_colour_modes_too():
    assert look(encoded(photo().convert("L").convert("RGB"), "JPEG", quality=60)).gray


@pytest.mark.parametrize("quality", [10, 35, 50, 75, 90, 95, 100])
def test_the_jpeg_quality_is_read_from_the_tables(quality):
    assert look(encoded(photo(), "JPEG", quality=quality)).jpeg_quality == quality


def test_what_has_no_tables_has_no_jpeg_quality():
    assert look(encoded(photo())).jpeg_quality is None
    assert jpeg_quality(()) is None


def test_uniform_borders_are_trimmed_from_the_size_and_fingerprinted_apart():
    inner = photo(300, 200)
    framed = Image.new("RGB", (380, 260), "black")
    framed.paste(inner, (40, 30))
    facts = look(encoded(framed))
    assert facts.trimmed == pytest.approx((300, 200), abs=4)
    inside = look(encoded(inner)).fingerprints["phash"]
    assert (facts.fingerprints["phash_trim"] ^ inside).bit_count() <= 8


def test_a_picture_without_a_border_is_not_trimmed():
    facts = look(encoded(photo()))
    assert facts.trimmed == (400, 300)
    assert "phash_trim" not in facts.fingerprints


def test_an_empty_picture_is_all_content():
    assert content_window(np.full((90, 120), 255, dtype=np.uint8)) == (0.0, 0.0, 1.0, 1.0)


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.95, 0.995])
def test_a_truncated_jpeg_is_unreadable_at_the_price_of_a_scaled_decode(kept):
    rng = np.random.default_rng(0)
    data = encoded(Image.fromarray(rng.integers(0, 256, (900, 1200, 3), dtype=np.uint8)), "JPEG")
    with pytest.raises(Unreadable) as caught:
        look(data[: int(len(data) * kept)])
    assert caught.value.why == "truncated"


def png_header(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    return (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    )


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"<!doctype html><p>404", "not-an-image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "unsupported"),
        (b"%PDF-1.7 ...", "unsupported"),
        (b"\xff\xd8\xff\xe0 and nothing more", "truncated"),
        (b"GIF89a and nothing more", "corrupt"),
        (png_header(60000, 60000) + b"\0\0\0\0IDAT", "bomb"),
    ],
)
def test_what_is_no_picture_is_unreadable_for_a_named_reason(data, why):
    with pytest.raises(Unreadable) as caught:
        look(data)
    assert caught.value.why == why


def test_pillows_warnings_go_to_the_log_and_leave_the_filters_alone(caplog):
    before = list(warnings.filters)
    png = encoded(photo())
    chunk = b"acTL" + struct.pack(">II", 0, 0)  # an animation of no frames: Pillow warns
    extra = struct.pack(">I", 8) + chunk + struct.pack(">I", zlib.crc32(chunk))
    with caplog.at_level(logging.DEBUG, logger="pixset.curation.images.pillow_warnings"):
        look(png[:33] + extra + png[33:])
    assert "APNG" in caplog.text
    assert warnings.filters == before


def test_records_round_trip_through_json_values():
    facts = look(encoded(photo(), "JPEG"))
    assert from_record(to_record(facts)) == facts
    assert pickle.loads(pickle.dumps(facts)) == facts


@pytest.mark.parametrize("spoil", ["thumb", "trimmed", "fingerprints", "width"])
def test_a_record_that_lacks_something_is_refused(spoil):
    record = to_record(look(encoded(photo())))
    del record[spoil]
    with pytest.raises(CurationError):
        from_record(record)


def files(folder, count):
    paths = []
    for number in range(count):
        path = folder / f"{number:03}.png"
        path.write_bytes(encoded(photo(60, 40, seed=number)))
        paths.append(path)
    return paths


def test_many_files_come_back_in_the_order_they_were_given(tmp_path):
    paths = files(tmp_path, 30)
    broken, gone = tmp_path / "broken.jpg", tmp_path / "gone.jpg"
    broken.write_bytes(b"nothing")
    given = [*paths[::-1], broken, gone]
    seen = list(look_all(given, workers=3))
    assert [path for path, _ in seen] == given
    assert isinstance(seen[-2][1], Unreadable)
    assert seen[-1][1].why == "not-a-file"
    assert all(isinstance(outcome, Facts) for _, outcome in seen[:-2])


def test_what_is_known_by_content_is_not_decoded_again(tmp_path):
    (path,) = files(tmp_path, 1)
    remembered = Unreadable("remembered")
    known = {hashlib.sha256(path.read_bytes()).hexdigest(): remembered}
    assert list(look_all([path], known=known)) == [(path, remembered)]


def test_no_more_files_than_a_few_a_worker_are_in_flight(tmp_path):
    taken = []

    def paths():
        for path in files(tmp_path, 40):
            taken.append(path)
            yield path

    looking = look_all(paths(), workers=2)
    next(looking)
    assert len(taken) <= 2 * 4 + 1
    looking.close()


def test_progress_advances_once_a_file(tmp_path):
    from contextlib import contextmanager

    counted = []

    @contextmanager
    def progress(description, total=None):
        counted.append(total)
        yield counted.append

    list(look_all(files(tmp_path, 5), progress=progress))
    assert counted == [5, 1, 1, 1, 1, 1]
