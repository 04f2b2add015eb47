"""What strangers wrote (titles, queries, names) in tables and cards: kept, and not acting."""

from __future__ import annotations

import csv
import json
from dataclasses import fields
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pixset.datasets.catalogue.placements import Origin
from pixset.datasets.errors import UsageError
from pixset.datasets.tree.front_matter import front_matter
from pixset.datasets.tree.json_rows import read_jsonl
from pixset.datasets.tree.manifest import add_origin, read_manifest, row
from pixset.datasets.tree.manifest_files import write_manifest
from pixset.datasets.tree.markdown import inert, without_html
from pixset.datasets.tree.tables import cell, read_csv, text_of_cell
from pixset.datasets.tree.write import WrittenPicture

if TYPE_CHECKING:
    from pathlib import Path

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", "'=1", "\uff1d1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"
    assert text_of_cell(cell(text)) == text


@given(st.text())
def test_what_a_cell_was_is_read_back(text: str) -> None:
    assert text_of_cell(cell(text)) == text


@pytest.mark.parametrize("value", [-1, -0.5, None, ["-"], {"-": 1}, True, "plain", "'quoted'"])
def test_what_is_no_formula_stays_as_it_is(value: object) -> None:
    assert not cell(value).startswith("''")
    assert cell(-1) == "-1"


def written(title: str) -> dict[str, object]:
    made = WrittenPicture("0" * 16, "train/a/0.jpg", "0" * 64, 1, 1, 1, "same")
    return row("train", "a", 0, "0" * 64, made) | {"title": title}


@pytest.mark.parametrize(
    "title",
    [
        *FORMULAS,
        "two\u2028lines",
        "next\x85line",
        'a "quote", and\nmore',
        "half \ud83d a pair",
        "\x1b[31m",
    ],
)
def test_a_title_comes_back_from_the_manifest_and_from_its_table(
    title: str, tmp_path: Path
) -> None:
    write_manifest(tmp_path, [written(title), written("plain")])
    assert [one["title"] for one in read_manifest(tmp_path)] == [title, "plain"]
    lines = (tmp_path / "manifest.jsonl").read_text("utf-8")
    assert len(lines.splitlines()) == 2  # whatever a reader takes for the end of a line
    with (tmp_path / "manifest.csv").open(encoding="utf-8", newline="") as file:
        cells = [one["title"] for one in csv.DictReader(file)]
    assert cells[0][0] not in "=+-@\t\r\uff1d"
    if "\ud83d" not in title:
        assert [one["title"] for one in read_csv(tmp_path / "manifest.csv")] == [title, "plain"]


@pytest.mark.parametrize("address", ["http://[::1/a", "http://[x]y/", "//", "", None])
def test_an_address_that_is_none_ends_no_manifest(address: str | None) -> None:
    blank = dict.fromkeys(field.name for field in fields(Origin))
    one = Origin(**blank | {"label": "a", "image_url": address, "page_url": address})  # type: ignore[arg-type]  # mostly nothing
    told = written("plain")
    add_origin(told, [one])
    assert told["host"] is None


def test_a_manifest_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "manifest.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"id": "a"}\r\n\r\n{"id": "b"}\r\n')
    assert [one["id"] for one in read_jsonl(path)] == ["a", "b"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ('{"id": "a"}\n'.encode("utf-16"), ":1: no UTF-8 text"),
        (b'{"id": "a"}\n{"id": "\xe9"}\n', ":2: no UTF-8 text"),
        ('{"id": "a"}\n'.encode("utf-16-le"), ":1: expected one JSON object"),
        (b'{"id": "a"}\n[1]\n', ":2: expected one JSON object"),
        (b'{"id": ' + b"[" * 100_000 + b"\n", ":1: expected one JSON object"),
        (b'{"id": "a"', ":1: expected one JSON object"),
    ],
)
def test_a_manifest_that_cannot_be_read_is_one_line(data: bytes, why: str, tmp_path: Path) -> None:
    path = tmp_path / "manifest.jsonl"
    path.write_bytes(data)
    with pytest.raises(UsageError) as refused:
        list(read_jsonl(path))
    assert why in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_manifest_that_is_no_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is a folder; name the manifest\.jsonl in it"):
        list(read_jsonl(tmp_path))
    with pytest.raises(UsageError, match="no such file"):
        list(read_jsonl(tmp_path / "manifest.jsonl"))


def test_rows_are_written_as_they_are(tmp_path: Path) -> None:
    write_manifest(tmp_path, [{"b": "ä", "a": None}])
    assert (tmp_path / "manifest.jsonl").read_text("utf-8") == '{"b":"ä","a":null}\n'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("not_pizza", "not_pizza"),
        ("![x](http://a.org/x.png)", r"\!\[x\](http:\//a.org/x.png)"),
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
        ("a | b\n# c", r"a \| b \# c"),
        ("`code` *bold* _it_ &lt;", r"\`code\` \*bold\* \_it\_ &amp;lt;"),
        ("www.a.org me@a.org", r"www\.a.org me\@a.org"),
        ("\x1b]0;title\x07 \u202eabc", r"\\x1b\]0;title\\x07 \\u202eabc"),
    ],
)
def test_markdown_in_foreign_text_is_shown_and_does_nothing(text: str, shown: str) -> None:
    assert inert(text) == shown


def test_the_author_writes_markdown_but_no_html() -> None:
    assert without_html("*Flat* dough\n<script>") == "*Flat* dough\n&lt;script>"


def test_front_matter_stays_one_line_a_key() -> None:
    lines = front_matter('a": "b"\n---\u2028x', 5)
    assert lines[1] == 'pretty_name: "a\\": \\"b\\"\\n---\\u2028x"'
    assert json.loads(lines[1].partition(": ")[2]) == 'a": "b"\n---\u2028x'
