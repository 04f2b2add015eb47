"""What commands print stays readable: on a small set label by label, on a large one summed."""

from __future__ import annotations

import ast
import random
import re
from dataclasses import replace
from pathlib import Path

import pytest
from pixset.curation import printable
from pixset.curation.printable import counted
from pixset.datasets.commands.summaries import came_by, status_blocks
from pixset.datasets.errors import UsageError
from pixset.datasets.lines import first_lines, first_rows, in_columns
from pixset.datasets.recipe.toml import find
from pixset.datasets.status import DatasetStatus, Line
from pixset.datasets.table import Table, by_label_lines
from pixset.datasets.verify.places import Problem
from pixset.datasets.verify.reading import LoaderReading
from pixset.datasets.verify.verifying import Verified
from pixset.scraper.models import Outcome
from pixset.scraper.search.outcome import search_status


def status(labels: int) -> DatasetStatus:
    """So many labels, each with two copies left out and one picture beyond its target."""
    slugs = [f"label{n:02}" for n in range(labels)]
    lines = tuple(Line(s, s, "", "bing", "limit", 9, 9, 8, 8, 6, 6) for s in slugs)
    lost = {"fetched": {"not-found": 1}, "unique": {"duplicate": 2}}
    return DatasetStatus(
        lines=lines,
        totals=dict(zip(slugs, lines, strict=True)),
        engines={"bing": lines[0]},
        lost=dict.fromkeys(slugs, lost),
        gained={},
        via={"browser": 3, "inline": 5},
        unfinished=(),
        unsettled=tuple(f"bing: {s}: stuck" for s in slugs),
        placed={slug: {"train": 4, "val": 1} for slug in slugs},
        targets=dict.fromkeys(slugs, 5),
    )


def printed(found: DatasetStatus, *, whole: bool = False) -> list[str]:
    blocks = status_blocks(found, queries=False, whole=whole)
    return [
        line
        for block in blocks
        for line in (block if isinstance(block, str) else block.to_text()).split("\n")
    ]


def test_few_labels_are_told_one_by_one() -> None:
    lines = printed(status(2))
    assert "label00: valid but not unique: 2 (2 duplicate)" in lines
    assert "label01: kept but not placed: 1 (its target is reached)" in lines


def test_the_losses_of_many_labels_are_summed_by_reason() -> None:
    lines = printed(status(36))
    assert "found but not fetched: 36 in 36 labels (36 not-found)" in lines
    assert "valid but not unique: 72 in 36 labels (72 duplicate)" in lines
    assert "kept but not placed: 36 (its target is reached)" in lines
    assert not any(line.startswith("label00: ") for line in lines)


@pytest.mark.parametrize("labels", [2, 36])
def test_a_tree_that_holds_more_than_is_kept_is_older_than_the_decisions(labels: int) -> None:
    found = status(labels)
    more = random.Random(labels).randrange(1, 9)
    tree = {slug: {"train": 5 + more, "val": 1} for slug in found.totals}  # 6 are kept
    lines = printed(replace(found, placed=tree))
    said = f"label01: {more} more" if labels == 2 else f"{labels * more} more"
    assert (
        f"{said} in the tree than kept: it is older than the decisions, "
        "and `pixset split` builds it anew" in lines
    )
    gained = dict.fromkeys(found.totals, more)  # which `kept` counts, as of any status
    totals = {slug: replace(line, kept=6 + more) for slug, line in found.totals.items()}
    came = replace(found, placed=tree, gained=gained, totals=totals)
    assert not any("in the tree than kept" in line for line in [*printed(came), *printed(found)])
    assert printed(replace(came, totals=found.totals)).count(
        f"{said} in the tree than kept: it is older than the decisions, "
        "and `pixset split` builds it anew"
    )


def test_long_lists_say_how_many_more_there_are_and_how_to_see_them() -> None:
    lines = printed(status(36))
    assert "… and 16 more (pixset status --all)" in lines  # queries
    assert "… and 28 more (pixset status --all)" in lines  # unsettled searches
    whole = printed(status(36), whole=True)
    assert not any("more (" in line for line in whole)
    assert "label35: valid but not unique: 2 (2 duplicate)" in whole


def test_one_more_is_shown_rather_than_counted() -> None:
    assert first_lines(["a", "b", "c"], 2) == ["a", "b", "c"]
    assert first_lines(["a", "b", "c", "d"], 2) == ["a", "b", "… and 2 more (--all)"]
    table = Table(("n",), [(1,), (2,), (3,), (4,)])
    assert first_rows(table, 2)[1] == "… and 2 more (--all)"
    assert first_rows(table, None) == [table]


def test_words_stand_in_columns_that_fit_a_terminal() -> None:
    lines = in_columns([f"class_number_{n:03}" for n in range(46)])
    assert all(len(line) <= 80 for line in lines)
    assert len(lines) < 14
    assert in_columns([]) == []


