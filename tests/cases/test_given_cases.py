"""The cases that were handed over, run as their READMEs say; skipped where they are not here."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]

PICTURE = r"b'\\xff\\xd8\\xff"
# Case → what its case.py prints when all is right.
SCRIPTS = {
    "address-rewritten-unreserved": r"(.* True .*\n){3}",
    "bing-address-with-space": r"\['http://h.example/my(%20| )cat.jpg'\]",
    "coded-body-misread": rf"'br' bad-encoding\n'zstd' bad-encoding\n(.*{PICTURE}.*\n){{2}}",
    "early-hints": PICTURE,
    "gzip-cut-passes": "truncated",
    "hosts-that-browsers-take": r"(   asked for [\x21-\x7e]+\n.* connection\n){3}",
    "location-not-as-browsers-read-it": r"(.* True .*\n){4}",
    "opt-out-after-a-colon": "(.*-> opted-out\n){2}",
    "redirect-body-uncapped": r"22 bytes; peak MB (\d+) -> \d+",
    "redirect-location-latin1": PICTURE,
    "redirect-needs-its-cookie": PICTURE,
}
# Case → commands after its make.py: words, exit code, what is printed, and what is not.
COMMANDS: dict[str, list[tuple[str, int, str, str | None]]] = {
    "animations-one-first-frame": [("dedupe gifs", 0, r"0 exact, 0 copy", None)],
    "brackets-in-the-path": [
        ("split photos --out out\xa0[1]", 0, "", None),
        ("verify out\xa0[1]", 1, r"\[1\]", None),
    ],
    "colour-only-difference": [
        ("dedupe fruit", 0, r"0 exact, 0 copy", None),
        ("split fruit --out fruit-out", 0, "", "left out"),
    ],
    "import-merges-classes": [("import code --into code-ds", 2, "C", None)],
    "import-takes-hidden-folders": [
        ("import photos --into photos-ds --json", 0, r'"cat": 6', None),
        ("check photos", 0, "12 pictures", None),
    ],
    "jpeg-damaged-inside": [
        ("check jpegs", 0, r"(?s)(?=.*half\.jpg  \(trunc)(?=.*crlf\.jpg  \(corr)", None)
    ],
    "manifest-with-bom": [
        ("fetch bom.jsonl --into a", 6, "unsafe-port", None),
        ("fetch utf16.jsonl --into b", 2, r"\A[^\n]+\n\Z", None),
    ],
    "name-not-utf8": [
        ("split photos --out photos-out", 0, "", None),
        ("import photos --into photos-ds", 0, "", None),
    ],
    "nas-thumbnail-folders": [
        ("split photos --out photos-out --json", 0, "", "one picture under"),
        ("import photos --into photos-ds --json", 0, r'"dog": 6', "eadir"),
    ],
    "phone-200-megapixels": [("check big", 0, "", "undecodable")],
    "png-large-metadata": [("check pngs", 0, "Nothing to drop", "undecodable")],
    "reason-named-wrong": [
        ("check cut", 0, r"(?s)truncated: 2.*not-an-image.*unsupported", None),
    ],
    "red-thing-moves": [("dedupe frames", 0, r"0 exact, 0 copy", None)],
    "reserved-names": [("split devices --out devices-out", 2, "Windows", None)],
    "split-leaves-all-out": [("split same --out same-out --quiet", 2, r"\A[^\n]+\n\Z", None)],
    "tiff-orientation-6": [("split scans --out scans-out", 0, "", None)],
    "verify-waits-for-a-pipe": [("verify photos", 1, "pipe.jpg", None)],
}


@pytest.fixture
def given(samples: Path, tmp_path: Path) -> Callable[[str], Path]:
    """A copy of a case's folder to run in."""

    def copied(name: str) -> Path:
        if not (samples / "cases").is_dir():
            pytest.skip(f"no cases at {samples / 'cases'}")
        return Path(shutil.copytree(samples / "cases" / name, tmp_path / name))

    return copied


def test_every_given_case_is_run_and_has_a_test_of_its_own(samples: Path) -> None:
    if not (samples / "cases").is_dir():
        pytest.skip(f"no cases at {samples / 'cases'}")
    names = {path.name for path in (samples / "cases").iterdir()}
    assert names == SCRIPTS.keys() | COMMANDS.keys()


@pytest.mark.parametrize("name", [*SCRIPTS, *COMMANDS])
def test_a_case_has_a_test_of_its_own_input(name: str) -> None:
    own = [path.read_text("utf-8") for path in Path(__file__).parent.glob("test_cases_*.py")]
    assert any(f"def test_{name.replace('-', '_')}(" in text for text in own)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_given_script_prints_what_is_right(
    given: Callable[[str], Path], run: Run, name: str
) -> None:
    folder = given(name)
    printed = run(python=folder / "case.py", cwd=folder).stdout
    found = re.search(SCRIPTS[name], printed)
    assert found, printed
    if name == "redirect-body-uncapped":
        before, after = map(int, re.findall(r"(\d+) -> (\d+)", printed)[0])
        assert after - before < 60


@pytest.mark.parametrize("name", COMMANDS)
def test_given_pictures_are_judged_rightly(
    given: Callable[[str], Path], run: Run, name: str
) -> None:
    folder = given(name)
    if (folder / "make.py").is_file():
        run(python=folder / "make.py", cwd=folder)
    for words, code, printed, absent in COMMANDS[name]:
        done = run(*(word.replace("\xa0", " ") for word in words.split(" ")), code=code, cwd=folder)
        said = done.stdout if code in (0, 1, 6) else done.stderr
        assert re.search(printed, said), said
        assert absent is None or absent not in said, said
    if name == "tiff-orientation-6":
        from PIL import Image

        for path in folder.glob("scans-out/*/a/*.jpg"):
            with Image.open(path) as picture:
                assert picture.size == (240, 320)
