"""engines.toml: an engine's facts mended as data, walked through as drivers.md tells it."""

from __future__ import annotations

import html
import json
import re
import textwrap
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pixset.scraper import cli
from pixset.scraper.engines import ENGINES, next_page
from pixset.scraper.engines.facts import MARKS
from pixset.scraper.engines.repairs import repair_files, repaired_engines
from pixset.scraper.errors import UsageError
from pixset.scraper.models import PageOutcome, Query
from typer.testing import CliRunner

GUIDE = (Path(__file__).resolve().parents[2] / "drivers.md").read_text(encoding="utf-8")
SECTION = GUIDE.partition("## When an engine changes its page")[2].partition("\n## ")[0]
REPAIR = textwrap.dedent(re.findall(r"```toml\n(.*?)```", SECTION, re.DOTALL)[0])


def changed_page() -> str:
    """Bing's page as it might be tomorrow: other classes, the JSON in another attribute."""
    told = [
        {"murl": f"https://e.org/{n}.jpg", "mid": f"M{n}", "t": f"Pizza {n}",
         "turl": f"https://tse1.mm.bing.net/th?id=OIP.abcdef{n}"}
        for n in range(12)
    ]  # fmt: skip
    tiles = "".join(
        f'<li class="card9"><a class="tile9" data-m="{html.escape(json.dumps(one))}">'
        f'<img src="{one["turl"]}"></a></li>'
        for one in told
    )
    return f'<title>pizza - Bing</title><form><input name="q" value="pizza"></form>{tiles}'


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "bing-1a2b3c4d.html"
    path.write_text(changed_page(), encoding="utf-8")
    return path


@pytest.fixture
def repair(tmp_path: Path) -> Path:
    path = tmp_path / "engines.toml"
    path.write_text(REPAIR, encoding="utf-8")
    return path


def shown(*words: object) -> str:
    ran = CliRunner().invoke(cli.app, [str(word) for word in words])
    assert ran.exit_code == 0, ran.exception
    return ran.stdout


def test_the_guide_s_repair_makes_a_changed_page_readable(page: Path, repair: Path) -> None:
    assert "layout-changed" in shown("inspect", page, "--engine", "bing")
    told = shown("inspect", page, "--engine", "bing", "--engines", repair)
    (promised,) = re.findall(r"`(repaired  .*?)`", SECTION)
    assert promised in told
    assert "12 with the original's URL" in told


def test_the_json_tells_both_readings(page: Path, repair: Path) -> None:
    told = json.loads(shown("inspect", page, "--engine", "bing", "--engines", repair, "--json"))
    assert (told["outcome"], len(told["candidates"])) == ("results", 12)
    assert told["unrepaired"] == {"outcome": "layout-changed", "results": 0}


def test_only_the_engine_that_is_repaired_changes(repair: Path) -> None:
    engines = repaired_engines([repair])
    assert engines["google"] is ENGINES["google"]
    bing = engines["bing"]
    assert (bing.TILES, bing.MORE, bing.NAME) == ("li.card9", ENGINES["bing"].MORE, "bing")
    assert bing.parse(changed_page()).outcome is PageOutcome.RESULTS
    assert bing.url(Query("pizza")) == ENGINES["bing"].url(Query("pizza"))
    assert ENGINES["bing"].parse(changed_page()).outcome is PageOutcome.LAYOUT_CHANGED