def test_the_ways_in_which_pictures_came_are_said_in_words() -> None:
    assert came_by({"inline": 84, "browser": 36}) == (
        "36 loaded by the browser itself, 84 written out in the result pages"
    )


def test_what_stays_in_the_pool_is_one_line_where_there_are_many_labels() -> None:
    assert by_label_lines({"b": 2, "a": 1}, "{} more") == ["a: 1 more", "b: 2 more"]
    many = {f"label{n:02}": 2 for n in range(36)}
    assert by_label_lines(many, "{} more") == ["36 labels (label00, label01, label02, …): 72 more"]


def reading(*order: str, notes: tuple[str, ...] = ()) -> LoaderReading:
    return LoaderReading({"train": dict.fromkeys(order, 2)}, {"train": order}, notes)


def test_loaders_that_agree_stand_together_and_the_labels_once() -> None:
    order = tuple(f"label{n:02}" for n in range(36))
    loaders = {name: reading(*order) for name in ("keras", "torchvision")}
    loaders["fastai"] = reading(*order, notes=("needs a word",))
    text = Verified(
        root=Path("tree"), pictures=72, splits={}, problems=(), notes=(),
        loaders=loaders,
    ).to_text()  # fmt: skip
    assert "  keras, torchvision\n      train 72\n" in text
    assert "  fastai\n      train 72; needs a word\n" in text
    assert "labels, in the same order for all (36):" in text
    assert text.count("label35") == 1


def test_a_thousand_labels_end_with_how_many_more() -> None:
    order = tuple(f"label{n:03}" for n in range(1000))
    verified = Verified(
        root=Path("tree"), pictures=72, splits={}, problems=(), notes=(),
        loaders={"keras": reading(*order)},
    )  # fmt: skip
    text = verified.to_text()
    assert "labels, in the same order for all (1000):" in text
    assert "  … and 900 more (--all)" in text
    assert "label100" not in text
    assert "label999" in verified.to_text(None)


def test_loaders_that_number_the_labels_otherwise_show_their_order() -> None:
    loaders = {"one": reading("a", "b"), "two": reading("b", "a")}
    text = Verified(
        root=Path("tree"), pictures=4, splits={}, problems=(), notes=(),
        loaders=loaders,
    ).to_text()  # fmt: skip
    assert "      labels (2):\n        a  b" in text
    assert "      labels (2):\n        b  a" in text


def test_many_problems_of_a_kind_end_with_how_many_more() -> None:
    problems = tuple(Problem("blank", f"{n}.jpg", "is blank") for n in range(34))
    found = Verified(root=Path("tree"), pictures=4, splits={}, problems=problems, notes=())
    assert "blank: 34\n" in found.to_text()
    assert "  … and 31 more (--all)" in found.to_text()
    assert "33.jpg" in found.to_text(None)


def test_a_recipe_that_is_nearly_named_is_suggested_and_the_plain_way_is_shown() -> None:
    with pytest.raises(UsageError) as refused:
        find("pizzza")
    assert "did you mean 'pizza'?" in str(refused.value)
    assert "pixset build binary --positive pizzza" in str(refused.value)
    with pytest.raises(UsageError, match="--positive 'hot dog'"):
        find("hot dog")


def test_one_of_a_thing_is_no_plural() -> None:
    number = random.Random(27).randrange(2, 10**6)
    assert counted(1, "verdict") == "1 verdict"
    assert counted(0, "verdict") == "0 verdicts"
    assert counted(number, "query", "queries") == f"{number} queries"
    assert search_status(Outcome.EXHAUSTED, "bing", found=1).detail.startswith(
        "bing showed 1 result and no more"
    )
    assert "tried once: " in search_status(Outcome.UNREACHABLE, "bing").detail


THINGS = (
    "pictures|verdicts|labels|queries|searches|rows|files|decisions|families|findings|addresses|"
    "pairs|groups|classes|previews|of the addresses are"
)
# By what stands before them these are never one.
NEVER_ONE = {"facts.straddling", "len(found)", "one.pictures", "one.pieces", "len(numbers)"}


def test_no_line_puts_a_bare_number_before_a_plural() -> None:
    """`counted` writes the number and its noun; only "of 3 pictures" and lower bounds may do so."""
    rooms = Path(printable.__file__).parents[1]
    found = []
    for path in [*rooms.glob("curation/**/*.py"), *rooms.glob("datasets/**/*.py")]:
        for text in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(text, ast.JoinedStr):
                continue
            before = ""
            for part, after in zip(text.values, [*text.values[1:], None], strict=True):
                if isinstance(part, ast.Constant):
                    before = str(part.value)
                elif (
                    isinstance(part, ast.FormattedValue)
                    and isinstance(after, ast.Constant)
                    and re.match(rf" (more |nested )?({THINGS})\b", str(after.value))
                    and not before.endswith((" of ", "fewer than "))
                    and ast.unparse(part.value) not in NEVER_ONE
                ):
                    found.append(f"{path.name}:{text.lineno}: {ast.unparse(text)}")
    assert not found, "\n".join(found)
