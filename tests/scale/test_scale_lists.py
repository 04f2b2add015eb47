"""Lists of every kind: what they say is read, and no line ends a run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from pixset.datasets.errors import UsageError
from pixset.datasets.scale.plan import LANES, make_plan, read_rows
from pixset.datasets.scale.status import status_of
from pixset.datasets.scale.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from pixset.datasets.scale.plan import PlannedRow

URLS = [f"http://host{number % 7}.example/{number}.jpg" for number in range(40)]
ROWS: list[dict[str, Any]] = [
    {"url": url, "label": "Hot dog" if number % 2 else "pizza", "license": "cc by 4.0"}
    for number, url in enumerate(URLS)
]


def rows_of(store: Store, parts: list[str]) -> list[PlannedRow]:
    return [row for part in parts for row in read_rows(store, part)]


def planned(tmp_path: Path, *lists: Path) -> list[PlannedRow]:
    store = Store(str(tmp_path / "run"))
    plan = make_plan(store, [str(one) for one in lists], "label")
    rows = rows_of(store, [name for name, _ in plan.parts])
    return sorted(rows, key=lambda row: row.row)


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def as_parquet(path: Path) -> Path:
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(pa.Table.from_pylist(ROWS), path)
    return path


def as_jsonl(path: Path) -> Path:
    return write(path, "".join(json.dumps(row) + "\n" for row in ROWS))


def as_csv(path: Path) -> Path:
    lines = [",".join(row.values()) for row in ROWS]
    return write(path, "\ufeffurl,label,license\r\n" + "\r\n".join(lines))


@pytest.mark.parametrize(
    ("name", "made"),
    [("l.parquet", as_parquet), ("l.jsonl", as_jsonl), ("l.csv", as_csv)],
)
def test_a_table_says_addresses_labels_and_licences(name: str, made: Any, tmp_path: Path) -> None:
    rows = planned(tmp_path, made(tmp_path / name))
    assert [row.urls for row in rows] == [(url,) for url in URLS]
    assert [row.label for row in rows[:2]] == ["pizza", "hot_dog"]
    assert rows[0].origin["license"] == "cc by 4.0"


@pytest.mark.parametrize("rank", [10**30, -(1 << 63), float("inf"), "9" * 40, "first"])
def test_a_number_that_fits_no_column_is_none(rank: object, tmp_path: Path) -> None:
    listed = write(tmp_path / "l.jsonl", json.dumps({"url": URLS[0], "rank": rank}) + "\n")
    assert [row.origin["rank"] for row in planned(tmp_path, listed)] == [1]


def test_a_text_has_an_address_a_line_and_its_name_is_the_label(tmp_path: Path) -> None:
    lists = [
        write(tmp_path / f"{name}.txt", "# some\n\n" + "\n".join(URLS[at::2]))
        for at, name in enumerate(("pizza", "Hot dog"))
    ]
    rows = planned(tmp_path, *lists)
    assert {row.label for row in rows} == {"pizza", "hot_dog"}
    assert len(rows) == len(URLS)


def test_a_clock_that_was_set_back_takes_no_time_away(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "run"))
    make_plan(store, [str(as_jsonl(tmp_path / "l.jsonl"))], "label")
    for part in tmp_path.glob("run/plan/*.done"):
        record = json.loads(part.read_text())
        part.write_text(json.dumps(record | {"ended": record["began"] - 3_600}))
    plan = status_of(store).stages[0]
    assert (plan.done, plan.items) == (plan.parts, 40)
    assert (plan.seconds, plan.elapsed, plan.rate) == (0.0, 0.0, 0.0)


def test_all_addresses_of_a_host_lie_in_one_lane(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "run"))
    plan = make_plan(store, [str(as_jsonl(tmp_path / "l.jsonl"))], "label")
    lanes = [{row.urls[0].split("/")[2] for row in rows_of(store, [n for n, _ in lane])}
             for lane in plan.lanes]  # fmt: skip
    assert sum(map(len, lanes)) == len(set().union(*lanes)) == 7
    assert len(lanes) <= LANES


def test_lines_that_cannot_be_used_are_named_and_end_nothing(tmp_path: Path) -> None:
    lines = [
        b'{"url": "http://a.example/1.jpg"}',
        b"{not json",
        b"[1, 2]",
        b'\xff\xfe{"url": 1}',
        b'{"url": "http://a.example/2.jpg", "label": "\xe6\x97\xa5\xe6\x9c\xac"}',
        b'{"url": "http://a.example/3.jpg", "source_sha256": "abc"}',
        b'{"url": "http://a.example/4.jpg", "title": "\\ud800", "rank": "many", "page": 3.7}',
        b"[" * 100_000,
    ]
    source = write(tmp_path / "cat.jsonl", b"\n".join(lines))
    store = Store(str(tmp_path / "run"))
    plan = make_plan(store, [str(source)], "label")
    assert plan.rows == 2
    assert plan.bad == {"no-json": 3, "no-utf8": 1, "bad-label": 1, "bad-digest": 1}
    bad = [json.loads(line) for line in store.read("plan/bad.jsonl").splitlines()]
    assert [one["line"] for one in bad] == [2, 3, 4, 5, 6, 8]


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("l.parquet", "no parquet", "cannot be read as parquet"),
        ("l.xlsx", "", "expected a list that ends in"),
        ("empty.txt", "# nothing\n", "no row can be used"),
        ("l.jsonl", '{"label": "C", "url": "u"}\n{"label": "C++", "url": "u"}', "would both be"),
    ],
)
def test_a_list_of_another_kind_is_refused(name: str, text: str, line: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=line):
        planned(tmp_path, write(tmp_path / name, text))


def test_a_list_that_grew_keeps_the_parts_that_it_had(tmp_path: Path) -> None:
    first = planned(tmp_path, as_jsonl(tmp_path / "l.jsonl"))
    more = {"url": "http://new.example/1.jpg", "label": "pizza"}
    with (tmp_path / "l.jsonl").open("a") as file:
        file.write(json.dumps(more) + "\n")
    again = planned(tmp_path, tmp_path / "l.jsonl")
    assert again[: len(first)] == first
    assert len(again) == len(first) + 1
