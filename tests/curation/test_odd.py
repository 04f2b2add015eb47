from __future__ import annotations

import csv
import shutil
from typing import TYPE_CHECKING

import pytest
from pixset.curation.folders.folder import check_folder

if TYPE_CHECKING:
    from pathlib import Path

# What check must make of a category. "reject": it would be dropped. "accept": it decodes. A name:
# that finding is reported. Where a file inside a category is meant otherwise, INDEX.csv's own words
# decide (`reject` at their beginning).
EXPECTED = {
    "16bit": {"accept"},
    "1bit": {"accept"},
    "alpha": {"accept", "keep"},
    "animated": {"accept", "animated"},
    "bomb": {"reject"},
    "cmyk": {"accept", "keep"},
    "corrupt": {"reject"},
    "exif_bad": {"accept"},
    "exif_gps": {"accept"},
    "exif_orientation": {"accept", "keep"},
    "format_avif": {"accept"},
    "format_bmp": {"accept", "keep"},
    "format_heic": {"reject"},
    "format_ico": {"accept"},
    "format_other": set(),
    "format_tiff": {"accept", "keep"},
    "format_webp": {"accept", "keep"},
    "gray": {"accept", "keep"},
    "html_as_image": {"reject"},
    "icc": {"accept"},
    "interlaced": {"accept", "keep"},
    "jpeg_odd": {"accept", "keep"},
    "large_ok": {"accept", "keep"},
    "low_information": {"accept", "reject", "blank"},
    "multipage": {"accept", "animated"},
    "not_image": {"reject"},
    "not_photo": {"accept", "keep", "graphic"},
    "palette_transparency": {"accept"},
    "png_odd": {"accept", "keep"},
    "progressive": {"accept", "keep"},
    "tiny": {"accept", "reject", "small"},
    "truncated": {"reject"},
    "vector": {"reject"},
    "wrong_ext": {"accept", "keep"},
    "zero_dim": {"reject"},
    "zero_size": {"reject"},
}
# Files that the table's word for their category does not fit, each with its reason.
EXCEPTIONS = {
    "animated/syntax_num_frames_zero.png": {"reject"},  # INDEX: reject
    "format_bmp/pal2.bmp": {"reject"},  # INDEX: reject
    "format_bmp/rgb24jpeg.bmp": {"reject"},  # INDEX: reject
    "format_tiff/hopper_webp.tif": {"reject"},  # INDEX: reject when the decoder lacks it
    "format_other/drawing.wmf": {"reject"},  # convert or reject: a drawing
    "format_other/duplicate_xref_entry.pdf": {"reject"},  # convert or reject: a document
    "format_other/zero_bb.eps": {"reject"},  # convert or reject: a program
    "wrong_ext/no_extension_pizza": {"accept", "keep", "clean"},
    "truncated/truncated_jpeg.jpg": {"accept"},  # all scans are whole: only the end marker lacks
}
REFUSALS = {"undecodable", "truncated", "not_picture"}


@pytest.fixture(scope="module")
def odd(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the odd files, so that nothing is written beside the originals."""
    folder = tmp_path_factory.mktemp("odd") / "odd"
    shutil.copytree(samples / "images/odd", folder)
    return folder


@pytest.fixture(scope="module")
def found(odd: Path) -> dict[str, dict[str, bool]]:
    """Each odd file's findings: check → whether it asks for the file to go."""
    findings: dict[str, dict[str, bool]] = {}
    for one in check_folder(odd).findings:
        name = one.path.relative_to(odd).as_posix()
        findings.setdefault(name, {})[one.check] = one.drop
    return findings


def rows(samples: Path) -> list[dict[str, str]]:
    with (samples / "images/odd/INDEX.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_odd_file_is_treated_as_its_index_calls_sensible(
    samples: Path, found: dict[str, dict[str, bool]]
) -> None:
    wrong = []
    for row in rows(samples):
        name = row["file"].removeprefix("odd/")
        expected = EXCEPTIONS.get(name, EXPECTED[row["category"]])
        checks = found.get(name, {})
        fits = {
            "accept": REFUSALS.isdisjoint(checks),
            "reject": any(checks.values()),
            "keep": not any(checks.values()),
            "clean": not checks,
        }
        wrong += [(name, word, checks) for word in expected if not fits.get(word, word in checks)]
    assert wrong == []


def test_what_the_index_calls_reject_would_be_dropped(
    samples: Path, found: dict[str, dict[str, bool]]
) -> None:
    rejected = [row for row in rows(samples) if row["sensible_action"].startswith("reject")]
    assert len(rejected) > 30
    for row in rejected:
        name = row["file"].removeprefix("odd/")
        if EXCEPTIONS.get(name) != {"accept"}:
            assert any(found.get(name, {}).values()), name


def test_a_name_that_lies_about_the_type_is_a_finding_and_no_reason_to_drop(
    samples: Path, found: dict[str, dict[str, bool]]
) -> None:
    names = [row["file"].removeprefix("odd/") for row in rows(samples)]
    lying = {name for name in names if "wrong_type" in found.get(name, {})}
    multi = {"Flammekueche-2-1.jpg", "Mini-Flammekueche-apéritive.jpg", "no_extension_pizza"}
    # An MPO is a JPEG with a second one behind it, and a name without extension claims nothing.
    assert lying == {
        name
        for name in names
        if name.startswith("wrong_ext/") and name.removeprefix("wrong_ext/") not in multi
    }


def test_a_damaged_tiff_does_not_write_on_the_terminal(
    samples: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    damaged = sorted((samples / "images/odd/corrupt").glob("*.tif"))
    for path in damaged:
        shutil.copy(path, tmp_path / path.name)
    report = check_folder(tmp_path, cache=False)
    assert len(report.dropped()) == len(damaged) > 5
    assert capfd.readouterr() == ("", "")