def test_later_files_stand_above_earlier_ones(tmp_path: Path) -> None:
    first, second = tmp_path / "a.toml", tmp_path / "b.toml"
    first.write_text('[yahoo.parameters]\nterm = "query"\n[yahoo.selectors]\nmore = "#a"\n')
    second.write_text('[yahoo.selectors]\nmore = "#b"\n[google.marks]\nnothing = ".none"\n')
    yahoo = repaired_engines([first, second])["yahoo"]
    assert yahoo.MORE == "#b"
    assert yahoo.url(Query("a")).endswith("?query=a")
    html = "<title>x</title><p class=none>"
    google = repaired_engines([second])["google"]
    assert google.parse(html).outcome is PageOutcome.EMPTY
    assert ENGINES["google"].parse(html).outcome is PageOutcome.BLOCKED


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[bing", "expected TOML"),
        ("bing = " + "[" * 20_000, "expected TOML"),
        ("[altavista.selectors]\nmore = 'a'", "altavista: no such engine; known: google, bing"),
        ("bing = 3", r"bing: expected tables, as in \[bing.selectors\]"),
        ("[bing]\nORIGIN = 'https://e.org'", "bing.ORIGIN: expected one of selectors, names"),
        ("[bing.selectors]\nmoer = 'a'", "bing.selectors.moer: no such fact; known: basic"),
        ("[bing.selectors]\nmore = 'a..b'", "bing.selectors.more: no CSS selector"),
        ("[bing.selectors]\nmore = 'a:has(b'", "bing.selectors.more: no CSS selector"),
        ("[bing.selectors]\nmore = 'a,'", "bing.selectors.more: no CSS selector"),
        ("[bing.marks]\ncaptcha_paths = '/x'", "bing.marks.captcha_paths: no such fact"),
        ("[bing.marks]\nconsent_hosts = 'x'", "bing.marks.consent_hosts: no such fact"),
        ("[bing.names]\ndata = ''", "bing.names.data: expected some text"),
        ("[bing.names]\ndata = 3", "bing.names.data: expected some text"),
    ],
)
def test_a_mistake_is_one_line_with_file_and_key(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "engines.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=words) as caught:
        repaired_engines([path])
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_or_never_ends_is_the_callers_mistake(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path, Path("/dev/zero")):
        with pytest.raises(UsageError, match=re.escape(str(path))):
            repaired_engines([path])


def test_a_dataset_s_file_counts_by_itself_and_a_named_one_above_it(tmp_path: Path) -> None:
    assert tmp_path / "engines.toml" not in repair_files(tmp_path)
    (tmp_path / "engines.toml").write_text("")
    named = tmp_path / "other.toml"
    assert repair_files(tmp_path, named)[-2:] == (tmp_path / "engines.toml", named)


CSS = st.lists(
    st.sampled_from(
        [
            "a",
            ".b",
            "[c]",
            '[href*="u"]',
            ",",
            " ",
            ">",
            ":is(div, a)",
            ":not(.x)",
            "*",
            "(",
            "]",
            "\\",
        ]
    ),
    min_size=1,
    max_size=5,
).map("".join)
PAGE = (
    '<form><input name=q></form><div class="iuscp b" data-docid=x data-lpage=y>'
    '<a class="iusc" href="/url?q=http://e.org" m="{&quot;murl&quot;:&quot;https://e.org/a&quot;}">'
    '<img src="/t.jpg"></a><a title="Hello">x</a></div><li class=ld data="{}">'
    '<a data-origurl="e.org/a.jpg" href="?imgurl=u"><img data-meta="{}"></a></li>'
)


@pytest.mark.parametrize("engine", ["google", "bing", "yahoo"])
@given(data=st.data(), css=CSS)
def test_a_repair_that_is_taken_ends_no_run(engine: str, data: st.DataObject, css: str) -> None:
    one: Any = ENGINES[engine]
    table = data.draw(st.sampled_from(["selectors", "marks"]))
    known = one.FACTS.selectors if table == "selectors" else MARKS
    try:
        facts = one.FACTS.repaired({table: {data.draw(st.sampled_from(sorted(known))): css}})
    except UsageError:
        return
    for page in (PAGE, PAGE.partition("<div")[0]):
        one.parse(page, "", facts)
        one.next(page, "", facts)


def test_an_engine_keeps_what_no_repair_touches_and_gets_no_more(tmp_path: Path) -> None:
    bing = ENGINES["bing"]
    names = ("NAME", "ORIGIN", "FACTS", "TILES", "url", "parse", "unsupported")
    bare: Any = SimpleNamespace(**{name: getattr(bing, name) for name in names}, WORD="its own")
    path = tmp_path / "engines.toml"
    path.write_text(REPAIR.replace("[bing", "[bare"))
    ENGINES["bare"] = bare
    try:
        mended: Any = repaired_engines([path])["bare"]
    finally:
        del ENGINES["bare"]
    assert mended.parse(changed_page()).outcome is PageOutcome.RESULTS
    assert (mended.TILES, mended.WORD) == ("li.card9", "its own")
    assert next_page(mended, changed_page()) is None
    assert not hasattr(mended, "MORE")


@pytest.mark.parametrize("engine", ENGINES)
def test_facts_repaired_by_themselves_stay_as_they_are(engine: str) -> None:
    facts = ENGINES[engine].FACTS
    tables = {name: dict(getattr(facts, name)) for name in ("selectors", "names", "parameters")}
    assert facts.repaired(tables) == facts
