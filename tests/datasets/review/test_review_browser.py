"""The review page in a real browser: keys do what the page says they do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from pixset.datasets import steps
from pixset.datasets.catalogue import decisions, families, label_findings
from pixset.datasets.catalogue.decisions import Verdict
from pixset.datasets.catalogue.families import MemberRow
from pixset.datasets.catalogue.label_findings import LabelFinding, ProposedPair
from pixset.datasets.project import Project
from pixset.datasets.recipe import toml
from pixset.datasets.recipe.models import Label, Recipe
from pixset.datasets.review import serve
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait
from support import catalogues, pictures
from support.chromium import out_of_reach, serious_findings, show_as

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from selenium import webdriver

    from .conftest import Shelf

pytestmark = pytest.mark.browser


class Page:
    """The review page as a person has it before them."""

    def __init__(self, browser: webdriver.Chrome) -> None:
        self.browser = browser

    def open(self, url: str) -> None:
        self.browser.get(url)
        self.until(lambda: self.run("return document.querySelector('.here')"))

    def until(self, holds: Callable[[], object]) -> None:
        WebDriverWait(self.browser, 30, poll_frequency=0.05).until(lambda _: holds())

    def run(self, script: str) -> Any:
        execute: Any = self.browser.execute_script  # has no types
        return execute(script)

    def press(self, key: str) -> None:
        """As typed on the keyboard: it goes to whatever has the focus."""
        ActionChains(self.browser).send_keys(key).perform()

    def click(self, selector: str) -> None:
        self.browser.find_element(By.CSS_SELECTOR, selector).click()

    def text(self, selector: str) -> str:
        return str(self.browser.find_element(By.CSS_SELECTOR, selector).text)

    def view(self, name: str, figures: int) -> None:
        self.browser.find_element(By.XPATH, f"//nav//button[span='{name}']").click()
        self.until(lambda: self.run("return document.querySelectorAll('figure').length") == figures)

    def states(self) -> list[str]:
        # In one go: a figure that changes is replaced by another.
        script = "return [...document.querySelectorAll('figure')].map(f => f.dataset.state)"
        return list(self.run(script))


@pytest.fixture
def page(browser: webdriver.Chrome) -> Page:
    return Page(browser)


def decided(shelf: Shelf) -> int:
    return sum(one.person is not None for one in shelf.standings().values())


def with_many_labels(shelf: Shelf) -> list[str]:
    """Forty-eight labels in the recipe, `zebra` last."""
    slugs = [f"scene_{n:02}" for n in range(45)] + ["not_pizza", "pizza", "zebra"]
    toml.write(shelf.project.recipe, Recipe("many", labels=tuple(Label(s, s) for s in slugs)))
    return sorted(slugs)


def with_copies(shelf: Shelf) -> list[str]:
    """A family of three of `pizza`: the first is kept, the others are out as its copies."""
    keeper, *copies = shelf.shas[1], shelf.shas[3], shelf.shas[5]
    with shelf.project.open_catalogue() as cat, cat.transaction():
        rows = [MemberRow(sha, keeper, keeper, "copy", 2, 3, 0.01) for sha in copies]
        families.put_members(cat, [MemberRow(keeper, keeper), *rows])
        drops = [Verdict(s, "drop", "rule", "duplicate", {"keeper": keeper}) for s in copies]
        decisions.record_verdicts(cat, drops)
    return [keeper, *copies]


def test_the_page_opens_on_val_and_a_reload_comes_back_to_where_it_was(
    page: Page, shelf: Shelf
) -> None:
    with serve(shelf.project) as running:
        page.open(running.url)
        assert page.text("#views [aria-pressed=true]").startswith("Val")
        page.view("Train", 6)
        page.press("k")
        page.until(lambda: decided(shelf) == 1)
        page.browser.refresh()
        page.until(lambda: page.run("return document.querySelectorAll('figure').length") == 5)
        assert page.text("#views [aria-pressed=true]").startswith("Train")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", [(1300, 850), (640, 450), (390, 844)])
def test_every_control_is_in_reach_and_axe_finds_nothing_serious(
    page: Page, shelf: Shelf, size: tuple[int, int], dark: bool
) -> None:
    with_many_labels(shelf)
    with_copies(shelf)
    show_as(page.browser, *size, dark=dark)
    with serve(shelf.project) as running:
        for view in ("val", "pairs", "families", "findings", "dropped"):
            page.browser.get("about:blank")
            page.browser.get(f"{running.url}#view={view}")
            page.until(
                lambda: page.run("return document.querySelector('.here, #empty:not([hidden])')")
            )
            assert serious_findings(page.browser) == [], view
            assert out_of_reach(page.browser) == [], view
            wide = "return document.documentElement.scrollWidth <= innerWidth"
            assert page.run(wide), f"{view} scrolls sideways"


@pytest.mark.parametrize("width", [340, 390])
def test_a_phone_has_the_decisions_side_by_side(page: Page, shelf: Shelf, width: int) -> None:
    show_as(page.browser, width, 844)
    with serve(shelf.project) as running:
        page.browser.get(f"{running.url}#view=val")
        page.until(lambda: page.run("return document.querySelector('.here')"))
        tops = "return [...document.querySelectorAll('#actions button')].map(e => e.offsetTop)"
        assert len(page.run(tops)) == 3
        assert len(set(page.run(tops))) == 1


@pytest.mark.parametrize("size", [(1300, 850), (640, 450)])
def test_what_opens_over_the_page_is_in_reach_too(
    page: Page, shelf: Shelf, size: tuple[int, int]
) -> None:
    with_many_labels(shelf)
    show_as(page.browser, *size)
    with serve(shelf.project) as running:
        for key, opened in (("l", "relabel"), ("i", "precision"), ("?", "help"), (" ", "zoom")):
            page.open(running.url)
            page.press(key)
            page.until(
                lambda name=opened: page.run(f"return document.getElementById('{name}').open")
            )
            assert serious_findings(page.browser) == [], opened
            assert out_of_reach(page.browser) == [], opened
            page.press(Keys.ESCAPE)
            page.until(lambda: not page.run("return document.querySelector('dialog[open]')"))
        page.press("/")
        assert page.browser.switch_to.active_element.get_attribute("id") == "label-search"
        assert serious_findings(page.browser) == []


def test_a_label_is_found_among_many_by_typing(page: Page, shelf: Shelf) -> None:
    labels = with_many_labels(shelf)
    with serve(shelf.project) as running:
        page.open(running.url)
        assert (
            page.run("return document.querySelectorAll('#labels button').length") == len(labels) + 1
        )
        page.press("/")
        page.press("piz")
        shown = (
            "return [...document.querySelectorAll('#labels span:first-child')]"
            ".map(e => e.textContent)"
        )
        page.until(lambda: page.run(shown) == ["pizza", "not_pizza"])
        page.press(Keys.ENTER)
        page.until(lambda: page.run("return document.querySelectorAll('figure').length") == 1)
        assert page.text("figcaption b") == "pizza"
        page.press("l")
        page.press("zeb")
        page.press(Keys.ENTER)
        page.until(
            lambda: shelf.standings().get(shelf.shas[1], decisions.Standing()).label == "zebra"
        )
        page.until(lambda: page.text("#toast [role=status]") == "now zebra")


def test_the_arrows_choose_among_the_labels_that_fit(page: Page, shelf: Shelf) -> None:
    with_many_labels(shelf)
    with serve(shelf.project) as running:
        page.open(running.url)
        page.press("l")
        page.press("scene_0")
        page.press(Keys.ARROW_DOWN)
        page.press(Keys.ARROW_DOWN)
        assert page.text("#choices [aria-selected=true]") == "scene_02"
        page.press(Keys.ENTER)
        page.until(lambda: decided(shelf) == 1)
        assert {one.label for one in shelf.standings().values() if one.person} == {"scene_02"}


def test_a_word_at_the_foot_takes_back_just_what_it_speaks_of(page: Page, shelf: Shelf) -> None:
    with serve(shelf.project) as running:
        page.open(running.url)
        first = page.browser.current_window_handle
        page.press("d")
        page.until(lambda: decided(shelf) == 1)
        page.until(lambda: page.text("#toast [role=status]") == "dropped")
        page.browser.switch_to.new_window("tab")
        page.open(f"{running.url}#view=train")
        page.press("d")
        page.until(lambda: decided(shelf) == 2)
        second = next(iter(_dropped(shelf) - set(shelf.shas[:2]) - {shelf.torn, shelf.blank}))
        page.browser.switch_to.window(first)
        page.run("document.getElementById('toast-undo').click()")
        page.until(lambda: decided(shelf) == 1)
        assert second in _dropped(shelf)  # the other window's, which was the newest


def test_decisions_do_not_ask_and_do_not_wait_for_an_answer(page: Page, shelf: Shelf) -> None:
    with serve(shelf.project) as running:
        page.open(f"{running.url}#view=train")
        page.press("K")
        page.until(lambda: page.states() == ["kept"] * 6)
        assert not page.run("return document.querySelector('dialog[open]')")
        page.until(lambda: page.text("#toast [role=status]") == "kept: 6 pictures")
        page.click("#toast-undo")
        page.until(lambda: page.states() == ["open"] * 6)
        assert decided(shelf) == 0


def test_the_buttons_at_the_foot_do_what_their_keys_do(page: Page, shelf: Shelf) -> None:
    with serve(shelf.project) as running:
        page.open(f"{running.url}#view=train")
        buttons = page.browser.find_elements(By.CSS_SELECTOR, "#actions button")
        assert [one.text.split() for one in buttons] == [
            ["keep", "k"],
            ["drop", "d"],
            ["relabel", "l"],
        ]
        buttons[1].click()
        page.until(lambda: page.states()[0] == "dropped")
        page.view("Maybe duplicates", 1)
        page.until(lambda: "duplicate" in page.text("#actions"))
        page.click("#actions button")
        page.until(
            lambda: page.run("return document.querySelector('figure').dataset.same") == "true"
        )


def test_a_family_stands_side_by_side_and_another_picture_can_be_kept(
    page: Page, shelf: Shelf
) -> None:
    keeper, second, third = with_copies(shelf)
    with serve(shelf.project) as running:
        page.open(f"{running.url}#view=families")
        shown = "return [...document.querySelectorAll('.member')].map(m => m.dataset.state)"
        assert page.run(shown) == ["open", "dropped", "dropped"]
        tops = (
            "return new Set([...document.querySelectorAll('.member')].map(m => m.offsetTop)).size"
        )
        assert page.run(tops) == 1
        page.press("3")
        page.until(lambda: page.run(shown) == ["dropped", "dropped", "kept"])
        page.until(lambda: decided(shelf) == 3)
        now = shelf.standings()
        assert (now[keeper].dropped, now[second].dropped, now[third].dropped) == (True, True, False)
        assert not now[keeper].looked_at  # nothing was said against its label
        page.press("u")
        page.until(lambda: page.run(shown) == ["open", "dropped", "dropped"])
        assert decided(shelf) == 0


def test_a_keeper_that_was_chosen_stays_through_dedupe_and_split(
    page: Page, tmp_path: Path
) -> None:
    scene = pictures.photo(1)
    copies = [pictures.encode(scene, quality=number) for number in (95, 80, 70)]
    others = [pictures.encode(pictures.photo(n)) for n in range(2, 8)]
    project = catalogues.fill(Project(tmp_path / "pizza"), {"pizza": [*copies, *others]})
    shas = {pictures.sha_of(one) for one in copies}

    def kept() -> set[str]:
        with project.open_catalogue(write=False) as cat:
            stands = decisions.standings(cat)
        return {sha for sha in shas if sha not in stands or not stands[sha].dropped}

    steps.dedupe(project)
    (first,) = kept()
    with serve(project) as running:
        page.open(f"{running.url}#view=families")
        page.press("3")
        page.until(lambda: len(kept()) == 1 and kept() != {first})
    (chosen,) = kept()
    for anew in (False, True):
        assert steps.dedupe(project, anew=anew).kept == {"pizza": 7}
        assert kept() == {chosen}
    tree = steps.split(project).tree
    stems = {path.stem for path in tree.rglob("*.jpg")}
    assert stems & {sha[:16] for sha in shas} == {chosen[:16]}


def test_the_precision_so_far_is_told_by_label_and_engine(page: Page, shelf: Shelf) -> None:
    with serve(shelf.project) as running:
        page.open(running.url)
        page.press("k")
        page.press("d")
        page.until(lambda: decided(shelf) == 2)
        page.press("i")
        page.until(lambda: page.run("return document.querySelector('#precision').open"))
        rows = page.run(
            "return [...document.querySelectorAll('#precision tbody tr')]"
            ".map(r => [...r.cells].map(c => c.textContent).join(' ').replace(/\\u2013/g, '-'))"
        )
        assert rows[0] == "val not_pizza 1 1 0 20.7-100.0 %"
        assert rows[1] == "val pizza 1 1 1 0.0-79.3 %"
        assert "val bing 2 2 1 9.5-90.5 %" in rows
        assert "train bing 6 0 0 not known" in rows


def test_two_windows_see_each_others_decisions_and_lose_none(page: Page, shelf: Shelf) -> None:
    with serve(shelf.project) as running:
        page.open(f"{running.url}#view=train")
        first = page.browser.current_window_handle
        page.browser.switch_to.new_window("tab")
        page.open(f"{running.url}#view=train")
        page.press("d")
        page.until(lambda: decided(shelf) == 1)
        page.browser.switch_to.window(first)
        page.press(Keys.ARROW_RIGHT)
        page.press("k")
        page.until(lambda: decided(shelf) == 2)
        page.browser.refresh()
        page.until(lambda: page.run("return document.querySelectorAll('figure').length") == 4)


def test_a_kill_loses_nothing_and_the_page_says_that_nobody_answers(
    page: Page, shelf: Shelf
) -> None:
    script = (
        "import sys, time; from pathlib import Path; from pixset.datasets.project import Project\n"
        "from pixset.datasets.review import serve\n"
        "with serve(Project.open(Path(sys.argv[1]))) as page:\n"
        "    print(page.url, flush=True); time.sleep(600)"
    )
    command = [sys.executable, "-P", "-c", script, str(shelf.project.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            page.open(f"{running.stdout.readline().strip()}#view=train")
            for key in ("d", "k", "2"):
                page.press(key)
            page.until(lambda: "2" not in page.text("#toast [role=status]") and decided(shelf) == 3)
        finally:
            os.kill(running.pid, signal.SIGKILL)
    page.press("d")
    page.until(lambda: "no longer answers" in page.text("#toast [role=status]"))
    before = shelf.standings()
    with serve(Project(shelf.project.root)) as again:
        page.open(f"{again.url}#view=train")
        assert page.run("return document.querySelectorAll('figure').length") == 3
    assert shelf.standings() == before


def _dropped(shelf: Shelf) -> set[str]:
    return {sha for sha, one in shelf.standings().items() if one.dropped}


def test_keys_drop_keep_relabel_pair_and_undo(page: Page, shelf: Shelf) -> None:
    with serve(shelf.project) as running:
        page.open(running.url)
        page.view("Train", 6)
        first = page.browser.find_elements(By.CSS_SELECTOR, "figure img")[0]
        sha = str(first.get_attribute("src")).rsplit("/", 1)[1].removesuffix(".jpg")
        page.press("d")
        page.press("k")
        page.press("2")
        page.until(lambda: decided(shelf) == 3)
        page.until(lambda: page.states()[:3] == ["dropped", "kept", "kept"])
        assert shelf.standings()[sha].dropped
        for _ in range(3):
            page.press("u")
        page.until(lambda: decided(shelf) == 0)
        page.until(lambda: page.states() == ["open"] * 6)
        page.press("K")
        page.until(lambda: page.states() == ["kept"] * 6)
        page.view("Maybe duplicates", 1)
        page.press("f")
        stated = {frozenset(shelf.pair)}

        def is_stated() -> bool:
            with shelf.project.open_catalogue(write=False) as cat:
                return decisions.links(cat)[1] == stated

        page.until(is_stated)
        page.press(Keys.SPACE)
        page.until(lambda: page.browser.find_element(By.ID, "zoom").is_displayed())
        complaints = [
            entry for entry in page.browser.get_log("browser") if "favicon" not in entry["message"]
        ]
    assert complaints == []


def test_the_last_page_leads_on_to_what_is_left_without_a_keyboard(
    page: Page, shelf: Shelf
) -> None:
    with serve(shelf.project) as running:
        page.open(running.url)
        page.view("Train", 6)
        assert not page.browser.find_element(By.ID, "next").is_enabled()
        page.click("#actions button")
        page.until(lambda: page.browser.find_element(By.ID, "next").is_enabled())
        page.click("#next")
        page.until(lambda: len(page.states()) == 5)
        page.click("#rest")
        page.until(lambda: page.browser.find_element(By.ID, "next").is_enabled())
        page.click("#next")
        page.until(lambda: page.text("#empty") == "All of train has been looked at.")


def test_a_closer_look_at_a_small_picture_is_larger(page: Page, shelf: Shelf) -> None:
    show_as(page.browser, 1300, 850)
    with serve(shelf.project) as running:
        page.open(running.url)
        page.press(Keys.SPACE)
        image = page.browser.find_element(By.CSS_SELECTOR, "#zoom img")
        page.until(lambda: image.size["width"] == 3 * 160)


def test_t_takes_the_label_that_a_model_suggests(page: Page, shelf: Shelf) -> None:
    doubted, alike = shelf.shas[2], shelf.shas[4]
    with shelf.project.open_catalogue() as cat, cat.transaction():
        label_findings.put_label_findings(
            cat, [LabelFinding(doubted, "label", 0.1, "not_pizza", "pizza")]
        )
        label_findings.put_proposed_pairs(cat, [ProposedPair(alike, shelf.shas[6], 0.9)])
    with serve(shelf.project) as served:
        page.open(f"{served.url}#view=labels")
        assert "rather pizza?" in page.text("figure")
        page.press("t")
        page.until(lambda: shelf.standings().get(doubted, decisions.Standing()).label == "pizza")
        page.view("Alike to a model", 1)
        page.until(lambda: "likeness 0.90" in page.text("#grid"))
        page.press("f")
        page.until(lambda: page.text("#views [aria-pressed=true] span:last-child") == "0")
